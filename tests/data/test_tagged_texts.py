import json
import re

import pytest

from kbert.data import TaggedTexts, read_tagged_texts
from kbert.errors import InputError


def words_of(data: TaggedTexts, index: int) -> list[tuple[str, str]]:
    text = data.texts[index]
    return [(text[s:e], tag) for (s, e), tag in zip(data.words[index], data.tags[index], strict=True)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.conll", "In\tO\nNew\tB-LOC\nYork\tI-LOC\n\nno\tO\n"),
        ("a.iob2", "In\tO\r\nNew\tI-LOC\r\nYork\tI-LOC\r\n\r\nno\tO\r\n"),
        ("a.tsv", "# x\nIn\tO\nNew\tB-LOC\nYork\tE-LOC\n\nno\tO\n"),
        ("a.txt", "In O\nNew B-LOC\nYork L-LOC\n\nno O\n"),
        (
            "a.jsonl",
            '{"text": "In New York", "entities": [[3, 11, "LOC"]]}\n\n{"text": "no", "entities": []}\n',
        ),
        (
            "a.jsonl",
            '{"text": "In New York", "spans": [{"start": 3, "end": 11, "label": "LOC"}]}\n\n'
            '{"text": "no", "spans": []}',
        ),
        (
            "a.jsonl",
            '{"tokens": ["In", "New", "York"], "tags": ["O", "B-LOC", "I-LOC"]}\n\n{"tokens": ["no"], "tags": ["O"]}',
        ),
    ],
)
def test_every_format_gives_the_same_texts(write, name, content):
    data = read_tagged_texts(write(name, b"\xef\xbb\xbf" + content.encode()))
    assert data.inputs == data.texts == ["In New York", "no"]
    assert data.words == [[(0, 2), (3, 6), (7, 11)], [(0, 2)]]
    assert data.tags == [["O", "B-LOC", "I-LOC"], ["O"]]
    assert [data.spans(0), data.spans(1)] == [[(3, 11, "LOC")], []]
    assert (data.scheme, data.warnings) == ("BIO", ())
    assert data.label_set() == ["O", "B-LOC", "I-LOC"]
    assert data.describe() == "2 texts, 4 words, 1 entities of 1 kinds"
    first, second = content.find("In"), content.find("no")
    assert data.line_numbers == [content.count("\n", 0, first) + 1, content.count("\n", 0, second) + 1]


def test_plain_tags(write):
    data = read_tagged_texts(write("a.tsv", "It\tPRON\nis\tAUX\n5 000\tNUM\n\nis\tAUX\n"))
    assert (data.scheme, data.label_set()) == ("none", ["AUX", "NUM", "PRON"])
    assert data.texts == ["It is 5 000", "is"]
    assert words_of(data, 0) == [("It", "PRON"), ("is", "AUX"), ("5 000", "NUM")]
    assert data.spans(0) == []
    assert data.describe() == "2 texts, 4 words, 3 tags"
    assert data.label_ids(["NUM", "AUX", "PRON"]) == [[2, 1, 0], [1]]
    with pytest.raises(InputError, match=r"a.tsv:1: label 'PRON' is unknown to the model. Expected one of: AUX, NUM$"):
        data.label_ids(["AUX", "NUM"])


def test_imbalance_is_told(write):
    data = read_tagged_texts(write("a.tsv", "a\tB-X\nb\tB-X\nc\tB-X\nd\tB-Y\n"))
    assert data.describe() == "1 texts, 4 words, 4 entities of 2 kinds; imbalanced: 'X' has 3, 'Y' 1"


def test_repairs_are_told_in_one_line(write):
    path = write("a.conll", "# x\na\tB-X\nb\tO\n# y\nc\tI-X\n\nd\tI-Y\n")
    data = read_tagged_texts(path)
    assert data.tags == [["B-X", "O", "B-X"], ["B-Y"]]
    assert data.warnings == (
        f"{path}:5: 2 tags break the BIO scheme, the first here, 'I-X'; read as conlleval does, what goes on no entity "
        "begins one",
    )


def test_trimmed_spans_are_told_in_one_line(write):
    rows = [{"text": "a b", "slots": [[0, 1, "X"]]}, {"text": "a b", "slots": [[0, 2, "X"]]}]
    path = write("a.jsonl", "\n".join(map(json.dumps, rows)))
    data = read_tagged_texts(path)
    assert (data.spans(0), data.spans(1)) == ([(0, 1, "X")], [(0, 1, "X")])
    assert data.warnings == (
        f"{path}:2: 1 span begins or ends outside of words, the first here, as in white space; what is outside was "
        "left out",
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.conll", "a\tO\n\nb\tO\nc\tX-LOC\n", ":4: tag 'X-LOC' belongs to no known scheme"),
        ("a.conll", "# only\n# comments\n", ": expected lines of a token and its tag, found none"),
        ("a.csv", "a,O\n", ": expected a file called *.conll, *.iob2, *.tsv, *.txt or *.jsonl"),
        ("a.jsonl", "\ufeff", ": expected a JSON object in each line, found none"),
        ("a.jsonl", '{"text": "a"}', ":1: expected the field 'text' with one of entities, spans, slots, or tokens and"),
        ("a.jsonl", '{"text": "a", "spans": []}\n{"text": "a"}', ":2: expected the field 'spans', got text"),
        ("a.jsonl", '{"spans": []}', ":1: expected the field 'text', got spans"),
        ("a.jsonl", '{"text": "a", "spans": 5}', ":1: expected a list in 'spans', got 5"),
        ("a.jsonl", '{"text": "a", "spans": [[0, 1]]}', ":1: expected [start, end, label] in 'spans', two whole"),
        ("a.jsonl", '{"text": "a", "spans": [[0.0, 1, "X"]]}', ":1: expected [start, end, label] in 'spans'"),
        ("a.jsonl", '{"text": "a", "spans": [[false, true, "X"]]}', ":1: expected [start, end, label] in 'spans'"),
        ("a.jsonl", '{"text": "a", "spans": [[0, 1, " "]]}', ":1: expected [start, end, label] in 'spans'"),
        ("a.jsonl", '{"text": "a", "spans": [{"start": 0, "end": 1}]}', ":1: expected [start, end, label] in 'spans'"),
        ("a.jsonl", '{"text": "a", "spans": []}\n{"text": "a", "spans": [[0, 2, "X"]]}', ":2: span 0 to 2 ('a') must"),
        (
            "a.jsonl",
            '{"tokens": ["a"], "tags": ["O"]}\n{"tokens": ["a", "b"], "tags": ["O"]}',
            ":2: expected as many tags as tokens, at least one, got 1 tags for 2 tokens",
        ),
        ("a.jsonl", '{"tokens": [], "tags": []}', ":1: expected as many tags as tokens, at least one, got 0 tags"),
        (
            "a.jsonl",
            '{"tokens": ["a", ""], "tags": ["O", "O"]}',
            ":1: expected strings in 'tokens', none of them empty",
        ),
        ("a.jsonl", '{"tokens": ["a"], "tags": [0]}', ":1: expected strings in 'tags', none of them empty, got 0"),
        ("a.jsonl", '{"tokens": ["a"], "tags": ["X-A"]}', ":1: tag 'X-A' belongs to no known scheme"),
    ],
)
def test_bad_files(write, name, content, message):
    path = write(name, content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_tagged_texts(path)


def test_fingerprints(write):
    data = read_tagged_texts(write("a.tsv", "ab\tO\nc\tB-X\n"))
    assert list(data.fingerprint_rows()) == ["tags 2 3:BIO4:ab c1:01:21:31:41:O3:B-X"]


@pytest.mark.parametrize(
    ("file", "texts", "words", "entities"),
    [
        ("wnut17/train.conll", 3394, 62730, 1975),
        ("wnut17/dev.conll", 1009, 15733, 836),
        ("uner_pud/sv_pud.iob2", 1000, 19076, 1029),
        ("uner_pud/zh_pud.iob2", 1000, 21415, 1139),
        ("ud_pud/hi_pud.tsv", 1000, 23829, 0),
    ],
)
def test_published_data(shared, file, texts, words, entities):
    data = read_tagged_texts(shared / "data" / file)
    assert (len(data), sum(map(len, data.words)), sum(len(data.spans(i)) for i in range(texts))) == (
        texts,
        words,
        entities,
    )
    assert data.warnings == ()
    assert data.scheme == ("BIO" if entities else "none")


def test_the_first_text_of_wnut17(shared):
    data = read_tagged_texts(shared / "data" / "wnut17" / "train.conll")
    assert data.texts[0].startswith("@paulwalk It 's the view from where I 'm living for two weeks .")
    assert [data.texts[0][start:end] for start, end, _ in data.spans(0)] == ["Empire State Building", "ESB"]
