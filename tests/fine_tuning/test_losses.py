"""Losses worked out by hand: logits are logarithms, so that probabilities are simple fractions."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.fine_tuning.losses import (
    LabelCrossentropy,
    MultiLabelCrossentropy,
    balanced_class_weights,
    balanced_positive_weights,
)

# Probabilities 3/4, 1/4 and 1/2, 1/2.
LOGITS = np.log([[3.0, 1.0], [1.0, 1.0]]).astype("float32")
LABELS = np.array([0, 1])
# Probabilities 3/4 and 1/2.
SIGMOID_LOGITS = np.array([[np.log(3.0), 0.0]], "float32")


def test_without_options_a_label_costs_what_it_does_in_keras():
    expected = (-np.log(3 / 4) - np.log(1 / 2)) / 2
    assert float(LabelCrossentropy()(LABELS, LOGITS)) == pytest.approx(expected, abs=1e-6)
    plain = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(LABELS, LOGITS)
    assert float(LabelCrossentropy()(LABELS, LOGITS)) == float(plain)


def test_label_smoothing_spreads_a_share_over_all_classes():
    # A fifth spread over two classes: 0.9 of the right one, 0.1 of the other.
    first = -(0.9 * np.log(3 / 4) + 0.1 * np.log(1 / 4))
    second = -np.log(1 / 2)
    loss = LabelCrossentropy(label_smoothing=0.2)
    assert float(loss(LABELS, LOGITS)) == pytest.approx((first + second) / 2, abs=1e-6)
    of_keras = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2)
    assert float(loss(LABELS, LOGITS)) == pytest.approx(float(of_keras(np.eye(2), LOGITS)), abs=1e-6)


def test_class_weights_multiply_and_the_mean_is_over_examples():
    loss = LabelCrossentropy(class_weights=[2.0, 0.5])
    assert float(loss(LABELS, LOGITS)) == pytest.approx((-2 * np.log(3 / 4) - 0.5 * np.log(1 / 2)) / 2, abs=1e-6)


def test_the_focal_factor_is_a_power_of_what_is_left_of_certainty():
    loss = LabelCrossentropy(focal_gamma=2.0)
    expected = (-((1 / 4) ** 2) * np.log(3 / 4) - (1 / 2) ** 2 * np.log(1 / 2)) / 2
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, abs=1e-6)
    of_keras = keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=2.0, from_logits=True)
    assert float(loss(LABELS, LOGITS)) == pytest.approx(float(of_keras(np.eye(2), LOGITS)), abs=1e-6)


@pytest.mark.parametrize("options", [{}, {"focal_gamma": 2.0}, {"class_weights": [1.0, 3.0]}, {"label_smoothing": 0.1}])
def test_tokens_that_are_ignored_count_nowhere(options):
    loss = LabelCrossentropy(**options)
    targets = np.array([[0, -100], [1, -100]])
    logits = np.full((2, 2, 2), np.nan, "float32")
    logits[:, 0] = LOGITS
    assert float(loss(targets, logits)) == pytest.approx(float(loss(LABELS, LOGITS)), abs=1e-6)
    logits = tf.Variable(logits)
    with tf.GradientTape() as tape:
        value = loss(targets, logits)
    gradient = tape.gradient(value, logits).numpy()
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(gradient[:, 1], np.zeros((2, 2)))
    assert float(loss(np.full((2, 2), -100), np.zeros((2, 2, 2), "float32"))) == 0.0


def test_weights_of_examples_multiply_as_in_keras():
    loss = LabelCrossentropy(focal_gamma=1.0)
    expected = -3 * (1 / 4) * np.log(3 / 4) / 2
    assert float(loss(LABELS, LOGITS, sample_weight=np.array([3.0, 0.0]))) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_what_is_very_wrong_or_very_right_has_a_gradient_and_a_number(gamma):
    for loss, targets in (
        (LabelCrossentropy(focal_gamma=gamma), np.array([0])),
        (MultiLabelCrossentropy(focal_gamma=gamma), np.array([[1.0, 0.0]])),
    ):
        for logits, slope in (([[-50.0, 50.0]], 1.0), ([[50.0, -50.0]], 0.0)):
            logits = tf.Variable(np.array(logits, "float32"))
            with tf.GradientTape() as tape:
                value = loss(targets, logits)
            assert np.isfinite(float(value))
            share = 1.0 if logits.shape[1] != 2 or targets.ndim == 1 else 0.5  # the mean over two classes
            gradient = tape.gradient(value, logits).numpy()
            np.testing.assert_allclose(gradient, [[-slope * share, slope * share]], atol=1e-4)


def test_multi_label_without_options_is_keras_own():
    targets = np.array([[1.0, 0.0]])
    expected = (-np.log(3 / 4) - np.log(1 / 2)) / 2
    assert float(MultiLabelCrossentropy()(targets, SIGMOID_LOGITS)) == pytest.approx(expected, abs=1e-6)
    # Smoothed by a fifth: 0.9 and 0.1.
    smooth = (-(0.9 * np.log(3 / 4) + 0.1 * np.log(1 / 4)) - np.log(1 / 2)) / 2
    loss = MultiLabelCrossentropy(label_smoothing=0.2)
    assert float(loss(targets, SIGMOID_LOGITS)) == pytest.approx(smooth, abs=1e-6)


def test_multi_label_weights_multiply_where_a_text_has_the_class():
    loss = MultiLabelCrossentropy(class_weights=[3.0, 5.0])
    has, lacks = np.array([[1.0, 1.0]]), np.array([[0.0, 0.0]])
    assert float(loss(has, SIGMOID_LOGITS)) == pytest.approx((-3 * np.log(3 / 4) - 5 * np.log(1 / 2)) / 2, abs=1e-6)
    assert float(loss(lacks, SIGMOID_LOGITS)) == pytest.approx((-np.log(1 / 4) - np.log(1 / 2)) / 2, abs=1e-6)


def test_multi_label_focal_factor():
    loss = MultiLabelCrossentropy(focal_gamma=2.0, label_smoothing=0.2)
    # The first class: 0.9 of (1/4)² · -ln 3/4 and 0.1 of (3/4)² · -ln 1/4; the second: (1/2)² · ln 2 either way.
    first = 0.9 / 16 * np.log(4 / 3) + 0.1 * 9 / 16 * np.log(4)
    expected = (first + np.log(2) / 4) / 2
    assert float(loss(np.array([[1.0, 0.0]]), SIGMOID_LOGITS)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", [LabelCrossentropy, MultiLabelCrossentropy])
def test_losses_are_serializable(kind):
    loss = kind(label_smoothing=0.1, class_weights=[1.0, 2.0], focal_gamma=0.5)
    copy = keras.losses.deserialize(keras.losses.serialize(loss))
    assert isinstance(copy, kind)
    assert (copy.label_smoothing, copy.class_weights, copy.focal_gamma) == (0.1, (1.0, 2.0), 0.5)


def test_losses_of_half_precision_logits_are_float32():
    loss = LabelCrossentropy(focal_gamma=1.0)(LABELS, tf.constant(LOGITS, "float16"))
    assert loss.dtype == "float32"


def test_balanced_weights_let_classes_weigh_alike():
    # Four tokens count, of two classes: 4 / (2 * 3) and 4 / (2 * 1); the class that never occurs has 1.
    np.testing.assert_allclose(balanced_class_weights(np.array([[0, 0, -100], [0, 2, -100]]), 3), (2 / 3, 1.0, 2.0))


def test_balanced_positive_weights_are_the_odds():
    # One of four has the first class, all have the second, none the third.
    targets = np.array([[1, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]])
    assert balanced_positive_weights(targets) == (3.0, 1.0, 1.0)
