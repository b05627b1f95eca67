"""Which class is taken for which."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConfusedPair:
    """How often one class was predicted where another was expected."""

    expected: str
    predicted: str
    count: int

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Confusion:
    """How often each class was predicted for each.

    Attributes:
        labels: the names of the classes.
        counts: int64 (classes, classes), a row for each expected class, a column for each predicted one.
    """

    labels: tuple[str, ...]
    counts: np.ndarray

    def shares(self) -> np.ndarray:
        """Counts as shares of their row: float64 (classes, classes). Zeros where a class was never expected."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)

    def errors(self) -> np.ndarray:
        """The counts without those of right answers: int64 (classes, classes)."""
        return self.counts * (1 - np.eye(len(self.labels), dtype="int64"))

    def most_frequent(self, most: int = 10) -> tuple[ConfusedPair, ...]:
        """The confusions that happen most often, at most so many."""
        errors = self.errors()
        order = np.argsort(-errors, axis=None, kind="stable")[:most]
        places = [divmod(int(place), len(self.labels)) for place in order if errors.flat[place]]
        return tuple(
            ConfusedPair(expected=self.labels[row], predicted=self.labels[column], count=int(errors[row, column]))
            for row, column in places
        )

    def most_confused_classes(self, most: int) -> np.ndarray:
        """int (classes,): the classes with the most errors, as expected and as predicted, in their own order."""
        errors = self.errors()
        order = np.argsort(-(errors.sum(axis=0) + errors.sum(axis=1)), kind="stable")
        return np.sort(order[:most])

    def to_dict(self) -> dict[str, Any]:
        return {
            "labels": list(self.labels),
            "counts": self.counts.tolist(),
            "most_frequent": [pair.to_dict() for pair in self.most_frequent()],
        }


def count_confusions(expected: np.ndarray, predicted: np.ndarray, labels: Sequence[str]) -> Confusion:
    """Counts what was predicted for what.

    Args:
        expected: int (examples,), the right class of each.
        predicted: int (examples,).
        labels: the names of the classes.
    """
    from sklearn.metrics import confusion_matrix

    counts = confusion_matrix(expected, predicted, labels=range(len(labels)))
    return Confusion(labels=tuple(labels), counts=counts.astype("int64"))
