"""A threshold for labels: by hand, and against trying them all."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from kbert.errors import InputError
from kbert.problems.threshold import TunedThreshold, decisions, tune_threshold


def test_a_low_threshold_by_hand():
    expected = np.array([[1, 0], [1, 0], [0, 1]])
    probabilities = np.array([[0.9, 0.1], [0.3, 0.05], [0.2, 0.4]])
    # From 0.3 on all three labels are given and nothing else; from 0.5 on only one: 2 * 1 / (1 + 3).
    assert tune_threshold(expected, probabilities) == TunedThreshold(threshold=0.25, micro_f1=1.0, default_micro_f1=0.5)


def test_of_several_the_nearest_to_a_half():
    # Right, wrong, wrong, right: above 0.8 F1 is 2/3 (one of two found, nothing wrong), and so it is with all four
    # given (4 / 6). Between lie 2 / 4 and 2 / 5.
    probabilities = np.array([[0.9], [0.8], [0.6], [0.1]])
    tuned = tune_threshold(np.array([[1], [0], [0], [1]]), probabilities)
    # 0.85 is 0.35 from a half, 0.05 is 0.45 from it.
    assert tuned.threshold == pytest.approx(0.85)
    assert tuned.micro_f1 == pytest.approx(2 / 3)


def test_below_the_lowest_and_above_the_highest():
    # All are right: every threshold below 0.8 will do, the one candidate there is half of it.
    assert tune_threshold(np.ones((2, 1)), np.array([[0.8], [0.9]])).threshold == pytest.approx(0.4)
    assert tune_threshold(np.array([[1, 0]]), np.array([[1.0, 0.0]])).threshold == 0.5
    assert tune_threshold(np.array([[1, 0]]), np.array([[0.0, 0.0]])).micro_f1 == 0.0


def test_neighbouring_probabilities_are_told_apart():
    low = np.float64(0.3)
    high = np.nextafter(low, 1.0)
    tuned = tune_threshold(np.array([[1, 0]]), np.array([[high, low]]))
    assert tuned.micro_f1 == 1.0
    assert decisions(np.array([[high, low]]), tuned.threshold).tolist() == [[True, False]]


def test_float32_probabilities_are_not_compared_in_float32():
    low = np.float32(0.3)
    high = np.nextafter(low, np.float32(1.0))
    probabilities = np.array([[high, low]], "float32")
    assert decisions(probabilities, tune_threshold(np.array([[1, 0]]), probabilities).threshold).tolist() == [
        [True, False]
    ]
    assert decisions(probabilities, (float(low) + float(high)) / 2).tolist() == [[True, False]]


@pytest.mark.parametrize("seed", range(4))
def test_no_threshold_is_better(seed):
    generator = np.random.default_rng(seed)
    expected = generator.random((40, 5)) < 0.2
    probabilities = np.round(np.clip(0.3 * expected + generator.random((40, 5)) * 0.7, 0, 1), 2).astype("float32")
    tuned = tune_threshold(expected, probabilities)

    def f1(threshold: float) -> float:
        return f1_score(expected, probabilities.astype("float64") >= threshold, average="micro", zero_division=0)

    assert tuned.micro_f1 == pytest.approx(f1(tuned.threshold))
    assert tuned.default_micro_f1 == pytest.approx(f1(0.5))
    # Probabilities of two decimals: one threshold between any two hundredths meets every set of decisions.
    assert tuned.micro_f1 == pytest.approx(max(f1(step / 100 + 0.005) for step in range(100)))


@pytest.mark.parametrize(
    ("expected", "probabilities", "message"),
    [
        ([[1, 0]], [[0.5]], "of shape"),
        ([[0, 0]], [[0.5, 0.5]], "at least one label to find"),
        ([[1, 0]], [[1.5, -2.0]], "from 0 to 1, got others. Are these logits"),
        ([[1, 0]], [[float("nan"), 0.5]], "from 0 to 1"),
    ],
)
def test_what_cannot_be_tuned(expected, probabilities, message):
    with pytest.raises(InputError, match=message):
        tune_threshold(np.array(expected), np.array(probabilities))
