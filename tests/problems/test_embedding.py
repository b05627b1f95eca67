import re

import numpy as np
import pytest

from kbert.data import ScoredTexts, Triplets
from kbert.data.column_names import ColumnNames
from kbert.errors import InputError
from kbert.problems.embedding import Embedding
from kbert.problems.kinds import make_problem
from kbert.problems.problem import subset

EAST, NORTH, NORTH_EAST = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.6, 0.8])
# Cosines 1, 0.8, 0.6 and 0.
ANSWERS = [np.array(pair, "float32") for pair in ([EAST, EAST], [NORTH, NORTH_EAST], [EAST, NORTH_EAST], [NORTH, EAST])]


def scored(*scores, path="f.tsv"):
    numbers = [*range(len(scores))]
    texts = [f"a {'a ' * i}" for i in numbers]
    return ScoredTexts(path=path, texts=texts, texts_b=texts, scores=[*map(float, scores)], line_numbers=numbers)


def triplets(*rows, path="f.tsv"):
    anchors, positives, *negatives = (list(column) for column in zip(*rows, strict=True))
    return Triplets(
        path=path,
        anchors=anchors,
        positives=positives,
        negatives=negatives[0] if negatives else None,
        line_numbers=[*range(len(rows))],
    )


@pytest.fixture
def problem(tiny_tokenizer):
    return Embedding(labels=(), tokenizer=tiny_tokenizer, max_length=8)


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_text(content, "utf-8")
        return str(path)

    return write


# Data


@pytest.mark.parametrize(
    ("name", "content", "columns"),
    [
        ("a.tsv", "score\ttext\ttext_b\n4.5\ta\tb\n", {}),
        ("a.tsv", "4.5\ta\tb\n", {"names": ("score", "text", "text_b")}),
        ("a.csv", "sentence1,sentence2,gold\na,b,4.5\n", {}),
        ("a.csv", "x,y,z\na,b,4.5\n", {"text": "x", "text_b": "y"}),
        ("a.csv", "anchor,positive,score\na,b,4.5\n", {"text": "anchor", "text_b": "positive"}),
        ("a.csv", "anchor,positive,z\na,b,4.5\n", {"text": "anchor", "text_b": "positive", "label": "z"}),
    ],
)
def test_scored_pairs_are_read(write, name, content, columns):
    data = Embedding.read(write(name, content), ColumnNames(**columns))
    assert isinstance(data, ScoredTexts)
    assert (data.inputs, data.scores) == ([("a", "b")], [4.5])
    assert Embedding.metrics_of(data) == ("spearman", "pearson")


@pytest.mark.parametrize(
    ("content", "columns", "inputs"),
    [
        ("anchor,positive,negative\na,b,c\n", {}, [("a", "b", "c")]),
        ("id,query,pos\n1,a,b\n", {}, [("a", "b")]),
        ("a,b\n", {"names": ("question", "answer")}, [("a", "b")]),
        ("x,y,neg\na,b,c\n", {"text": "x", "text_b": "y"}, [("a", "b", "c")]),
    ],
)
def test_texts_near_and_far_are_read(write, content, columns, inputs):
    data = Embedding.read(write("a.csv", content), ColumnNames(**columns))
    assert isinstance(data, Triplets)
    assert data.inputs == inputs
    assert Embedding.metrics_of(data) == ("accuracy",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,score\na,1\n", ":2: expected two texts and a score, or the columns anchor and positive, the columns"),
        ("text,text_b,score\na,b,much\n", ":2: expected a finite number such as 3.5 in column 'score', got 'much'"),
        ("anchor,positive\na,\n", ":2: expected a text in column 'positive', it is empty"),
        ("anchor,positive\n", ": expected rows of text and score after the header, found none"),
        ("one,two\na,b\n", ":1: expected a column called 'text', the columns are one, two"),
    ],
)
def test_bad_files(write, content, message):
    path = write("a.csv", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        Embedding.read(path, ColumnNames())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (scored(2, 2, 2), "f.tsv: expected scores to order texts by, all are 2"),
        (triplets(("a", "b"), ("c", "b")), "f.tsv: expected different positives to tell apart, all are the same."),
    ],
)
def test_data_that_can_teach_nothing(problem, data, message):
    for refuse in (problem.check, problem.labels_of):
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            refuse(data)


def test_data_that_can(problem):
    for data in (scored(1, 2), triplets(("a", "b"), ("c", "d")), triplets(("a", "b", "c"))):
        problem.check(data)
        assert problem.labels_of(data) == []


def test_an_unknown_pooling():
    with pytest.raises(InputError, match=r"^pooling must be one of mean, cls\. Received: max$"):
        make_problem("embedding", (), None, 8, {"pooling": "max"})


def test_settings_there_and_back():
    settings = {"pooling": "cls", "normalize": False}
    assert make_problem("embedding", (), None, 8, settings).settings() == settings


# Tokens


def test_a_text_has_the_same_tokens_alone_and_in_a_pair(problem):
    alone, pairs = problem.encode(["the film", "a"]), problem.encode([("the film", "a"), ("bad day", "good")])
    assert alone.owners is None
    assert pairs.owners.tolist() == [0, 0, 1, 1]
    assert pairs.second_starts is None
    for row in range(2):
        np.testing.assert_array_equal(alone.row(row).token_ids, pairs.row(row).token_ids)


def test_a_cut_input_counts_once(problem):
    long = "a " * 20
    assert problem.encode([(long, long), ("a", long), ("a", "a")]).truncated == 2


def test_the_targets_of_scored_pairs(problem):
    tokens = problem.encode_examples(scored(0.5, 4))
    assert (tokens.group, len(tokens)) == (2, 4)
    assert tokens.targets["embedding"].tolist() == [[0.5], [0.5], [4], [4]]


def test_the_targets_of_triplets(problem):
    tokens = problem.encode_examples(triplets(("a", "b", "c"), ("b", "a", "d")))
    assert (tokens.group, len(tokens)) == (3, 6)
    assert tokens.targets["embedding"].tolist() == [[0, 1, 2]] * 3 + [[1, 0, 3]] * 3


# Answers


def test_answers_of_texts_and_pairs(problem):
    inputs = ["a", ("b", "c"), "d"]
    outputs = [{"embedding": np.full(3, float(row), "float32")} for row in range(4)]
    alone, pair, last = problem.decode(inputs, problem.encode(inputs), outputs)
    assert (alone.tolist(), pair.tolist(), last.tolist()) == ([0] * 3, [[1] * 3, [2] * 3], [3] * 3)


def test_what_is_printed(problem):
    vector = np.array([0.12345678, -1], "float32")
    assert problem.to_dict("a", vector) == {"text": "a", "embedding": [0.123457, -1.0]}
    assert problem.to_dict(("a", "b"), ANSWERS[2]) == {"text": "a", "text_b": "b", "cosine": 0.6}


def test_what_is_said(problem):
    assert problem.say(ANSWERS[1]) == "cosine 0.80"
    assert problem.say(np.stack([EAST, NORTH_EAST, NORTH])) == "cosine 0.60 against 0.00"
    assert problem.say(EAST) == "2 numbers"
    assert problem.expected(scored(1, 4.25), 1) == "score 4.25"
    assert problem.expected(triplets(("a", "b", "c")), 0) == "nearer than the others"
    assert problem.confidence(ANSWERS[2], ANSWERS[0]) == pytest.approx(0.6)
    assert problem.confidence(EAST, NORTH_EAST) == pytest.approx(0.6)


# Scores


def test_the_order_of_cosines_is_scored(problem):
    assert problem.score(ANSWERS, scored(5, 4, 3, 0))["spearman"] == pytest.approx(1.0)
    # Ranks 4 3 2 1 against 3 4 2 1: 1 - 6 * 2 / (4 * 15).
    found = problem.score(ANSWERS, scored(4, 5, 3, 0))
    assert list(found) == ["spearman", "pearson"]
    assert found["spearman"] == pytest.approx(0.8)
    # Cosines 1, 0.8, 0.6, 0 (mean 0.6) and scores 4, 5, 3, 0 (mean 3): products of differences 0.4 + 0.4 + 0 + 1.8.
    assert found["pearson"] == pytest.approx(2.6 / (0.56 * 14) ** 0.5, abs=1e-6)


def test_triplets_are_scored(problem):
    answers = [np.stack([EAST, NORTH_EAST, NORTH]), np.stack([EAST, NORTH, NORTH_EAST])]
    assert problem.score(answers, triplets(("a", "b", "c"), ("d", "e", "f"))) == {"accuracy": 0.5}


@pytest.mark.parametrize("data", [scored(4, 5, 3, 0), triplets(("a", "b"), ("c", "d"), ("e", "f"), ("g", "h"))])
def test_the_main_metric_is_that_of_the_counts(problem, data):
    counts = problem.counts(ANSWERS, data)
    assert len(counts) == 4
    expected = problem.score(ANSWERS, data)[problem.main_metric_of(data)]
    assert problem.main_from_counts(counts.sum(axis=0)) == pytest.approx(expected)
    repeated = np.stack([counts.sum(axis=0), 2 * counts.sum(axis=0)])
    np.testing.assert_allclose(problem.main_from_counts(repeated), [expected] * 2)


def test_equal_answers_order_nothing(problem):
    answers, data = [ANSWERS[1]] * 4, scored(4, 5, 3, 0)
    assert problem.score(answers, data) == {"spearman": 0.0, "pearson": 0.0}
    assert problem.main_from_counts(problem.counts(answers, data).sum(axis=0)) == 0.0


def test_answers_are_the_same_from_a_cosine_of_099(problem):
    turned = [np.array([np.cos(angle), np.sin(angle)]) for angle in (0.141, 0.142)]  # cosines 0.99008 and 0.98994
    assert problem.same(EAST, turned[0])
    assert not problem.same(EAST, turned[1])
    assert problem.same(np.stack([EAST, EAST]), np.stack([EAST, turned[0]]))
    assert not problem.same(np.stack([EAST, EAST]), np.stack([EAST, turned[1]]))
    assert problem.shift(np.stack([EAST, EAST]), np.stack([EAST, NORTH_EAST])) == pytest.approx(0.4)


def test_answers_that_are_no_numbers(problem):
    broken = np.array([[1.0, np.nan], [0.0, 1.0]])
    assert problem.is_sound(ANSWERS[0])
    assert not problem.is_sound(broken)
    assert problem.nothing(broken).tolist() == [[0, 0], [0, 0]]


def test_some_examples_of_triplets():
    assert subset(triplets(("a", "b", "c"), ("d", "e", "f")), [1]).inputs == [("d", "e", "f")]
