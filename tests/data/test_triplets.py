import re

import pytest

from kbert.data import read_triplets
from kbert.errors import InputError


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.tsv", "id\tanchor\tpositive\tnegative\n1\ta\tb\tc\n", {}),
        ("a.csv", "neg,pos,query\r\nc,b,a\r\n", {}),
        ("a.jsonl", '{"anchor": "a", "positive": "b", "negative": "c"}', {}),
        ("a.tsv", "a\tb\tc\n", {"columns": ["anchor", "positive", "negative"]}),
        ("a.csv", "x,y,z\nc,b,a\n", {"anchor_column": "z", "positive_column": "y", "negative_column": "x"}),
    ],
)
def test_every_format_gives_the_same_rows(write, name, content, options):
    data = read_triplets(write(name, b"\xef\xbb\xbf" + content.encode()), **options)
    assert (data.anchors, data.positives, data.negatives) == (["a"], ["b"], ["c"])
    assert data.inputs == [("a", "b", "c")]
    assert data.describe() == "1 triplets"
    assert list(data.fingerprint_rows()) == ["triplet 3 1:a1:b1:c"]


def test_pairs(write):
    data = read_triplets(write("a.csv", "question,answer\na,b\nc,d\n"))
    assert (data.anchors, data.positives, data.negatives) == (["a", "c"], ["b", "d"], None)
    assert data.inputs == [("a", "b"), ("c", "d")]
    assert data.line_numbers == [2, 3]
    assert data.describe() == "2 pairs"
    assert list(data.fingerprint_rows()) == ["triplet 2 1:a1:b", "triplet 2 1:c1:d"]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("anchor,positive\na, \n", {}, ":2: expected a text in column 'positive', it is empty"),
        ("anchor,other\na,b\n", {}, ":1: expected a column called 'positive', the columns are anchor, other"),
        (
            "anchor,positive\na,b\n",
            {"negative_column": "c"},
            ":1: expected a column called 'c', the columns",
        ),
        ("anchor,positive\n", {}, ": expected rows of texts after the header, found none"),
    ],
)
def test_bad_files(write, content, options, message):
    path = write("a.csv", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_triplets(path, **options)
