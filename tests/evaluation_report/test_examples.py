import numpy as np

from kbert.evaluation_report import (
    SlowExample,
    WrongExample,
    most_wrong,
    most_wrong_answers,
    most_wrong_labels,
    slowest,
)

TEXTS = ["one", "two", "three", "four"]


def test_the_surest_wrong_answer_comes_first():
    probabilities = np.array([[0.6, 0.4], [0.1, 0.9], [0.99, 0.01], [0.2, 0.8]])
    found = most_wrong(TEXTS, np.array([1, 0, 0, 0]), probabilities, ["no", "yes"], 2)
    # The third is right, however sure; the first is wrong with less.
    assert found == (
        WrongExample(index=1, text="two", expected="no", predicted="yes", probability=0.9),
        WrongExample(index=3, text="four", expected="no", predicted="yes", probability=0.8),
    )
    assert len(most_wrong(TEXTS, np.array([1, 0, 0, 0]), probabilities, ["no", "yes"], 10)) == 3
    assert most_wrong(TEXTS, np.array([1, 0, 0, 0]), probabilities, ["no", "yes"], 0) == ()


def test_labels_too_many_and_missing():
    expected = np.array([[1, 0], [1, 0]])
    probabilities = np.array([[0.125, 0.75], [0.5, 0.25]])
    found = most_wrong_labels(TEXTS[:2], expected, probabilities, ["x", "y"], 5)
    assert found == (
        WrongExample(index=0, text="one", expected="x", predicted="not x", probability=0.875),
        WrongExample(index=0, text="one", expected="not y", predicted="y", probability=0.75),
    )
    # With a threshold of 0.8 the second label is not given, and the first of the other text is missed as well.
    found = most_wrong_labels(TEXTS[:2], expected, probabilities, ["x", "y"], 5, threshold=0.8)
    assert [(row.text, row.predicted, row.probability) for row in found] == [
        ("one", "not x", 0.875),
        ("two", "not x", 0.5),
    ]


def test_answers_of_any_task():
    found = most_wrong_answers(
        TEXTS,
        ["a", "b", "c", "d"],
        ["a", "x", "y", "z"],
        np.array([0.9, 0.5, 0.7, 0.7]),
        np.array([False, True, True, True]),
        2,
    )
    # Of equals the first.
    assert [(row.index, row.expected, row.predicted) for row in found] == [(2, "c", "y"), (3, "d", "z")]


def test_the_slowest_come_first():
    found = slowest(["a b", "abc def", "a"], np.array([1.5, 9.25, 2.0]), 2)
    assert found == (
        SlowExample(index=1, text="abc def", characters=7, latency_ms=9.25),
        SlowExample(index=2, text="a", characters=1, latency_ms=2.0),
    )
    assert found[0].to_dict() == {"index": 1, "text": "abc def", "characters": 7, "latency_ms": 9.25}
