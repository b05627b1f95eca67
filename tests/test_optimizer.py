"""The fused AdamW is Keras's AdamW; the schedule is a triangle."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.optimizer import AdamW, WarmUpLinearDecay, decay_without_gradient, make_optimizer


def test_schedule_rises_to_the_peak_and_falls_to_zero():
    schedule = WarmUpLinearDecay(peak=0.8, total_steps=10, warmup_steps=2)
    rates = [float(schedule(step)) for step in (0, 1, 2, 6, 10, 11)]
    np.testing.assert_allclose(rates, [0.0, 0.4, 0.8, 0.4, 0.0, 0.0], atol=1e-7)


def test_schedule_without_warm_up_starts_at_the_peak():
    assert float(WarmUpLinearDecay(peak=0.5, total_steps=4)(0)) == pytest.approx(0.5)


def test_schedule_counts_updates_not_batches():
    schedule = WarmUpLinearDecay(peak=1.0, total_steps=2, batches_per_step=3)
    np.testing.assert_allclose([float(schedule(batch)) for batch in range(6)], [1.0, 1.0, 1.0, 0.5, 0.5, 0.5])


def test_schedule_falls_as_a_power_of_the_way_left():
    # Half of the way down is left at step 6 of 2 to 10, a quarter at step 8.
    square = WarmUpLinearDecay(peak=0.8, total_steps=10, warmup_steps=2, power=2.0)
    np.testing.assert_allclose([float(square(step)) for step in (1, 2, 6, 8, 10, 11)], [0.4, 0.8, 0.2, 0.05, 0, 0])
    root = WarmUpLinearDecay(peak=1.0, total_steps=4, power=0.5)
    np.testing.assert_allclose([float(root(step)) for step in (0, 3, 4)], [1.0, 0.5, 0.0], rtol=1e-6)


def test_lamb_moves_by_a_share_of_the_weights_own_norm():
    optimizer = make_optimizer(
        learning_rate=0.1, total_steps=10, warmup_steps=0, weight_decay=0.0, clip_norm=None, kind="lamb"
    )
    kernel = keras.Variable(np.array([[3.0, 4.0]], "float32"), name="kernel")
    optimizer.build([kernel])
    optimizer.apply_gradients([(tf.constant([[7.0, 0.0]]), kernel)])
    # Adam's first step is the sign of the gradient, (1, 0). The trust ratio is 5: the weights have that norm.
    np.testing.assert_allclose(kernel.numpy(), [[3.0 - 0.1 * 5, 4.0]], rtol=1e-5)


def two_variables():
    kernel = keras.Variable(np.linspace(-1, 1, 12).reshape(6, 2).astype("float32"), name="kernel")
    bias = keras.Variable(np.array([0.5, -0.5], "float32"), name="bias")
    return kernel, bias


def train(optimizer, *, sparse: bool):
    """Five steps of a gather and a sum of squares, so that gradients are indexed slices or dense."""
    kernel, bias = two_variables()
    optimizer.build([kernel, bias])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            rows = tf.gather(kernel.value, [1, 1, 4]) if sparse else kernel.value[:3]
            loss = tf.reduce_sum(tf.square(rows + bias.value))
        optimizer.apply_gradients(zip(tape.gradient(loss, [kernel.value, bias.value]), [kernel, bias], strict=True))

    for _ in range(5):
        step()
    return kernel.numpy(), bias.numpy()


def test_fused_update_is_keras_own():
    settings = {"learning_rate": 0.1, "weight_decay": 0.01, "epsilon": 1e-8, "global_clipnorm": 1.0}
    fused = train(AdamW(**settings), sparse=False)
    plain = train(keras.optimizers.AdamW(**settings), sparse=False)
    for a, b in zip(fused, plain, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)  # a few roundings of updates as large as 0.1


@pytest.mark.parametrize("optimizer", [AdamW, keras.optimizers.AdamW])
def test_rows_gathered_twice_count_once(optimizer):
    def update(gradient):
        kernel = keras.Variable(np.ones((3, 1), "float32"))
        chosen = optimizer(0.1, epsilon=1.0, weight_decay=0.0, global_clipnorm=1.0)
        chosen.build([kernel])
        chosen.apply_gradients([(gradient, kernel)])
        return kernel.numpy().ravel()

    # Row 1 stands twice: with the norm 10 of (0, 6, 8), clipping leaves (0, 0.6, 0.8).
    slices = tf.IndexedSlices(tf.constant([[3.0], [3.0], [8.0]]), tf.constant([1, 1, 2]), tf.constant([3, 1]))
    summed = update(tf.constant([[0.0], [6.0], [8.0]]))
    if optimizer is AdamW:
        np.testing.assert_allclose(update(slices), summed, atol=1e-7)
    else:
        # Why AdamW sums first. Once Keras does, this fails, and its `apply` can go.
        assert np.abs(update(slices) - summed).max() > 1e-4


def test_biases_and_layer_norm_are_not_decayed():
    optimizer = make_optimizer(learning_rate=0.1, total_steps=10, warmup_steps=0, weight_decay=0.5)
    kernel, bias = two_variables()
    gamma = keras.Variable(np.ones(2, "float32"), name="gamma")
    optimizer.build([kernel, bias, gamma])
    zeros = [tf.zeros_like(v.value) for v in (kernel, bias, gamma)]
    before = kernel.numpy()
    optimizer.apply_gradients(zip(zeros, [kernel, bias, gamma], strict=True))
    np.testing.assert_allclose(kernel.numpy(), before * 0.95, atol=1e-7)
    np.testing.assert_array_equal(bias.numpy(), [0.5, -0.5])
    np.testing.assert_array_equal(gamma.numpy(), [1.0, 1.0])


def test_decay_without_gradient_is_the_product_of_all_steps():
    optimizer = make_optimizer(learning_rate=0.5, total_steps=2, warmup_steps=0, weight_decay=0.1)
    # Rates 0.5 and 0.25: (1 - 0.05) * (1 - 0.025).
    assert decay_without_gradient(optimizer, 2) == pytest.approx(0.95 * 0.975)
    assert decay_without_gradient(optimizer, 0) == 1.0
