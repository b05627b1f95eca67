import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from kbert.evaluation_report import class_calibration, label_calibration

EXPECTED = np.array([0, 0, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1], [0.7, 0.3], [0.7, 0.3], [0.2, 0.8]])


def test_classes_by_hand():
    """Two bins of four: 0.7 twice, once right; 0.8 and 0.9, both right."""
    found = class_calibration(EXPECTED, PROBABILITIES, bins=4)
    assert [row.count for row in found.bins] == [0, 0, 2, 2]
    third, fourth = found.bins[2:]
    assert (third.lower, third.upper, third.mean_probability, third.share_right) == pytest.approx((0.5, 0.75, 0.7, 0.5))
    assert (fourth.mean_probability, fourth.share_right) == pytest.approx((0.85, 1.0))
    assert found.bins[0].mean_probability is None
    assert found.bins[0].share_right is None
    # Half the answers 0.2 away, half 0.15.
    assert found.expected_calibration_error == pytest.approx(0.175)
    # Two classes: each error counts twice.
    assert found.brier_score == pytest.approx(2 * (0.01 + 0.09 + 0.49 + 0.04) / 4)


def test_labels_by_hand():
    """Each decision counts by itself: 0.2, 0.4 and 0.9, 0.9."""
    found = label_calibration(np.array([[0, 1], [1, 0]]), np.array([[0.2, 0.4], [0.9, 0.9]]), bins=2)
    assert [(row.count, row.mean_probability, row.share_right) for row in found.bins] == [
        (2, pytest.approx(0.3), 0.5),
        (2, pytest.approx(0.9), 0.5),
    ]
    assert found.expected_calibration_error == pytest.approx((0.2 + 0.4) / 2)
    assert found.brier_score == pytest.approx((0.04 + 0.36 + 0.01 + 0.81) / 4)


def test_fifteen_bins_and_the_lower_one_at_an_edge():
    found = label_calibration(np.zeros((1, 4)), np.array([[0.0, 0.2, 0.5, 1.0]]))
    assert len(found.bins) == 15
    # 0.2 is the upper edge of the third bin, 0.5 the middle of the eighth.
    assert [i for i, row in enumerate(found.bins) if row.count] == [0, 2, 7, 14]


def test_sure_and_right_is_perfect():
    found = class_calibration(np.array([0, 2]), np.eye(3)[[0, 2]])
    assert found.expected_calibration_error == 0.0
    assert found.brier_score == 0.0


def test_the_brier_score_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(5), size=300)
    expected = generator.integers(5, size=300)
    found = class_calibration(expected, probabilities.astype("float32")).brier_score
    # The probabilities in float32.
    assert found == pytest.approx(brier_score_loss(expected, probabilities, scale_by_half=False), abs=1e-6)


def test_probabilities_that_are_true_are_calibrated():
    generator = np.random.default_rng(0)
    values = generator.random((200_000, 1))
    found = label_calibration(generator.random((200_000, 1)) < values, values)
    # A bin of 13,333 has a standard error of at most 0.0043.
    assert found.expected_calibration_error < 0.006
    # The mean of p (1 - p) is 1/6.
    assert found.brier_score == pytest.approx(1 / 6, abs=0.002)


def test_as_json():
    found = class_calibration(EXPECTED, PROBABILITIES, bins=1).to_dict()
    assert found["bins"] == (
        {
            "lower": 0.0,
            "upper": 1.0,
            "count": 4,
            "mean_probability": pytest.approx(3.1 / 4),
            "share_right": 0.75,
        },
    )
    assert set(found) == {"expected_calibration_error", "brier_score", "bins"}
