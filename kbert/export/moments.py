"""What the inputs of layers are like, summed over texts: all that rounding for inputs needs to know of them."""

from collections.abc import Callable, Iterator, Sequence
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
    for rows in _by_length(texts):
        for tensor, x in zip(tensors, _vectors(run, rows), strict=True):
            moments[tensor] = moments.get(tensor, 0.0) + x.T @ x
    return moments


def sum_paired_moments(values: Sequence[np.ndarray], exact: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The sums of x̂ x̂ᵀ and of x x̂ᵀ, float32 (width, width), over the vectors x̂ of a tensor and what they should be.

    Args:
        values: the tensor in each text, (…, width).
        exact: what it is there in the model that is not rounded, likewise.
    """
    moments, cross_moments = np.zeros((), "float32"), np.zeros((), "float32")
    for start in range(0, len(values), TEXTS_AT_ONCE):
        given, wanted = (_side_by_side(of[start : start + TEXTS_AT_ONCE]) for of in (values, exact))
        moments = moments + given.T @ given
        cross_moments = cross_moments + wanted.T @ given
    return moments, cross_moments


def _by_length(texts: Sequence[TokenRow]) -> Iterator[list[TokenRow]]:
    """The texts in order of length, so that a runtime seldom has to resize; many for one product of matrices."""
    rows = sorted(texts, key=len)
    for start in range(0, len(rows), TEXTS_AT_ONCE):
        yield rows[start : start + TEXTS_AT_ONCE]


def _vectors(run: Callable[[TokenRow], Sequence[np.ndarray]], rows: Sequence[TokenRow]) -> list[np.ndarray]:
    """For each tensor its vectors in all of the texts, (vectors, width)."""
    return [_side_by_side(of_tensor) for of_tensor in zip(*(run(row) for row in rows), strict=True)]


def _side_by_side(values: Sequence[np.ndarray]) -> np.ndarray:
    """The vectors of a tensor in some texts, (vectors, width)."""
    return np.concatenate([value.reshape(-1, value.shape[-1]) for value in values])
