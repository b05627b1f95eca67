import re

import pytest

from kbert.data.tables import read_json, read_rows, shown
from kbert.errors import InputError


def test_objects_of_json_know_their_lines(write):
    path = write("a.json", '[\n  {"text": "}{\\"", "more": {\n "a": 1}},\n\n  {"text": "b"}, {"text":\n"c"}\n]')
    rows = read_json(path)
    assert [row.line_number for row in rows] == [2, 5, 5]
    assert rows[0]["more"].line_number == 2
    assert rows[0]["text"] == '}{"'
    found = read_rows(path, suffixes=(".json",))
    assert [(number, row["text"]) for number, row in found] == [(2, '}{"'), (5, "b"), (5, "c")]


def test_windows_json(write):
    rows = read_json(write("a.json", b'\xef\xbb\xbf[\r\n{"text": "caf\xc3\xa9"}\r\n]'))
    assert (rows, rows[0].line_number) == ([{"text": "café"}], 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[\n{"a": }]', ":2: expected JSON, could not read it ("),
        ("[\n}\n", ":2: expected JSON, could not read it ("),
        ("[" * 100_000, ": expected JSON, could not read it ("),
        ('{"a": 1}', ": expected a list of JSON objects, got {'a': 1}"),
        ('[{"a": 1}, 5]', ": expected a list of JSON objects, item 2 is 5"),
        (b"[\n\xff]", ":2: expected UTF-8, byte 0xff is not"),
        (b"[\n\0]", ":2: expected UTF-8 text, found a NUL byte"),
    ],
)
def test_bad_json(write, content, message):
    path = write("a.json", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        list(read_rows(path, suffixes=(".json",)))


def test_kinds_of_files_are_named(write):
    with pytest.raises(InputError, match=r"expected a file called \*.jsonl$"):
        read_rows("a.tsv", suffixes=(".jsonl",))
    with pytest.raises(InputError, match=r"expected a file called \*.tsv, \*.csv or \*.jsonl$"):
        read_rows("a.json")


def test_long_values_are_shown_shortened():
    assert shown("a\nb") == "'a\\nb'"
    assert shown("a" * 100) == "'" + "a" * 58 + "…"
