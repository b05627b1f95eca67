import re

import pytest

from kbert.data.conll import read_conll
from kbert.errors import InputError


def rows_of(path: str, columns: list[str] | None = None) -> list[list[tuple[str, str, int]]]:
    return [
        list(zip(sentence.tokens, sentence.tags, sentence.line_numbers, strict=True))
        for sentence in read_conll(path, columns)
    ]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a\tO\nb\tB-X\n\nc\tO\n", [[("a", "O", 1), ("b", "B-X", 2)], [("c", "O", 4)]]),
        ("\n\t\n \na\tO\r\n\r\n\r\nc\tO", [[("a", "O", 4)], [("c", "O", 7)]]),
        ("a  O \nb B-X\n", [[("a", "O", 1), ("b", "B-X", 2)]]),
        ("a NNP B-NP O\nb NNP I-NP B-X\n", [[("a", "O", 1), ("b", "B-X", 2)]]),
        ("# id = 1\n#\n#two words\na\tO\n# in the middle\n#\tO\n", [[("a", "O", 4), ("#", "O", 6)]]),
        ("# id = 1\n# a comment\na O\n# O\n# x = y\n#x O\n", [[("a", "O", 3), ("#", "O", 4), ("#x", "O", 6)]]),
        ("-DOCSTART- -X- O O\n\na N N O\n-DOCSTART- -X- O O\nb N N O\n", [[("a", "O", 3)], [("b", "O", 5)]]),
        # A token may hold spaces, and characters that nobody sees.
        (
            "5 000\tNUM\n5\u00a0000\tNUM\n\ufe0f\tSYM\n",
            [[("5 000", "NUM", 1), ("5\u00a0000", "NUM", 2), ("\ufe0f", "SYM", 3)]],
        ),
        ("5\u00a0000 NUM\n", [[("5\u00a0000", "NUM", 1)]]),
        ("token\ttag\na\tO\n", [[("a", "O", 2)]]),
    ],
)
def test_sentences(write, content, rows):
    assert rows_of(write("a.conll", b"\xef\xbb\xbf" + content.encode())) == rows


def test_named_columns(write):
    path = write("a.iob2", "1\tParis\tB-LOC\t-\n2\tis\tO\t-\n")
    assert rows_of(path, ["id", "token", "ner", "by"]) == [[("Paris", "B-LOC", 1), ("is", "O", 2)]]
    with pytest.raises(InputError, match=r"a.iob2: columns must name one of tag, ner, .* Received: token, x$"):
        rows_of(path, ["token", "x"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tO\nb\n", ":2: expected 2 columns separated by tabs, a token and last its tag, got 1 in 'b'. A tab sep"),
        ("a\tO\nb O\n", ":2: expected 2 columns separated by tabs, a token and last its tag, got 1 in 'b O'"),
        ("a\tO\nb\tO\tO\n", ":2: expected 2 columns separated by tabs, a token and last its tag, got 3"),
        ("a O\nb\n", ":2: expected 2 columns separated by spaces, a token and last its tag, got 1 in 'b'"),
        ("a\nb\n", ":1: expected 2 columns separated by spaces, a token and last its tag, got 1 in 'a'"),
        ("a\tO\n\tO\n", ":2: expected a token and its tag, one is empty in '\\tO'"),
        ("a\t\n", ":1: expected a token and its tag, one is empty in 'a\\t'"),
        ("a\tO\n\0\tO\n", ":2: expected UTF-8 text, found a NUL byte"),
        (b"a\tO\n\xff\tO\n", ":2: expected UTF-8, byte 0xff is not"),
    ],
)
def test_bad_files(write, content, message):
    path = write("a.conll", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        rows_of(path)
