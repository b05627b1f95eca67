"""Weights to small integers: hand-computed levels, and rounding that looks at the inputs."""

import numpy as np
import pytest
from ml_dtypes import bfloat16

from kbert.export.rounding import Rounded, make_up_for_inputs, round_for_inputs, round_to_nearest


def test_eight_bits_share_the_scale_of_the_largest_weight_of_a_row():
    rounded = round_to_nearest(np.array([[1.27, -0.64, 0.004], [0.0, 0.0, 0.0]], "float32"), 8, 3)
    assert rounded.levels.tolist() == [[127, -64, 0], [0, 0, 0]]
    assert rounded.levels.dtype == np.int8
    np.testing.assert_allclose(rounded.scales[0], [0.01], rtol=1e-6)
    np.testing.assert_allclose(rounded.weights()[0], [1.27, -0.64, 0.0], rtol=1e-6)


def test_eight_bits_never_reach_minus_128():
    weights = np.random.default_rng(0).normal(size=(50, 40)).astype("float32")
    assert round_to_nearest(weights, 8, 40).levels.min() == -127


def test_four_bits_have_a_scale_for_each_block():
    weights = np.array([[7, -3, 1, 0, 0.7, -0.3, 0.1, 0]], "float32")
    rounded = round_to_nearest(weights, 4, 4)
    assert rounded.levels.tolist() == [[7, -3, 1, 0, 7, -3, 1, 0]]
    np.testing.assert_allclose(rounded.scales, [[1.0, 0.1]], rtol=1e-3)  # half precision
    np.testing.assert_allclose(rounded.weights(), weights, rtol=1e-3)


def test_scales_of_blocks_are_what_every_runtime_takes_them_for():
    """A file has them as float16, XNNPACK as bfloat16."""
    weights = np.random.default_rng(0).normal(size=(64, 64)).astype("float32") * np.logspace(-6, 3, 64)[:, None]
    scales = round_to_nearest(weights.astype("float32"), 4, 32).scales
    np.testing.assert_array_equal(scales.astype("float16").astype("float32"), scales)
    np.testing.assert_array_equal(scales.astype(bfloat16).astype("float32"), scales)


def test_four_bits_use_all_sixteen_levels():
    weights = np.random.default_rng(0).normal(size=(64, 64)).astype("float32")
    levels = round_to_nearest(weights, 4, 32).levels
    assert set(np.unique(levels)) == set(range(-8, 8))


def test_scales_at_four_bits_cut_off_what_is_not_worth_its_range():
    weights = np.random.default_rng(0).normal(size=(200, 64)).astype("float32")
    cut_nothing = np.abs(weights).max(axis=1, keepdims=True) / 7
    plain = np.clip(np.rint(weights / cut_nothing), -8, 7) * cut_nothing
    ours = round_to_nearest(weights, 4, 64).weights()
    assert ((ours - weights) ** 2).mean() < 0.8 * ((plain - weights) ** 2).mean()


@pytest.mark.parametrize("block_size", [8, 32])
def test_rounding_for_inputs_changes_the_outputs_less(block_size):
    random = np.random.default_rng(0)
    weights = random.normal(size=(16, 32)).astype("float32")
    inputs = random.normal(size=(500, 8)) @ random.normal(size=(8, 32))  # inputs that go together, as real ones do
    others = random.normal(size=(500, 8)) @ random.normal(size=(8, 32))
    rounded = round_for_inputs(weights, inputs.T @ inputs, 4, block_size)
    nearest = round_to_nearest(weights, 4, block_size)

    def change(chosen: Rounded, x: np.ndarray) -> float:
        return float(((x @ (chosen.weights() - weights).T) ** 2).sum())

    assert change(rounded, inputs) < 0.3 * change(nearest, inputs)
    assert change(rounded, others) > change(nearest, others)  # nothing is free
    assert rounded.scales.shape == (16, 32 // block_size)


def test_inputs_that_are_independent_leave_every_weight_at_its_nearest_level():
    weights = np.random.default_rng(1).normal(size=(4, 16)).astype("float32")
    rounded = round_for_inputs(weights, np.eye(16), 4, 8)
    np.testing.assert_array_equal(rounded.levels, round_to_nearest(weights, 4, 8).levels)


def test_inputs_that_are_always_zero_are_no_obstacle():
    weights = np.random.default_rng(1).normal(size=(4, 16)).astype("float32")
    assert np.isfinite(round_for_inputs(weights, np.zeros((16, 16)), 4, 8).weights()).all()


def test_weights_make_up_for_inputs_that_came_out_too_small():
    # Every input came out half as large. The pull to the weight is as strong as the inputs, of mean square 4:
    # (1.5 * 8 + 1.5 * 4) / (4 + 4).
    made_up = make_up_for_inputs(np.array([[1.5]], "float32"), np.array([[4.0]]), np.array([[8.0]]))
    np.testing.assert_array_equal(made_up, np.array([[2.25]], "float32"))


def test_inputs_that_are_as_they_should_be_leave_weights_alone():
    random = np.random.default_rng(0)
    weights, x = random.normal(size=(3, 5)).astype("float32"), random.normal(size=(40, 5))
    np.testing.assert_allclose(make_up_for_inputs(weights, x.T @ x, x.T @ x), weights, rtol=1e-5)


def test_weights_made_up_give_outputs_nearer_to_those_of_the_exact_inputs():
    random = np.random.default_rng(0)
    weights = random.normal(size=(6, 8)).astype("float32")
    exact = random.normal(size=(300, 8))
    given = exact @ (np.eye(8) + 0.3 * random.normal(size=(8, 8)))  # off, and predictably so
    made_up = make_up_for_inputs(weights, given.T @ given, exact.T @ given)
    wanted = exact @ weights.T
    assert ((given @ made_up.T - wanted) ** 2).sum() < 0.5 * ((given @ weights.T - wanted) ** 2).sum()


def test_inputs_that_are_always_zero_leave_weights_alone():
    weights = np.array([[1.0, -2.0]], "float32")
    np.testing.assert_array_equal(make_up_for_inputs(weights, np.zeros((2, 2)), np.zeros((2, 2))), weights)
