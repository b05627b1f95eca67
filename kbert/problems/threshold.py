"""From which probability on a label is given: one threshold for all labels, tuned on validation data."""

import dataclasses
from typing import Any

import numpy as np

from kbert.errors import InputError

DEFAULT_THRESHOLD = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class TunedThreshold:
    """A threshold with the micro-averaged F1 it reaches, and the F1 of 0.5, both on the data it was tuned on."""

    threshold: float
    micro_f1: float
    default_micro_f1: float

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def decisions(probabilities: np.ndarray, threshold: float = DEFAULT_THRESHOLD) -> np.ndarray:
    """Whether each label is given: float (..., labels) -> bool (..., labels)."""
    # NumPy would round the threshold to float32 first, and could so move it past a probability beside it.
    return np.asarray(probabilities, "float64") >= threshold


def tune_threshold(expected: np.ndarray, probabilities: np.ndarray) -> TunedThreshold:
    """The threshold with the highest micro-averaged F1; of several the nearest to 0.5.

    Exact: F1 changes only where the threshold passes a probability, so one threshold between any two that follow each
    other stands for all. It lies in their middle.

    Args:
        expected: 0 or 1 (examples, labels).
        probabilities: float (examples, labels), of each label by itself.

    Raises:
        InputError: the shapes differ, a probability is outside 0 to 1, or no example has a label.
    """
    right, values = np.asarray(expected, "bool"), np.asarray(probabilities, "float64")
    _check(right, values)
    candidates = _midpoints(np.unique(values))
    scores = _micro_f1(right, values, candidates)
    best = np.flatnonzero(scores == scores.max())
    chosen = best[np.argmin(np.abs(candidates[best] - DEFAULT_THRESHOLD))]
    return TunedThreshold(
        threshold=float(candidates[chosen]),
        micro_f1=float(scores[chosen]),
        default_micro_f1=float(_micro_f1(right, values, np.array([DEFAULT_THRESHOLD]))[0]),
    )


def _midpoints(values: np.ndarray) -> np.ndarray:
    """Between sorted values, and between them and 0 and 1: thresholds inside (0, 1)."""
    ends = np.unique(np.concatenate([[0.0], values, [1.0]]))
    lower, upper = ends[:-1], ends[1:]
    middle = (lower + upper) / 2
    # Between neighbours there is no number: the upper one separates them as well.
    middle = np.where(middle > lower, middle, upper)
    return middle[(middle > 0) & (middle < 1)]


def _micro_f1(right: np.ndarray, values: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """F1 over all decisions for each threshold: (thresholds,)."""
    given = values.size - np.searchsorted(np.sort(values, axis=None), thresholds)
    found = right.sum() - np.searchsorted(np.sort(values[right]), thresholds)
    return 2 * found / (given + right.sum())


def _check(right: np.ndarray, values: np.ndarray) -> None:
    if right.shape != values.shape:
        raise InputError(f"expected probabilities of shape {right.shape} as the labels have, got {values.shape}")
    if not right.any():
        raise InputError("a threshold needs validation data with at least one label to find, got none")
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError("expected probabilities from 0 to 1, got others. Are these logits?")
