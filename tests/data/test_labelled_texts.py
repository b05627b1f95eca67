import re

import pytest

from kbert.data import LabelledTexts, read_labelled_texts, read_texts
from kbert.errors import InputError


@pytest.fixture
def write(tmp_path):
    """Writes a file of text or bytes and gives its path."""

    def write_file(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write_file


def rows_of(data: LabelledTexts) -> list[tuple[str, str, int]]:
    return list(zip(data.texts, data.labels, data.line_numbers, strict=True))


def labelled(*labels: str) -> LabelledTexts:
    numbers = list(range(2, len(labels) + 2))
    return LabelledTexts(path="train.tsv", texts=["text"] * len(labels), labels=list(labels), line_numbers=numbers)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "text\tlabel\na film\tgood\n\nno, film\tbad\n"),
        ("a.TSV", "label\ttext\ngood\ta film\n\nbad\tno, film"),
        ("a.csv", 'text,label\na film,good\n\n"no, film",bad\n'),
        ("a.csv", '\nlabel,text\ngood,a film\nbad,"no, film"'),
        ("a.jsonl", '{"text": "a film", "label": "good"}\n\n{"label": "bad", "text": "no, film"}\n'),
    ],
)
def test_every_format_gives_the_same_rows(write, name, content):
    data = read_labelled_texts(write(name, content))
    assert data.texts == ["a film", "no, film"]
    assert data.labels == ["good", "bad"]
    assert len(data) == 2
    lines = content.splitlines()
    assert data.line_numbers == [next(i for i, line in enumerate(lines, 1) if text in line) for text in data.texts]


def test_values_of_json_are_taken_as_their_text(write):
    rows = ['{"text": 5, "label": 1}', '{"text": "caf\\u00e9", "label": true}', '{"text": null, "label": 0.5}']
    path = write("a.jsonl", "\n".join(rows))
    assert rows_of(read_labelled_texts(path)) == [("5", "1", 1), ("café", "true", 2), ("", "0.5", 3)]


@pytest.mark.parametrize(
    ("header", "options", "columns"),
    [
        ("text,label", {}, (0, 1)),
        ("label,text", {}, (1, 0)),
        ("sentence,class", {}, (0, 1)),
        ("utterance,anything", {}, (0, 1)),  # of two columns, the one that is not the text is the label
        ("id,text,intent", {}, (1, 2)),
        ("category,id,text", {}, (2, 0)),
        ("text,sentence,label", {}, (0, 2)),  # "text" comes before its synonyms
        (" text , label ", {}, (0, 1)),
        ("q,a", {"text_column": "q"}, (0, 1)),
        ("q,a", {"label_column": "q"}, (1, 0)),
        ("q,r,a", {"text_column": "a", "label_column": "q"}, (2, 0)),
        ("text,label", {"text_column": "label"}, (1, 0)),
        ("text,label,mood", {"label_column": "mood"}, (0, 2)),
    ],
)
def test_which_columns_are_taken(write, header, options, columns):
    path = write("a.csv", f"{header}\nzero,one{',two' if header.count(',') == 2 else ''}\n")
    cells = ["zero", "one", "two"]
    assert rows_of(read_labelled_texts(path, **options)) == [(cells[columns[0]], cells[columns[1]], 2)]


def test_quotation_marks_are_text_in_tsv(write):
    path = write("a.tsv", 'text\tlabel\n"a film\tgood\nsay "no"\tbad\n')
    assert rows_of(read_labelled_texts(path)) == [('"a film', "good", 2), ('say "no"', "bad", 3)]


def test_quoted_fields_of_csv_hold_anything(write):
    path = write("a.csv", 'text,label\n"two\nlines, ""quoted""",good\nplain,bad\n')
    assert rows_of(read_labelled_texts(path)) == [('two\nlines, "quoted"', "good", 3), ("plain", "bad", 4)]


def test_line_numbers_stay_right_after_a_field_of_two_lines(write):
    path = write("a.csv", 'text,label\n"two\nlines",good\nplain,bad,more\n')
    with pytest.raises(InputError, match=re.escape(f"{path}:4: expected 2 columns (text, label), got 3")):
        read_labelled_texts(path)


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.jsonl"])
def test_windows_files(write, name):
    lines = {
        "a.tsv": "text\tlabel\r\ncafé\tgood\r\n",
        "a.csv": "text,label\r\ncafé,good\r\n",
        "a.jsonl": '{"text": "café", "label": "good"}\r\n',
    }
    path = write(name, b"\xef\xbb\xbf" + lines[name].encode())
    assert rows_of(read_labelled_texts(path)) == [("café", "good", 1 if name == "a.jsonl" else 2)]


def test_other_separators_of_lines_are_text(write):
    path = write("a.tsv", "text\tlabel\none\u2028two\x0bthree\tgood\n")
    assert rows_of(read_labelled_texts(path)) == [("one\u2028two\x0bthree", "good", 2)]


def test_a_very_long_field(write):
    path = write("a.csv", f"text,label\n{'word ' * 50_000},good\n")
    assert len(read_labelled_texts(path).texts[0]) == 250_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", "", ": expected rows of text, the file is empty"),
        ("a.tsv", " \n\n", ": expected rows of text, the file is empty"),
        ("a.tsv", "text\tlabel\n", ": expected rows of text and label after the header, found none"),
        ("a.csv", "text,label\n", ": expected rows of text and label after the header, found none"),
        (
            "a.tsv",
            "text\tlabel\na\tgood\nonly a text\n",
            ":3: expected 2 columns (text, label), got 1. A tab separates columns and cannot stand in one",
        ),
        (
            "a.csv",
            "text,label\nno, film,bad\n",
            ":2: expected 2 columns (text, label), got 3. Quote fields that hold the separator",
        ),
        (
            "a.tsv",
            "text\tlabel\na\tgood\nb\0\tbad\n",
            ":3: expected UTF-8 text, found a NUL byte. Save the file as UTF-8",
        ),
        (
            "a.tsv",
            b"text\tlabel\na\tgood\ncaf\xe9\tbad\n",
            ":3: expected UTF-8, byte 0xe9 is not. Save the file as UTF-8",
        ),
        ("a.csv", 'text,label\n"a" film,good\n', ":2: expected CSV, could not read it (',' expected after '\"')"),
        ("a.csv", 'text,label\n"a film,good\n', ":2: expected CSV, could not read it (unexpected end of data)"),
        ("a.jsonl", '{"text": "a", "label": "good"}\n{"text"\n', ":2: expected a JSON object, could not read it ("),
        ("a.jsonl", '["a", "good"]\n', ":1: expected a JSON object, got list"),
        ("a.jsonl", "[" * 100_000, ":1: expected a JSON object, could not read it ("),
        (
            "a.jsonl",
            '{"text": "a", "label": "good"}\n{"text": "b"}\n',
            ":2: expected the field 'label', got text",
        ),
        (
            "a.jsonl",
            '{"text": "\\ud83d", "label": "good"}\n',
            ":1: expected Unicode text in 'text', found half a surrogate pair",
        ),
        ("a.tsv", "text\tlabel\ttext\na\tgood\tb\n", ":1: expected distinct column names, 'text' stands twice"),
        (
            "a.tsv",
            "q\tr\tlabel\na\tb\tgood\n",
            ":1: expected a column called 'text', the columns are q, r, label. Name yours with --text-column",
        ),
        (
            "a.tsv",
            "text\tr\ts\na\tb\tgood\n",
            ":1: expected a column called 'label', the columns are r, s. Name yours with --label-column",
        ),
        ("a.csv", '"te\nxt",label\na,b,c\n', ":3: expected 2 columns (te xt, label), got 3"),
        ("a.tsv", "text\tlabel\na\tgood\nb\t\n", ":3: expected a label in column 'label', it is empty"),
        (
            "a.jsonl",
            '{"text": "a", "label": null}\n',
            ":1: expected a label in column 'label', it is empty",
        ),
        ("a.txt", "text\tlabel\na\tgood\n", ": expected a file called *.tsv, *.csv or *.jsonl"),
    ],
)
def test_bad_files(write, name, content, message):
    path = write(name, content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_labelled_texts(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text_column": "q"}, "expected a column called 'q', the columns are text, label"),
        ({"label_column": "q"}, "expected a column called 'q', the columns are text, label"),
        (
            {"text_column": "text", "label_column": "text"},
            "expected text and label in two columns, both are to be 'text'",
        ),
    ],
)
def test_unknown_columns(write, options, message):
    path = write("a.tsv", "text\tlabel\na\tgood\n")
    with pytest.raises(InputError, match=f"^{re.escape(f'{path}:1: {message}')}$"):
        read_labelled_texts(path, **options)


@pytest.mark.parametrize("read", [read_labelled_texts, read_texts])
def test_a_file_that_is_none(tmp_path, read):
    with pytest.raises(InputError, match=r"none.tsv: expected a data file, found no such file$"):
        read(tmp_path / "none.tsv")
    (tmp_path / "folder.tsv").mkdir()
    with pytest.raises(InputError, match=r"folder.tsv: expected a data file, it is a folder$"):
        read(tmp_path / "folder.tsv")


def test_texts_without_labels(write):
    assert read_texts(write("a.txt", "one\r\n\ntwo\t2\n")) == ["one", "two\t2"]
    assert read_texts(write("a.csv", 'id,sentence\n1,"one, two"\n')) == ["one, two"]
    assert read_texts(write("a.tsv", "q\tid\none\t1\n"), text_column="q") == ["one"]
    assert read_texts(write("a.jsonl", '{"text": "one"}\n{"text": "two", "more": 2}\n')) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "\n", ": expected rows of text, the file is empty"),
        ("a.txt", b"one\n\xff\n", ":2: expected UTF-8, byte 0xff is not"),
        ("a.tsv", "text\n", ": expected rows of text after the header, found none"),
        ("a.tsv", "q\none\n", ":2: expected the field 'text'"),
    ],
)
def test_bad_files_of_texts(write, name, content, message):
    path = write(name, content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_texts(path, text_column="text" if name == "a.tsv" else None)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["good", "bad", "good"], ["bad", "good"]),
        (["10", "9", "-1"], ["-1", "9", "10"]),
        (["10", "9", "x"], ["10", "9", "x"]),
        (["1", "01", "0"], ["0", "01", "1"]),  # equal numbers keep one order, whatever Python's hashes
        (["²", "1"], ["1", "²"]),  # a digit that is no whole number
        (["--1", "2"], ["--1", "2"]),
    ],
)
def test_labels_are_sorted_as_numbers_where_all_are(labels, expected):
    assert labelled(*labels).label_set() == expected


def test_label_counts():
    assert labelled("good", "bad", "good").label_counts() == {"bad": 1, "good": 2}


def test_the_description_tells_imbalance():
    assert labelled("good", "bad", "good").describe() == "3 rows, 2 labels"
    assert labelled("good", "bad", "good", "good").describe() == (
        "4 rows, 2 labels; imbalanced: 'good' has 3 rows, 'bad' 1 (macro_f1 tells more than accuracy)"
    )


def test_labels_as_positions():
    data = labelled("good", "bad", "good")
    assert data.label_ids(["good", "bad"]) == [0, 1, 0]
    with pytest.raises(InputError, match=r"^train.tsv:3: label 'bad' is unknown to the model. Expected one of: good$"):
        data.label_ids(["good"])
    with pytest.raises(InputError, match=r"Expected one of: go od$"):
        data.label_ids(["go\nod"])
    many = [f"label{i}" for i in range(7)]
    with pytest.raises(InputError, match=r"Expected one of: label0, label1, label2, label3, label4, … \(7 in all\)$"):
        data.label_ids(many)
