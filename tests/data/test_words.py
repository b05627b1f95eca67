import itertools
import random

import pytest
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from kbert.data.words import character_edges, split_words

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \t\r\n\u00a0\u3000", []),
        ("the day", ["the", "day"]),
        ("  the\u00a0day \n", ["the", "day"]),
        ("don't", ["don't"]),
        ("3.5 km/h, U.S.A", ["3.5", "km/h", ",", "U.S.A"]),
        ("U.S.", ["U.S", "."]),
        ("(“Yes…”)", ["(", "“", "Yes", "…", "”", ")"]),
        ("... $5+ a..b", [".", ".", ".", "$", "5", "+", "a..b"]),
        ("@user #tag", ["@", "user", "#", "tag"]),
        # Accents, composed or not, belong to their letters.
        ("café, cafe\u0301.", ["café", ",", "cafe\u0301", "."]),
        # Ideographs, and words among them; a variation selector belongs to what stands before it.
        ("我爱北京(Beijing)。", ["我", "爱", "北", "京", "(", "Beijing", ")", "。"]),
        ("中don't,好", ["中", "don't", ",", "好"]),
        ("葛\U000e0100飾", ["葛\U000e0100", "飾"]),
        # BERT does not split kana, hangul or Thai.
        ("ひらがな 한국어 ภาษาไทย", ["ひらがな", "한국어", "ภาษาไทย"]),
        ("العَرَبِيَّة، نعم؟", ["العَرَبِيَّة", "،", "نعم", "؟"]),
        ("टिप्पणि\u200dयों।", ["टिप्पणि\u200dयों", "।"]),
        # Emoji are no punctuation, unless their first part is; none is cut.
        (f"{FAMILY}! ok{FAMILY}", [FAMILY, "!", f"ok{FAMILY}"]),
        ("*\ufe0f\u20e3 wow\u203c\ufe0f", ["*\ufe0f\u20e3", "wow", "\u203c\ufe0f"]),
        # BERT drops these without a space in their place: inside a word they stay, outside they are none.
        ("wat\u200bched \u200bem\u200b. a\x0bb \ufffd", ["wat\u200bched", "em", ".", "a\x0bb"]),
        ("a\u2028b\u200a\u202fc", ["a", "b", "c"]),
    ],
)
def test_words(text, words):
    spans = split_words(text)
    assert [text[start:end] for start, end in spans] == words
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


def test_offsets_are_in_code_points():
    assert split_words("e\u0301😀 好a") == [(0, 3), (4, 5), (5, 6)]


def test_edges_of_characters():
    assert character_edges("ab") == {0, 1, 2}
    assert character_edges("") == {0}
    assert character_edges("e\u0301a") == {0, 2, 3}
    assert character_edges(f"{FAMILY}x") == {0, 5, 6}


def bert_words(text: str) -> list[str]:
    rules = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False)
    return [word for word, _ in BertPreTokenizer().pre_tokenize_str(rules.normalize_str(text))]


def test_every_word_is_made_of_whole_pieces_of_bert():
    """No piece reaches over two words, and none is lost: the pieces of the words are those of the text."""
    signs = "ab.,!'$-“”… \t\r\n\u00a0\u2003\u200b\u200d\ufeff\x0b\x85\ufffd好京\u0301\ufe0f\u20e3*é😀ʹक्षعَ\U000e0100한。"
    source = random.Random(3)
    for _ in range(3000):
        text = "".join(source.choices(signs, k=source.randrange(12)))
        words = [text[start:end] for start, end in split_words(text)]
        assert [piece for word in words for piece in bert_words(word)] == bert_words(text), ascii(text)
        assert all(map(bert_words, words)), ascii(text)


@pytest.mark.parametrize(
    ("first", "last"),
    [(0, 0x3500), (0x9F00, 0xAC00), (0xF800, 0x12000), (0x1E000, 0x20100), (0x2A600, 0x2BA00), (0x2CE00, 0x2CF00)],
)
def test_every_character_splits_words_where_it_splits_berts(first, last):
    """Each character between two letters, wherever punctuation and ideographs begin or end in Unicode."""
    for start in range(first, last, 0x100):
        text = " ".join(f"a{chr(code)}b" for code in range(start, start + 0x100))
        words = [text[begin:end] for begin, end in split_words(text)]
        assert bert_words(" ".join(words)) == bert_words(text)
