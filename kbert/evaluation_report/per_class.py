"""Precision, recall and F1 of every class, label or type of entity."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.problems.entity_metrics import Tags, entity_type_scores


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassScores:
    """Scores of one class, 0 to 1; `support` is how often it was expected. What is undefined is 0."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def class_scores(expected: np.ndarray, predicted: np.ndarray, labels: Sequence[str]) -> tuple[ClassScores, ...]:
    """Scores of each class, in the order of `labels`.

    Args:
        expected: int (examples,), one class each; or 0 and 1 (examples, labels), where each may have several labels.
        predicted: the same shape.
        labels: their names.
    """
    from sklearn.metrics import precision_recall_fscore_support

    pair = [np.asarray(values, "int64") for values in (expected, predicted)]
    if pair[0].ndim == 2:
        # scikit-learn takes a matrix of one column for two classes: it needs another column to see labels.
        pair = [np.pad(matrix, ((0, 0), (0, 1))) for matrix in pair]
    scores = precision_recall_fscore_support(*pair, labels=range(len(labels)), zero_division=0.0)
    return tuple(
        ClassScores(label=label, precision=float(precision), recall=float(recall), f1=float(f1), support=int(support))
        for label, precision, recall, f1, support in zip(labels, *scores, strict=True)
    )


def entity_class_scores(expected: Tags, predicted: Tags) -> tuple[ClassScores, ...]:
    """Scores of each type of entity that the BIO tags name, by the name.

    Raises:
        InputError: see `kbert.problems.entity_metrics.entity_type_scores`.
    """
    return tuple(
        ClassScores(
            label=name,
            precision=float(scores["precision"]),
            recall=float(scores["recall"]),
            f1=float(scores["f1-score"]),
            support=int(scores["support"]),
        )
        for name, scores in entity_type_scores(expected, predicted).items()
    )


def shown_classes(scores: Sequence[ClassScores], most: int) -> tuple[ClassScores, ...]:
    """At most so many classes, those of lowest F1, by support from the largest, of equals the worst first."""
    # A class that the data does not hold has an F1 of 0 and says nothing: it goes first.
    worst = sorted(scores, key=lambda row: (row.support == 0, row.f1, -row.support))[:most]
    return tuple(sorted(worst, key=lambda row: (-row.support, row.f1)))
