"""Whether probabilities mean what they say: of the answers given 80 %, are 80 % right?"""

import dataclasses
from typing import Any

import numpy as np

BINS = 15  # as in arXiv:1706.04599


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """Answers whose probability lies in (`lower`, `upper`]; both means are None where there are none."""

    lower: float
    upper: float
    count: int
    mean_probability: float | None
    share_right: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibration:
    """How far probabilities are from how often they are right.

    Attributes:
        expected_calibration_error: the mean distance of the two in a bin, weighted by its count, 0 to 1 (Guo et al.,
            arXiv:1706.04599).
        brier_score: the mean squared error of the probabilities (Brier, 1950). Of one class among many it is summed
            over the classes, 0 to 2; of labels that stand by themselves it is a mean over all decisions, 0 to 1.
        bins: of equal width, from 0 to 1.
    """

    expected_calibration_error: float
    brier_score: float
    bins: tuple[ReliabilityBin, ...]

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def class_calibration(expected: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS) -> Calibration:
    """Calibration of a classifier, on the probability of the class that it answers with.

    Args:
        expected: int (examples,), the right class of each.
        probabilities: float (examples, classes).
        bins: their number.
    """
    values = np.asarray(probabilities, "float64")
    right = np.eye(values.shape[1])[expected]  # (examples, classes)
    brier = float(((values - right) ** 2).sum(axis=1).mean())
    return _calibration(values.max(axis=1), values.argmax(axis=1) == expected, brier, bins)


def label_calibration(expected: np.ndarray, probabilities: np.ndarray, *, bins: int = BINS) -> Calibration:
    """Calibration of every decision about a label: its probability, and whether the example has it.

    This asks nothing of a threshold. Most decisions are easy ones near 0, so the error is small; the table tells more.

    Args:
        expected: 0 or 1 (examples, labels).
        probabilities: float (examples, labels), of each label by itself.
        bins: their number.
    """
    values, right = np.asarray(probabilities, "float64").ravel(), np.asarray(expected, "bool").ravel()
    return _calibration(values, right, float(((values - right) ** 2).mean()), bins)


def _calibration(values: np.ndarray, right: np.ndarray, brier: float, bins: int) -> Calibration:
    """From probabilities (answers,) and whether each was right (answers,)."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    # A probability on an edge belongs to the bin below it, as in the paper; 0 to the first.
    places = np.digitize(values, edges[1:-1], right=True)
    counts = np.bincount(places, minlength=bins)
    means = np.bincount(places, values, minlength=bins) / np.maximum(counts, 1)
    shares = np.bincount(places, right, minlength=bins) / np.maximum(counts, 1)
    table = tuple(
        ReliabilityBin(
            lower=float(edges[i]),
            upper=float(edges[i + 1]),
            count=int(counts[i]),
            mean_probability=float(means[i]) if counts[i] else None,
            share_right=float(shares[i]) if counts[i] else None,
        )
        for i in range(bins)
    )
    error = float((counts * np.abs(means - shares)).sum() / len(values))
    return Calibration(expected_calibration_error=error, brier_score=brier, bins=table)
