"""Pearson and Spearman correlation of scores, such as the similarity of two sentences.

Pearson's coefficient follows from six sums over the examples. They are kept by example: the coefficient of any sample
of the examples is that of their summed rows, which makes a bootstrap a matter of one matrix product.
"""

from collections.abc import Sequence

import numpy as np

from kbert.errors import InputError

# Below this share of the mean square a variance is what rounding leaves of zero.
_ROUNDING = 1e-12


def score_metrics(expected: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> dict[str, float]:
    """`pearson` and `spearman`, each from -1 to 1.

    Args:
        expected: float (examples,).
        predicted: float (examples,).

    Raises:
        InputError: see `pearson`.
    """
    return {"pearson": pearson(expected, predicted), "spearman": spearman(expected, predicted)}


def pearson(expected: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> float:
    """How near two scores are to a rising straight line.

    Raises:
        InputError: there are fewer than 2 examples or not as many predictions, a score is no finite number, or all
            are the same: the correlation is not defined then.
    """
    from scipy.stats import pearsonr

    return float(pearsonr(*_checked(expected, predicted)).statistic)


def spearman(expected: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> float:
    """How near the orders of two scores are to each other: Pearson's coefficient of their ranks.

    Raises:
        InputError: see `pearson`.
    """
    from scipy.stats import spearmanr

    return float(spearmanr(*_checked(expected, predicted)).statistic)


def pearson_sums(expected: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> np.ndarray:
    """What each example adds to the six sums: float64 (examples, 6), as 1, x, y, x², y², xy.

    x and y are the scores less their mean, in standard deviations, which changes no correlation: sums of squares of
    scores far from zero would lose the digits that matter.

    Raises:
        InputError: see `pearson`.
    """
    x, y = ((values - values.mean()) / values.std() for values in _checked(expected, predicted))
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)


def spearman_sums(expected: Sequence[float] | np.ndarray, predicted: Sequence[float] | np.ndarray) -> np.ndarray:
    """`pearson_sums` of the ranks, equal scores sharing the mean of theirs: float64 (examples, 6).

    A sample of the rows keeps the ranks of the whole, which is near to ranking each sample anew, and much faster.

    Raises:
        InputError: see `pearson`.
    """
    from scipy.stats import rankdata

    return pearson_sums(*(rankdata(values) for values in _checked(expected, predicted)))


def correlation(sums: np.ndarray) -> np.ndarray:
    """Pearson's coefficient from summed rows, (..., 6) -> (...); NaN where all scores of a sample are the same."""
    n, x, y, xx, yy, xy = np.moveaxis(np.asarray(sums, "float64"), -1, 0)
    spread_x, spread_y = n * xx - x * x, n * yy - y * y
    defined = (spread_x > _ROUNDING * n * xx) & (spread_y > _ROUNDING * n * yy)
    scale = np.sqrt(np.where(defined, spread_x * spread_y, 1.0))
    return np.where(defined, np.clip((n * xy - x * y) / scale, -1.0, 1.0), np.nan)


def is_constant(values: Sequence[float] | np.ndarray) -> bool:
    """Whether all scores are the same, up to rounding: no correlation with them is defined."""
    values = np.asarray(values, "float64")
    return bool(np.ptp(values) <= _ROUNDING * np.abs(values).max())


def _checked(*scores: Sequence[float] | np.ndarray) -> tuple[np.ndarray, ...]:
    """float64 (examples,) each."""
    expected, predicted = (np.asarray(values, "float64") for values in scores)
    if expected.shape != predicted.shape or expected.ndim != 1:
        raise InputError(f"expected a score for each of {expected.size} examples, got {predicted.size}")
    if len(expected) < 2:
        raise InputError(f"a correlation needs at least 2 examples. Received: {len(expected)}")
    for name, values in (("expected", expected), ("predicted", predicted)):
        if not np.isfinite(values).all():
            row = int(np.argmin(np.isfinite(values)))
            raise InputError(f"the {name} scores must be finite numbers. Received: {values[row]} in example {row + 1}")
        if is_constant(values):
            raise InputError(f"all {name} scores are {values[0]:g}: the correlation with a constant is not defined")
    return expected, predicted
