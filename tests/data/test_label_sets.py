import re
import shutil

import pytest

from kbert.data import LabelSets, read_label_sets
from kbert.errors import InputError


def rows_of(data: LabelSets) -> list[tuple[str, tuple[str, ...], int]]:
    return list(zip(data.texts, data.label_sets, data.line_numbers, strict=True))


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        ("a.tsv", "text\tlabels\na film\tgood, long\nno\t\nday\tgood\n", (2, 3, 4)),
        ("a.csv", 'labels,text\r\n"good,long",a film\r\n"",no\r\ngood,day\r\n', (2, 3, 4)),
        (
            "a.jsonl",
            '{"text": "a film", "labels": ["good", "long"]}\n{"text": "no", "labels": []}\n'
            '{"text": "day", "labels": "good"}\n',
            (1, 2, 3),
        ),
        (
            "a.json",
            '[{"text": "a film",\n "intents": ["good", "long"]},\n {"text": "no"},\n'
            ' {"text": "day", "intents": ["good"]}]',
            (1, 3, 4),
        ),
    ],
)
def test_every_format_gives_the_same_rows(write, name, content, lines):
    path = write(name, b"\xef\xbb\xbf" + content.encode())
    data = read_label_sets(path)
    assert rows_of(data) == list(zip(["a film", "no", "day"], [("good", "long"), (), ("good",)], lines, strict=True))
    assert data.paths == [path] * 3
    assert data.inputs == ["a film", "no", "day"]
    assert data.label_set() == ["good", "long"]
    assert data.describe() == "3 rows, 2 labels, 1.0 a row, 1 rows without any"


def test_the_first_object_may_have_no_labels(write):
    data = read_label_sets(write("a.json", '[{"text": "no"}, {"text": "a film", "intents": ["good"], "slots": {}}]'))
    assert data.label_sets == [(), ("good",)]


def test_separators_and_columns(write):
    path = write("a.tsv", "x|y z\ta film\ta day\n")
    data = read_label_sets(path, columns=["tags", "text", "text_b"], separator="|", label_column="tags")
    assert data.inputs == [("a film", "a day")]
    assert data.label_sets == [("x", "y z")]
    with pytest.raises(InputError, match="separator must be at least one character"):
        read_label_sets(path, separator="")


def test_a_folder_is_read_in_the_order_of_its_names(write, tmp_path):
    first = write("a.json", '[{"text": "1", "labels": ["x"]}]')
    second = write("b.csv", "text,label\n2,y\n3,\n")
    write("c.txt", "not this one")
    data = read_label_sets(tmp_path)
    assert data.path == str(tmp_path)
    assert data.texts == ["1", "2", "3"]
    assert data.paths == [first, second, second]
    with pytest.raises(InputError, match=f"^{re.escape(second)}:2: label 'y' is unknown to the model"):
        data.label_ids(["x"])
    assert data.label_ids(["y", "x"]) == [[1], [0], []]
    write("d.csv", "text,text_b,label\n2,3,y\n")
    with pytest.raises(InputError, match=r"d.csv: expected single texts in all files of .* or pairs"):
        read_label_sets(tmp_path)


def test_a_folder_of_nothing(tmp_path):
    with pytest.raises(InputError, match=r"expected files called \*.json, \*.jsonl, \*.csv, \*.tsv in it, got none$"):
        read_label_sets(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", 'text,labels\na,x\nb,"x,y,x"\n', ":3: expected every label once, 'x' stands 2 times"),
        ("a.json", '[{"text": "a",\n"labels": []}, \n{"text": "a", "labels": ["x", "x"]}]', ":3: expected every"),
        ("a.csv", 'text,labels\nb,"x,,y"\n', ":2: expected labels in 'labels', one of them is empty"),
        ("a.jsonl", '{"text": "a", "labels": [["x"]]}', ":1: expected labels as strings in 'labels', got ['x']"),
        ("a.jsonl", '{"text": "a", "labels": [null]}', ":1: expected labels as strings in 'labels', got None"),
        ("a.jsonl", '{"text": "a", "labels": {"x": 1}}', ":1: expected a list of labels in 'labels', got {'x': 1}"),
        ("a.jsonl", '{"text": "a", "labels": ["\\ud83d"]}', ":1: expected Unicode text in 'labels'"),
        ("a.json", "[]", ": expected rows of text and labels, found none"),
        ("a.csv", "text,labels\n", ": expected rows of text and labels, found none"),
        ("a.csv", "text,a,b\n1,2,3\n", ":1: expected a column called 'labels', the columns are a, b. Name yours"),
        ("a.txt", "text", ": expected a file called *.json, *.jsonl, *.csv or *.tsv"),
    ],
)
def test_bad_files(write, name, content, message):
    path = write(name, content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_label_sets(path)


def test_fingerprints(write):
    def prints(content: str) -> list[str]:
        return list(read_label_sets(write("a.tsv", content)).fingerprint_rows())

    assert prints("text\tlabels\na\tx,yz\n") == ["set 1 2 1:a1:x2:yz"]
    assert prints("text\tlabels\na\tyz,x\n") == ["set 1 2 1:a1:x2:yz"]  # a set has no order
    assert prints("text\ttext_b\tlabels\na\tx\tyz\n") == ["set 2 1 1:a1:x2:yz"]


def test_nlupp(shared, tmp_path):
    folder = shared / "data" / "nlupp"
    for path in folder.glob("banking_fold*.json"):
        shutil.copyfile(path, tmp_path / path.name)
    # One row of the published data has a label twice.
    with pytest.raises(InputError, match=r"banking_fold13.json:1111: expected every label once, 'transfer_payment_dep"):
        read_label_sets(tmp_path)
    (tmp_path / "banking_fold13.json").unlink()
    data = read_label_sets(tmp_path)
    assert data.texts[0] == "How long does it usually take to get a new pin?"
    assert data.label_sets[0] == ("how_long", "pin", "arrival", "new")
    assert (data.paths[0], data.line_numbers[0]) == (str(tmp_path / "banking_fold0.json"), 2)
    assert len(data) == 1968
    with pytest.raises(InputError, match=r"ontology.json: expected a list of JSON objects, got "):
        read_label_sets(folder / "ontology.json")
