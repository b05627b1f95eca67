import numpy as np
import pytest

from kbert.errors import InputError
from kbert.evaluation_report import ClassScores, class_scores, entity_class_scores
from kbert.evaluation_report.per_class import shown_classes


def test_classes_by_hand():
    # a: expected 3 times, found twice, predicted 3 times. b: expected once, predicted once, wrongly. c: never.
    a, b, c = class_scores(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 0]), ["a", "b", "c"])
    assert a.to_dict() == pytest.approx(
        {"label": "a", "precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "support": 3}, nan_ok=False
    )
    assert b == ClassScores(label="b", precision=0.0, recall=0.0, f1=0.0, support=1)
    assert c == ClassScores(label="c", precision=0.0, recall=0.0, f1=0.0, support=0)


def test_labels_by_hand():
    expected = np.array([[1, 0], [1, 1], [0, 0]])
    predicted = np.array([[True, False], [False, True], [True, True]])
    x, y = class_scores(expected, predicted, ["x", "y"])
    assert (x.precision, x.recall, x.f1, x.support) == (0.5, 0.5, 0.5, 2)
    assert (y.precision, y.recall, y.f1, y.support) == pytest.approx((0.5, 1.0, 2 / 3, 1))


def test_a_single_label_is_no_pair_of_classes():
    (only,) = class_scores(np.array([[1], [0], [0], [0]]), np.array([[1], [1], [0], [0]]), ["x"])
    assert (only.precision, only.recall, only.support) == (0.5, 1.0, 1)


def test_types_of_entities():
    (found,) = entity_class_scores([["B-PER", "I-PER"], ["B-PER", "O"]], [["B-PER", "O"], ["B-PER", "O"]])
    assert found == ClassScores(label="PER", precision=0.5, recall=0.5, f1=0.5, support=2)
    with pytest.raises(InputError, match="plain tags"):
        entity_class_scores([["NOUN"]], [["NOUN"]])


def row(label: str, f1: float, support: int) -> ClassScores:
    return ClassScores(label=label, precision=f1, recall=f1, f1=f1, support=support)


def test_the_worst_are_shown_by_support():
    rows = [row("good", 0.9, 50), row("poor", 0.2, 5), row("bad", 0.1, 5), row("absent", 0.0, 0)]
    assert [shown.label for shown in shown_classes(rows, 2)] == ["bad", "poor"]  # of equal support
    assert [shown.label for shown in shown_classes(rows, 3)] == ["good", "bad", "poor"]
    assert [shown.label for shown in shown_classes(rows, 20)] == ["good", "bad", "poor", "absent"]
