"""Correlations: by hand, and from sums as scipy has them."""

import math

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from kbert.errors import InputError
from kbert.problems.score_metrics import correlation, pearson, pearson_sums, score_metrics, spearman, spearman_sums


def test_by_hand():
    # Means 2 and 7/3; deviations -1 0 1 and -4/3 -1/3 5/3: 3 / sqrt(2 * 42/9).
    assert pearson([1, 2, 3], [1, 2, 4]) == pytest.approx(3 / math.sqrt(2 * 42 / 9))
    assert spearman([1, 2, 3], [1, 2, 4]) == pytest.approx(1.0)
    # Ranks 1 2.5 2.5 4 against 1 2 3 4: deviations -1.5 0 0 1.5 and -1.5 -0.5 0.5 1.5.
    assert score_metrics([0, 5, 5, 9], [1, 2, 3, 4])["spearman"] == pytest.approx(4.5 / math.sqrt(4.5 * 5))


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1e-6, 0.0), (1.0, 1e6), (1e150, 0.0)])
@pytest.mark.parametrize("seed", range(5))
def test_sums_give_the_coefficients_of_scipy(seed, scale, offset):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=200) * scale + offset
    y = 0.6 * x + generator.normal(size=200) * scale
    assert correlation(pearson_sums(x, y).sum(axis=0)) == pytest.approx(pearsonr(x, y).statistic, abs=1e-9)
    # Rounded, so that many ranks are shared.
    x, y = np.round(x / scale, 1), np.round(y / scale, 1)
    assert correlation(spearman_sums(x, y).sum(axis=0)) == pytest.approx(spearmanr(x, y).statistic, abs=1e-9)


def test_sums_of_samples_are_samples_of_sums():
    generator = np.random.default_rng(3)
    x, y = generator.normal(size=(2, 50))
    samples = generator.integers(50, size=(20, 50))
    counts = np.stack([np.bincount(sample, minlength=50) for sample in samples])
    found = correlation(counts @ pearson_sums(x, y))
    assert found == pytest.approx([pearsonr(x[sample], y[sample]).statistic for sample in samples], abs=1e-9)


def test_a_sample_without_spread_has_no_coefficient():
    sums = pearson_sums([0.1, 0.2, 0.7], [3, 4, 4])
    found = correlation(np.array([[7, 0, 0], [0, 3, 4], [1, 1, 1]]) @ sums)
    assert np.isnan(found).tolist() == [True, True, False]


def test_the_ends_are_not_passed():
    x = np.arange(7) / 3
    assert correlation(pearson_sums(x, 5 * x).sum(axis=0)) == pytest.approx(1.0)
    assert correlation(pearson_sums(x, -5 * x).sum(axis=0)) >= -1.0


@pytest.mark.parametrize("function", [pearson, spearman, pearson_sums, spearman_sums])
@pytest.mark.parametrize(
    ("expected", "predicted", "message"),
    [
        ([1], [2], "at least 2 examples. Received: 1"),
        ([], [], "at least 2 examples. Received: 0"),
        ([1, 2], [1, 2, 3], "a score for each of 2 examples, got 3"),
        ([1, 1, 1], [1, 2, 3], "all expected scores are 1: .* not defined"),
        ([1, 2, 3], [0.1 + 0.2, 0.3, 0.3], "all predicted scores are 0.3"),
        ([1, 2, 3], [1, math.nan, 2], "predicted scores must be finite numbers. Received: nan in example 2"),
    ],
)
def test_what_is_not_defined_is_said(function, expected, predicted, message):
    with pytest.raises(InputError, match=message):
        function(expected, predicted)
