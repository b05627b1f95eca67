"""Raw text to words, the units that are tagged: what BERT's own splitting gives, put together to what people write."""

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Self

import regex

Span = tuple[int, int]


class SplitText(str):
    """A text that comes with its words, `words`, as data sets have them: it goes wherever a text goes."""

    words: Sequence[Span]

    def __new__(cls, text: str, words: Sequence[Span]) -> Self:
        made = super().__new__(cls, text)
        made.words = words
        return made

    def __getnewargs__(self) -> tuple[str, Sequence[Span]]:  # type: ignore[override]
        return str(self), self.words  # for copies


def words_of(text: str) -> Sequence[Span]:
    """The words that a text came with, or those that `split_words` finds."""
    return text.words if isinstance(text, SplitText) else split_words(text)


# The ideographs that BERT puts spaces around, as in the tokenizers library.
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


def split_words(text: str) -> list[Span]:
    """The words of a text as (start, end) in code points, in order.

    White space separates words. Punctuation before and behind a word is split off character by character, and stays
    inside one: `don't`, `3.5`. Each CJK ideograph is a word. No character is cut: combining marks and the parts of an
    emoji stay together. White space, punctuation and ideographs are what they are to BERT, so a token never reaches
    over two words; what BERT drops, such as control characters, is no word and separates none.

    Example:
        >>> text = "“Don't go to 北京!” (3.5 km)"
        >>> [text[start:end] for start, end in split_words(text)]
        ['“', "Don't", 'go', 'to', '北', '京', '!', '”', '(', '3.5', 'km', ')']
    """
    words: list[Span] = []
    run: list[Span] = []  # pieces without white space or an ideograph between them
    end = 0
    for piece in _whole_characters(text, _bert_pieces(text)):
        if any(_is_space(character) for character in text[end : piece[0]]):
            words += _joined(text, run)
            run = []
        if _is_ideograph(text[piece[0]]):
            words += [*_joined(text, run), piece]
            run = []
        else:
            run.append(piece)
        end = piece[1]
    return words + _joined(text, run)


def character_edges(text: str) -> set[int]:
    """The positions in a text at which no character is cut: Unicode's extended grapheme clusters (UAX #29)."""
    if text.isascii():
        return set(range(len(text) + 1))
    return {0, *(match.end() for match in regex.finditer(r"\X", text))}


def _bert_pieces(text: str) -> list[Span]:
    """The pieces that BERT cuts a text into before WordPiece: each punctuation mark and each ideograph is one."""
    from tokenizers import PreTokenizedString

    normalizer, splitter = _bert_rules()
    pieces = PreTokenizedString(text)
    pieces.normalize(normalizer.normalize)
    splitter.pre_tokenize(pieces)
    return [span for _, span, _ in pieces.get_splits(offset_referential="original", offset_type="char")]


@functools.cache
def _bert_rules() -> tuple[Any, Any]:
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    # Folding case and stripping accents move no edge of a piece.
    rules = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False)
    return rules, BertPreTokenizer()


def _whole_characters(text: str, pieces: list[Span]) -> Iterator[Span]:
    """Joins pieces where the edge between them cuts a character: the keycap *️⃣ begins with punctuation."""
    edges = character_edges(text)
    start = None
    for index, (first, end) in enumerate(pieces):
        start = first if start is None else start
        followed = index + 1 < len(pieces) and pieces[index + 1][0] == end
        if end in edges or not followed:
            yield start, end
            start = None


def _joined(text: str, run: list[Span]) -> list[Span]:
    """The pieces of a run from the first that is no punctuation to the last in one, and those around them."""
    inner = [index for index, (start, _) in enumerate(run) if not _is_punctuation(text[start])]
    if not inner:
        return run
    first, last = inner[0], inner[-1]
    return [*run[:first], (run[first][0], run[last][1]), *run[last + 1 :]]


def _is_space(character: str) -> bool:
    # Python takes some control characters for white space, which BERT drops.
    return character in "\t\n\r" or (character.isspace() and unicodedata.category(character) != "Cc")


def _is_punctuation(character: str) -> bool:
    # All of ASCII that is no letter and no digit is punctuation to BERT, such as $ and +.
    if character.isascii():
        return not character.isalnum()
    return unicodedata.category(character).startswith("P")


def _is_ideograph(character: str) -> bool:
    return character >= "\u3400" and any(first <= ord(character) <= last for first, last in _IDEOGRAPHS)
