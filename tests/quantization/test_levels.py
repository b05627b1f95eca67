"""Rounding and its gradients, by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.export.rounding import round_to_nearest
from kbert.export.weight_schemes import WeightFormat
from kbert.layers.dense import Dense
from kbert.quantization.levels import round_rows, round_to_scales, straight_through
from kbert.quantization.rounded import RoundedDense
from kbert.quantization.weights import DenseWeight


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        # 2.55 wide: a level is 0.01.
        ([-1.0, 0.0, 0.014, 0.016, 1.55], [-1.0, 0.0, 0.01, 0.02, 1.55]),
        # 0 is a level, though all values are above it or below.
        ([0.5, 1.003, 2.55], [0.5, 1.0, 2.55]),
        ([-0.5, -1.003, -2.55], [-0.5, -1.0, -2.55]),
        ([0.0, 0.0], [0.0, 0.0]),
    ],
)
def test_inputs_get_256_levels_between_their_least_and_greatest(x, expected):
    np.testing.assert_allclose(round_rows(np.asarray([x], "float32"))[0], expected, atol=1e-6)


def test_each_vector_has_a_range_of_its_own():
    found = round_rows(np.asarray([[[0.0, 2.55, 0.004]], [[0.0, 25.5, 0.04]]], "float32"))
    np.testing.assert_allclose(found, [[[0.0, 2.55, 0.0]], [[0.0, 25.5, 0.0]]], rtol=1e-6)


@pytest.mark.parametrize(("bits", "least", "most"), [(8, -127, 127), (4, -8, 7)])
def test_weights_beyond_the_last_level_are_cut_off(bits, least, most):
    found = round_to_scales(np.asarray([-1000.0, 0.24, 0.26, 1000.0], "float32"), np.float32(0.5), bits)
    np.testing.assert_array_equal(found, [least * 0.5, 0.0, 0.5, most * 0.5])


@pytest.mark.parametrize("bits", [8, 4])
def test_levels_are_those_of_the_exporter(bits):
    values = np.random.default_rng(0).normal(size=(16, 64)).astype("float32")
    expected = round_to_nearest(values, bits, 32)
    found = round_to_scales(values.reshape(16, 2, 32), expected.scales[..., None], bits)
    np.testing.assert_array_equal(np.reshape(found, values.shape), expected.weights())


def test_gradients_go_straight_through_also_where_a_weight_is_cut_off():
    weights = tf.constant([0.26, 100.0])
    with tf.GradientTape() as tape:
        tape.watch(weights)
        found = straight_through(weights, round_to_scales(weights, 0.5, 4))
        loss = tf.reduce_sum(found * tf.constant([3.0, 5.0]))
    np.testing.assert_array_equal(found, [0.5, 3.5])
    np.testing.assert_array_equal(tape.gradient(loss, weights), [3.0, 5.0])


def dense_of(kernel: list[list[float]], norm=None, factor: float = 1.0) -> Dense:
    layer = Dense(len(kernel[0]))
    layer.build((None, len(kernel)))
    layer.kernel.assign(kernel)
    layer.bias.assign([0.5] * len(kernel[0]))
    scales = keras.Variable(np.ones((1, 1, len(kernel[0])), "float32"), trainable=False)
    layer.affine = RoundedDense(DenseWeight("dense", layer, factor, norm), WeightFormat(8), scales)
    layer.affine.refresh()
    return layer


def test_a_dense_layer_learns_from_rounded_inputs_and_rounded_weights():
    layer = dense_of([[0.304], [-1.27]])  # a level of the weights is 0.01
    x = tf.constant([[1.004, 2.55]])  # and one of the inputs
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    np.testing.assert_allclose(y, [[1.0 * 0.30 + 2.55 * -1.27 + 0.5]], rtol=1e-6)
    by_x, by_kernel, by_bias = tape.gradient(y, [x, layer.kernel.value, layer.bias.value])
    np.testing.assert_allclose(by_x, [[0.30, -1.27]], rtol=1e-6)
    np.testing.assert_allclose(by_kernel, [[1.0], [2.55]], rtol=1e-6)
    np.testing.assert_allclose(by_bias, [1.0])


def test_what_the_file_folds_into_a_weight_is_rounded_with_it_and_learns_as_before():
    norm = keras.layers.LayerNormalization()
    norm.build((None, 1))
    norm.gamma.assign([2.0])
    norm.beta.assign([1.0])
    layer = dense_of([[0.5]], norm, factor=0.25)
    np.testing.assert_array_equal(layer.affine.rounded_rows(), [[0.25]])  # 2 * 0.5 * 0.25
    x = tf.constant([[3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    variables = [x, layer.kernel.value, norm.gamma.value, norm.beta.value]
    np.testing.assert_allclose(y, [[3.0 * 0.5 + 0.5]], rtol=1e-6)
    # Of x @ kernel alone: γ and β act through x, which is given here.
    for found, expected in zip(tape.gradient(y, variables), (0.5, 3.0, 0.0, 0.0), strict=True):
        np.testing.assert_allclose(np.ravel(found), [expected], atol=1e-6)


def test_a_gamma_of_zero_makes_no_infinity():
    norm = keras.layers.LayerNormalization()
    norm.build((None, 2))
    norm.gamma.assign([0.0, 1.0])
    norm.beta.assign([7.0, 0.0])
    layer = dense_of([[1.0], [1.0]], norm)
    np.testing.assert_allclose(layer(np.asarray([[7.0, 2.0]], "float32")), [[7.0 + 2.0 + 0.5]], rtol=1e-6)
