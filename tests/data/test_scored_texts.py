import re

import pytest

from kbert.data import read_scored_texts
from kbert.errors import InputError


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.tsv", "text\tscore\na\t1\nb\t-2.5\n", {}),
        ("a.csv", "rating,text\r\n1.,a\r\n -25e-1 ,b\r\n", {}),
        ("a.jsonl", '{"text": "a", "score": 1}\n{"text": "b", "score": -2.5}\n', {}),
        ("a.tsv", "1.0\ta\n-2.50\tb\n", {"columns": ["x", "y"], "text_column": "y"}),
        ("a.tsv", "1.0\ta\n-2.50\tb\n", {"columns": ["x", "y"], "score_column": "x"}),
    ],
)
def test_every_format_gives_the_same_rows(write, name, content, options):
    data = read_scored_texts(write(name, b"\xef\xbb\xbf" + content.encode()), **options)
    assert (data.texts, data.texts_b, data.scores) == (["a", "b"], None, [1.0, -2.5])
    assert data.inputs == ["a", "b"]
    assert data.describe() == "2 rows, scores from -2.5 to 1, -0.75 on average"
    assert list(data.fingerprint_rows()) == ["score 1 1:a3:1.0", "score 1 1:b4:-2.5"]


def test_pairs(write):
    data = read_scored_texts(write("a.csv", "sentence1,sentence2,similarity,genre\na,b,.5,x\n"))
    assert data.inputs == [("a", "b")]
    assert (data.scores, data.line_numbers) == ([0.5], [2])
    assert list(data.fingerprint_rows()) == ["score 2 1:a1:b3:0.5"]


@pytest.mark.parametrize("value", ["high", "", "nan", "inf", "1e999", "3,5", "1_000", "0x1", "true"])
def test_scores_that_are_no_finite_numbers(write, value):
    path = write("a.tsv", f"text\tscore\na\t1\nb\t{value}\n")
    message = f"{path}:3: expected a finite number such as 3.5 in column 'score', got {value!r}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_scored_texts(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\tscore\n", ": expected rows of text and score after the header, found none"),
        (
            "text\ta\tb\n1\t2\t3\n",
            ":1: expected a column called 'score', the columns are a, b. Name yours",
        ),
    ],
)
def test_bad_files(write, content, message):
    path = write("a.tsv", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_scored_texts(path)


def test_sts(shared):
    path = shared / "data" / "sts_images" / "images_2014.tsv"
    data = read_scored_texts(path, columns=["score", "a", "b"], text_column="a", text_b_column="b")
    assert (len(data), data.scores[0]) == (750, 3.6)
    assert data.inputs[0] == ("A cat standing on tree branches.", "A black and white cat is high up on tree branches.")
