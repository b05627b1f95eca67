import re

import pytest

from kbert.data import LabelledTexts, read_labelled_texts, read_pairs, read_texts
from kbert.errors import InputError


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


@pytest.mark.parametrize(
    ("header", "options", "expected"),
    [
        ("text,text_b,label", {}, ("zero", "one", "two")),
        ("hypothesis,mood,premise", {}, ("two", "zero", "one")),
        ("sentence1,sentence2,score", {}, ("zero", "one", "two")),
        ("question1,label,question2", {}, ("zero", "two", "one")),
        ("text,other,label", {"text_b_column": "other"}, ("zero", "one", "two")),
        ("a,b,c", {"text_b_column": "a", "label_column": "b"}, ("two", "zero", "one")),
        ("premise,hypothesis,label", {"text_b_column": "premise", "text_column": "label"}, ("two", "zero", "one")),
        ("label,hypothesis,premise", {"text_b_column": "hypothesis"}, ("two", "one", "zero")),
        # Only one text: the second is not asked for.
        ("text,other,label", {}, ("zero", None, "two")),
        ("text,text_b,label", {"text_column": "text"}, ("zero", None, "two")),
        ("text,text_b,other", {"label_column": "text_b"}, ("zero", None, "one")),
        ("text,sentence2,label", {}, ("zero", None, "two")),
    ],
)
def test_when_a_second_text_is_taken(write, header, options, expected):
    data = read_labelled_texts(write("a.csv", f"{header}\nzero,one,two\n"), **options)
    text, text_b, label = expected
    assert (data.texts, data.texts_b, data.labels) == ([text], None if text_b is None else [text_b], [label])
    assert data.inputs == [text if text_b is None else (text, text_b)]


def test_a_pair_without_a_label(write):
    path = write("a.tsv", "text\ttext_b\none\ttwo\n")
    with pytest.raises(InputError, match=r":1: expected a column called 'label', the columns are none. Name yours"):
        read_labelled_texts(path)
    with pytest.raises(InputError, match=r"expected text and second text in two columns, both are to be 'text'$"):
        read_labelled_texts(path, text_column="text", text_b_column="text")


@pytest.mark.parametrize(("name", "separator"), [("a.tsv", "\t"), ("a.csv", ",")])
def test_files_without_a_header(write, name, separator):
    path = write(name, b"\xef\xbb\xbf" + f"good{separator}a film\r\n\r\nbad{separator}a day\r\n".encode())
    data = read_labelled_texts(path, columns=["label", "text"])
    assert rows_of(data) == [("a film", "good", 1), ("a day", "bad", 3)]
    assert read_texts(path, columns=["mood", "text"]) == ["a film", "a day"]
    with pytest.raises(InputError, match=rf"{name}:1: expected 3 columns \(a, b, c\), got 2"):
        read_labelled_texts(path, columns=["a", "b", "c"], text_column="a", label_column="b")
    with pytest.raises(InputError, match=r":1: expected distinct column names, 'a' stands twice$"):
        read_labelled_texts(path, columns=["a", "a"])
    with pytest.raises(InputError, match=r":1: columns are for a file without a header, and here is one. Leave"):
        read_labelled_texts(path, columns=["good", "a film"])


def test_columns_are_not_for_json(write):
    with pytest.raises(InputError, match=r"a.jsonl: columns name those of a .tsv or .csv without a header"):
        read_labelled_texts(write("a.jsonl", '{"text": "a", "label": "b"}'), columns=["text", "label"])


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("question,context,id\nwhy,so,1\n", {}, ("why", "so")),
        ("premise,hypothesis\nwhy,so\n", {}, ("why", "so")),
        ("a,b,c\n1,why,so\n", {"first_column": "c", "second_column": "b"}, ("so", "why")),
        ("why,so\n", {"columns": ["question", "context"]}, ("why", "so")),
    ],
)
def test_pairs_without_labels(write, content, options, expected):
    assert read_pairs(write("a.csv", content), **options) == [expected]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("a,b\n1,2\n", {}, ":1: expected columns called question and context or text and text_b or "),
        ("a,b\n1,2\n", {"first_column": "a"}, ": expected the names of both columns of a pair, or of none, got one"),
        ("a,b\n1,2\n", {"first_column": "a", "second_column": "c"}, ":1: expected a column called 'c'"),
        ("question,context\n", {}, ": expected rows of two texts after the header, found none"),
    ],
)
def test_bad_pairs(write, content, options, message):
    path = write("a.csv", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_pairs(path, **options)


def test_fingerprints_tell_texts_apart(write):
    def prints(content: str) -> list[str]:
        return list(read_labelled_texts(write("a.tsv", content)).fingerprint_rows())

    # As it always was: runs begun by an older version go on.
    assert prints("text\tlabel\na film\tgood\n") == ["6:a film4:good"]
    assert prints("text\ttext_b\tlabel\na\tbc\tgood\n") == ["pair 1:a2:bc4:good"]
    assert prints("text\ttext_b\tlabel\nab\tc\tgood\n") == ["pair 2:ab1:c4:good"]


def test_pairs_are_described_as_such(write):
    data = read_labelled_texts(write("a.tsv", "text\ttext_b\tlabel\na\tb\tgood\n"))
    assert data.describe() == "1 pairs, 1 labels"


def test_snli(shared, tmp_path):
    """Three parallel files, as `paste` puts them together."""
    folder = shared / "data" / "snli"
    parts = [(folder / f"{name}.dev").read_text("utf-8").splitlines() for name in ("s1", "s2", "labels")]
    path = tmp_path / "dev.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in zip(*parts, strict=True)), "utf-8")
    data = read_labelled_texts(path, columns=["premise", "hypothesis", "label"])
    assert data.label_counts() == {"contradiction": 3278, "entailment": 3329, "neutral": 3235}
    assert data.inputs[1] == (
        "Two women are embracing while holding to go packages . ",
        "Two woman are holding packages . ",
    )
