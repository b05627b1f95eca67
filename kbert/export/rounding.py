"""Weights to small integers: which integer each becomes, and the scales that they share."""

import dataclasses

import numpy as np
from ml_dtypes import bfloat16

# How far the largest weight of a block may be cut off, tried one by one: at 4 bits a finer grid for all others is often
# worth more.
SHRINKS = np.linspace(0.55, 1.0, 16)
DAMPING = 0.01


@dataclasses.dataclass(frozen=True)
class Rounded:
    """`levels` int8 (rows, columns), `scales` float32 (rows, blocks): a weight is its level times its block's scale."""

    levels: np.ndarray
    scales: np.ndarray

    def weights(self) -> np.ndarray:
        """float32 (rows, columns)."""
        rows, blocks = self.scales.shape
        return (self.levels.reshape(rows, blocks, -1) * self.scales[..., None]).reshape(self.levels.shape)


def round_to_nearest(weights: np.ndarray, bits: int, block_size: int) -> Rounded:
    """Every weight to its nearest level, with the scales that make the squared error of each block least.

    Args:
        weights: float32 (rows, columns).
        bits: 8 or 4.
        block_size: how many neighbours in a row share a scale; divides the columns.
    """
    blocks = weights.reshape(len(weights), -1, block_size)
    scales = _best_scales(blocks, bits, np.ones(block_size, "float32"))
    return Rounded(_levels(blocks, scales[..., None], bits).reshape(weights.shape), scales)


def round_for_inputs(weights: np.ndarray, moments: np.ndarray, bits: int, block_size: int) -> Rounded:
    """Rounds so that the products with real inputs change least, rather than the weights.

    Column after column is rounded, and what an output lost by it is made up for by the columns still to come: GPTQ
    (Frantar et al., 2022, arXiv:2210.17323).

    Args:
        weights: float32 (outputs, inputs).
        moments: the sum of x xᵀ over the inputs x of the layer, float (inputs, inputs).
        bits: 8 or 4.
        block_size: how many neighbours in a row share a scale; divides the inputs.
    """
    rest = weights.astype("float64")
    moments = moments.astype("float64")
    moments[np.diag_indices_from(moments)] += DAMPING * max(float(np.diag(moments).mean()), 1e-12)
    importance = np.diag(moments).astype("float32")
    # The upper triangular factor of the inverse: row j says how the columns after j make up for an error in j.
    make_up = np.linalg.cholesky(np.linalg.inv(moments)).T
    levels = np.zeros(weights.shape, "int8")
    scales = []
    for start in range(0, weights.shape[1], block_size):
        stop = start + block_size
        block = rest[:, start:stop]
        scale = _best_scales(block.astype("float32")[:, None], bits, importance[start:stop])[:, 0]
        errors = np.zeros_like(block)
        for j in range(block_size):
            column = start + j
            levels[:, column] = _levels(block[:, j], scale, bits)
            errors[:, j] = (block[:, j] - levels[:, column] * scale) / make_up[column, column]
            block[:, j + 1 :] -= np.outer(errors[:, j], make_up[column, column + 1 : stop])
        rest[:, stop:] -= errors @ make_up[start:stop, stop:]
        scales.append(scale)
    return Rounded(levels, np.stack(scales, axis=1))


def make_up_for_inputs(weights: np.ndarray, moments: np.ndarray, cross_moments: np.ndarray) -> np.ndarray:
    """The weights that come nearest, on a layer's inputs as they are, to what `weights` give on them as they should be.

    The layers before a layer have been rounded, so its inputs are a little off, and in part predictably so:
    Quantization Error Propagation (Arai and Ichikawa, 2025, arXiv:2504.09629). Least squares, pulled to `weights` as
    strongly as inputs of the mean variance would, so that a few hundred texts are enough.

    Args:
        weights: float32 (outputs, inputs).
        moments: the sum of x̂ x̂ᵀ over the inputs x̂ as they are, float (inputs, inputs).
        cross_moments: the sum of x x̂ᵀ with the inputs x as they should be, float (inputs, inputs).

    Returns:
        float32 (outputs, inputs).
    """
    pull = max(float(np.diag(moments).mean()), 1e-12) * np.eye(len(moments))
    exact = weights.astype("float64")
    # (W C + W P) (M + P)⁻¹ for symmetric M and P.
    met = np.linalg.solve(moments.astype("float64") + pull, (exact @ (cross_moments + pull)).T).T
    return met.astype("float32")


def level_range(bits: int) -> tuple[int, int]:
    """The lowest and the highest level of 8 or 4 bits."""
    top = 2 ** (bits - 1) - 1
    # LiteRT's 8-bit kernels want it symmetric; of 16 levels none can be spared.
    return -top if bits == 8 else -top - 1, top


def _best_scales(blocks: np.ndarray, bits: int, importance: np.ndarray) -> np.ndarray:
    """For float32 (rows, blocks, block_size) the scales (rows, blocks); `importance` (block_size,) weighs errors."""
    top = np.maximum(np.abs(blocks).max(axis=-1), 1e-8) / (2 ** (bits - 1) - 1)
    if bits == 8:
        return top.astype("float32")  # 254 steps are fine enough to cut nothing off
    best = np.full(top.shape, np.inf)
    scales = top
    for shrink in SHRINKS:
        # Files hold the scales of blocks as float16, which XNNPACK turns into bfloat16: one that is both is the same in
        # every runtime, and the levels are the nearest ones everywhere.
        tried = np.maximum(top * shrink, 1e-6).astype("float16").astype(bfloat16).astype("float32")
        error = ((_levels(blocks, tried[..., None], bits) * tried[..., None] - blocks) ** 2) @ importance
        scales = np.where(error < best, tried, scales)
        best = np.minimum(error, best)
    return scales.astype("float32")


def _levels(weights: np.ndarray, scales: np.ndarray, bits: int) -> np.ndarray:
    lowest, top = level_range(bits)
    return np.clip(np.rint(weights / scales), lowest, top).astype("int8")
