import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kbert.errors import InputError
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer
from kbert.vocabulary import train_vocabulary, vocabulary_report, write_vocabulary

ROOT = Path(__file__).parent.parent
LANGUAGES = [
    *("arb", "ben", "ces", "cmn_hans", "deu", "ell_monotonic", "eng", "fin", "fra", "heb", "hin", "hun", "ind", "ita"),
    *("jpn", "kor", "nld", "pol", "por_PT", "rus", "spa", "swh", "tam", "tha", "tur", "ukr", "vie"),
]


@pytest.fixture
def write(tmp_path):
    def write_file(content: str, name: str = "text.txt") -> Path:
        path = tmp_path / name
        path.write_text(content, "utf-8")
        return path

    return write_file


def characters_of(tokens: list[str]) -> set[str]:
    return {character for token in tokens[5:] for character in token.removeprefix("##")}


def unknown_words(tokenizer: BertTokenizer, text: str) -> list[str]:
    """The words that became [UNK], normalized, but for those of more than 100 characters."""
    library = tokenizer.library_tokenizer()
    words = [word for word, _ in library.pre_tokenizer.pre_tokenize_str(library.normalizer.normalize_str(text))]
    rows = tokenizer.token_ids_batch(words)
    unknown = tokenizer.token_id("[UNK]")
    return [word for word, row in zip(words, rows, strict=True) if unknown in row and len(word) <= 100]


def test_a_small_vocabulary(write):
    path = write("low lower lowest\n\nlow low")
    assert train_vocabulary([path], size=100) == [
        *SPECIAL_TOKENS,
        *("e", "l", "o", "r", "s", "t", "w"),
        *("##e", "##l", "##o", "##r", "##s", "##t", "##w"),
        *("lo", "low", "lowe"),  # (l, ##o) and (##o, ##w) occur 5 times: the first goes first
    ]


def test_special_and_reserved_tokens_come_first(write):
    tokens = train_vocabulary([write("a b a b")], size=100, reserved=["[unused0]", "[ENT]", "[MASK]"])
    assert tokens == [*SPECIAL_TOKENS, "[unused0]", "[ENT]", "a", "b", "##a", "##b"]
    assert tokens[0] == "[PAD]"


def test_case_is_folded_or_kept(write):
    path = write("Ärger ärger Ärger")
    assert "arger" in train_vocabulary([path], size=100)
    cased = train_vocabulary([path], size=100, lowercase=False)
    assert {"Ä", "ä", "##Ä", "Ärger"} <= set(cased)
    assert "arger" not in cased


def test_pairs_must_occur_often_enough(write):
    path = write("ab ab ab cd cd")
    assert {"ab", "cd"} <= set(train_vocabulary([path], size=100, min_frequency=2))
    often = train_vocabulary([path], size=100, min_frequency=3)
    assert "ab" in often
    assert "cd" not in often


def test_every_character_stands_alone_and_with_prefix(write):
    path = write("Hello world , 你好 ! x-y (z)")
    tokens = set(train_vocabulary([path], size=100))
    for character in "helowrd,你好!x-yz()":
        assert {character, f"##{character}"} <= tokens


def test_rare_characters_may_go(write):
    path = write("ab " * 49 + "a☃")  # 98 letters, then a and a snowman: 1 of 100 characters
    assert "☃" in train_vocabulary([path], size=100, coverage=0.991)
    kept = train_vocabulary([path], size=100, coverage=0.99)
    assert characters_of(kept) == {"a", "b"}
    assert unknown_words(BertTokenizer(kept), "ab a☃ ba") == ["a☃"]


def test_a_size_too_small_for_the_characters(write):
    path = write("the quick brown fox jumps over the lazy dog")
    smallest = 5 + 2 * 26
    message = f"size must be at least {smallest}: the text has 26 characters, each needs two tokens"
    with pytest.raises(InputError, match=re.escape(message) + r".* Received: 56$"):
        train_vocabulary([path], size=smallest - 1)
    assert len(train_vocabulary([path], size=smallest)) == smallest


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 0}, "size must be at least 1. Received: 0"),
        ({"size": 50, "min_frequency": 0}, "min_frequency must be at least 1. Received: 0"),
        ({"size": 50, "coverage": 0.0}, "coverage must be above 0 and at most 1. Received: 0.0"),
        ({"size": 50, "coverage": float("nan")}, "coverage must be above 0 and at most 1. Received: nan"),
        ({"size": 50, "reserved": ["a b"]}, "reserved tokens must be text without white space. Received: 'a b'"),
        ({"size": 50, "reserved": [""]}, "reserved tokens must be text without white space. Received: ''"),
    ],
)
def test_settings_out_of_range(write, settings, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        train_vocabulary([write("text")], **settings)


def test_text_without_a_sentence(write):
    with pytest.raises(InputError, match=r"text\.txt: expected text, found no sentence\. Give other files$"):
        train_vocabulary([write(" \n\n")], size=50)


def test_every_format_gives_the_same_vocabulary(write, tmp_path):
    text = "low lower lowest. Newer newest.\nwide wider\n\nlow"
    plain = write(text)
    (tmp_path / "text.txt.gz").write_bytes(gzip.compress(text.encode()))
    rows = write("".join(json.dumps({"text": part}) + "\n" for part in text.split("\n\n")), "text.jsonl")
    expected = train_vocabulary([plain], size=60)
    assert train_vocabulary([tmp_path / "text.txt.gz"], size=60) == expected
    assert train_vocabulary([rows], size=60) == expected


TRAIN = """
import sys
from kbert.vocabulary import train_vocabulary
print(train_vocabulary(sys.argv[1:], size=1500, min_frequency=1))
"""


def test_another_process_gives_the_same_vocabulary(shared):
    """The trainer's hash tables are seeded anew in every process; many pairs of this text have the same count."""
    path = str(shared / "data" / "udhr2" / "fin.txt")
    command = [sys.executable, "-c", TRAIN, path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    outputs = {subprocess.run(command, capture_output=True, env=environment, check=True).stdout for _ in range(3)}
    assert len(outputs) == 1


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_can_spell_itself(shared, tmp_path, language, lowercase):
    path = shared / "data" / "udhr2" / f"{language}.txt"
    text = path.read_text("utf-8")
    tokens = train_vocabulary([path], size=2000, lowercase=lowercase)
    tokenizer = BertTokenizer(tokens, lowercase=lowercase)
    assert len(tokens) == len(set(tokens)) <= 2000
    assert all({character, f"##{character}"} <= set(tokens) for character in characters_of(tokens))
    assert unknown_words(tokenizer, text) == []

    lines = text.split("\n")
    half = tmp_path / "half.txt"
    half.write_text("\n".join(lines[: len(lines) // 2]), "utf-8")
    tokens = train_vocabulary([half], size=1500, lowercase=lowercase)
    seen = characters_of(tokens)
    unknown = unknown_words(BertTokenizer(tokens, lowercase=lowercase), "\n".join(lines[len(lines) // 2 :]))
    assert all(set(word) - seen for word in unknown)


def test_a_report_by_hand():
    tokenizer = BertTokenizer([*SPECIAL_TOKENS, "low", "##er", "##s", "."])
    report = vocabulary_report(tokenizer, ["low lowers .", "Low high"])
    assert (report.words, report.tokens, report.unknown_words) == (5, 7, 1)
    assert report.tokens_per_word == pytest.approx(1.4)
    assert report.unknown_percent == pytest.approx(20.0)
    with pytest.raises(InputError, match=r"^expected text to try the vocabulary on, found no word$"):
        vocabulary_report(tokenizer, [" "])


def test_a_vocabulary_file_is_read_back(tmp_path):
    tokens = [*SPECIAL_TOKENS, "ä", "\u2028", "##ä"]
    write_vocabulary(tmp_path / "vocab.txt", tokens)
    assert BertTokenizer(tmp_path / "vocab.txt").vocabulary == tokens
    assert [path.name for path in tmp_path.iterdir()] == ["vocab.txt"]
