"""What the inputs of layers are like, summed over texts: all that rounding for inputs needs to know of them."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from kbert.data.batching import TokenRow

TEXTS_AT_ONCE = 64

Tensor = TypeVar("Tensor")


def sum_moments(
    tensors: Sequence[Tensor], texts: Sequence[TokenRow], run: Callable[[TokenRow], Sequence[np.ndarray]]
) -> dict[Tensor, np.ndarray]:
    """For each tensor the sum of x xᵀ over its vectors x, float32 (width, width).

    Args:
        tensors: what identifies each.
        texts: rows to run.
        run: a text to the value (…, width) of each tensor.
    """
    moments: dict[Tensor, np.ndarray] = {}
    # In order of length, so that a runtime seldom has to resize; many texts for one product of matrices.
    rows = sorted(texts, key=len)
    for start in range(0, len(rows), TEXTS_AT_ONCE):
        values = [run(row) for row in rows[start : start + TEXTS_AT_ONCE]]
        for i, tensor in enumerate(tensors):
            x = np.concatenate([of_text[i].reshape(-1, of_text[i].shape[-1]) for of_text in values])
            moments[tensor] = moments.get(tensor, 0.0) + x.T @ x
    return moments
