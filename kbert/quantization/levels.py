"""Values to the levels of small integers and back, and gradients straight through it."""

from typing import Any

from keras import ops

from kbert.export.rounding import level_range


def straight_through(values: Any, replaced: Any) -> Any:
    """`replaced`, to the bit, with the gradient of `values`: the straight-through estimator (arXiv:1308.3432).

    Also where a value was cut off: scales are chosen anew while the weights move, so a weight beyond the last level has
    to be able to come back, which it could not without a gradient.
    """
    return ops.stop_gradient(replaced) + (values - ops.stop_gradient(values))


def round_to_scales(values: Any, scales: Any, bits: int) -> Any:
    """Values to their nearest level times the scale, as `kbert.export.rounding` computes it.

    Args:
        values: float32.
        scales: float32, of a shape that broadcasts to that of the values.
        bits: 8 or 4.
    """
    return ops.clip(ops.round(values / scales), *level_range(bits)) * scales


def round_rows(x: Any) -> Any:
    """Each vector (…, width) to 256 levels between its least and its greatest value, 0 being one of them.

    This is what XNNPACK does with the inputs of a dense layer whose weights are integers, for each token by itself
    (`xnn_f32_qd8_asymmetric_quantization_params`), and what the runtimes' other kernels do but for a rounding of the
    zero point.
    """
    low = ops.minimum(ops.min(x, axis=-1, keepdims=True), 0.0)
    high = ops.maximum(ops.max(x, axis=-1, keepdims=True), 0.0)
    width = high - low
    steps = 255.0 / ops.where(width == 0.0, 255.0, width)
    # Of the two ends the one whose level is rounded less.
    from_low, from_high = -128.0 - low * steps, 127.0 - high * steps
    zero = ops.where(from_low + from_high < 0.0, from_low, from_high)
    zero = ops.round(ops.clip(zero, -128.0, 127.0))
    levels = ops.clip(ops.round(x * steps) + zero, -128.0, 127.0)
    return (levels - zero) / steps
