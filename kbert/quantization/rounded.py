"""Dense layers and look-ups that compute with rounded weights, and learn float32 ones."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from kbert.export.rounding import round_to_nearest
from kbert.export.weight_schemes import WeightFormat
from kbert.layers.embeddings import BertEmbeddings
from kbert.quantization.levels import round_rows, round_to_scales, straight_through
from kbert.quantization.weights import DenseWeight


@dataclasses.dataclass(frozen=True, eq=False)
class RoundedDense:
    """What takes the place of a dense layer's product: `kbert.layers.dense.Dense.affine`.

    The kernel is rounded as the file has it, with γ and factor, and so are the inputs, as they are before γ and β. The
    file's bias has β times the kernel before it was rounded.

    Attributes:
        weight: the layer.
        format_: that of its kernel.
        scales: float32 (blocks, 1, outputs): the kernel's layout, so that no pass transposes it.
    """

    weight: DenseWeight
    format_: WeightFormat
    scales: keras.Variable

    def __call__(self, x: Any, kernel: Any, bias: Any) -> Any:
        norm, folded = self.weight.norm, kernel
        if self.weight.factor != 1.0:
            folded = folded * self.weight.factor
        if norm is not None:
            folded = norm.gamma[:, None] * folded
            bias = bias + ops.matmul(norm.beta[None], kernel)[0]
            x = (x - norm.beta) / ops.where(norm.gamma == 0.0, 1.0, norm.gamma)
        product = ops.matmul(
            straight_through(x, round_rows(x)), straight_through(folded, self._round(folded, self.scales))
        )
        return product / self.weight.factor + bias

    def refresh(self) -> None:
        """Chooses the scales anew."""
        _refresh(self.scales, self._rows(), self.format_, lambda scales: scales.T[:, None])

    def rounded_rows(self) -> np.ndarray:
        """What the file has: float32 (outputs, inputs)."""
        rounded: np.ndarray = ops.convert_to_numpy(self._round(self._rows().T, self.scales)).T
        return rounded

    def _rows(self) -> np.ndarray:
        kernel = ops.convert_to_numpy(self.weight.layer.kernel) * np.float32(self.weight.factor)
        if self.weight.norm is not None:
            kernel = ops.convert_to_numpy(self.weight.norm.gamma)[:, None] * kernel
        return np.ascontiguousarray(kernel.T)

    def _round(self, kernel: Any, scales: Any) -> Any:
        blocks = ops.reshape(kernel, (scales.shape[0], -1, kernel.shape[1]))
        return ops.reshape(round_to_scales(blocks, scales, self.format_.bits), kernel.shape)


@dataclasses.dataclass(frozen=True, eq=False)
class RoundedTable:
    """A table with a scale for each row or for each block of one.

    Attributes:
        table: gives it as it is now, float32 (rows, columns).
        format_: that of its rows.
        scales: float32 (rows, blocks).
    """

    table: Callable[[], Any]
    format_: WeightFormat
    scales: keras.Variable

    def round(self, rows: Any, scales: Any) -> Any:
        """Rows (…, columns) of the table with the scales (…, blocks) of these."""
        blocks = ops.reshape(rows, (*ops.shape(scales), -1))
        rounded = round_to_scales(blocks, ops.expand_dims(scales, -1), self.format_.bits)
        return straight_through(rows, ops.reshape(rounded, ops.shape(rows)))

    def refresh(self) -> None:
        """Chooses the scales anew."""
        _refresh(self.scales, ops.convert_to_numpy(self.table()), self.format_, lambda scales: scales)

    def rounded_rows(self) -> np.ndarray:
        """What the file has: float32 (rows, columns)."""
        rounded: np.ndarray = ops.convert_to_numpy(self.round(self.table(), self.scales))
        return rounded


@dataclasses.dataclass(frozen=True, eq=False)
class RoundedLookUp:
    """The sum of the embedding tables as the file has them: `kbert.layers.BertEmbeddings.look_up`.

    Segment 0 is part of the positions there; what segment 1 differs by is added in float32. A table that is None is
    small, and stays float32.
    """

    embeddings: BertEmbeddings
    tokens: RoundedTable | None
    positions: RoundedTable | None

    def __call__(self, token_ids: Any, segment_ids: Any) -> Any:
        layer, length = self.embeddings, ops.shape(token_ids)[1]
        x = layer.token(token_ids)  # (batch, length, token_dim)
        if self.tokens is not None:  # rounding the rows that a batch has costs less than rounding the table
            x = self.tokens.round(x, ops.take(self.tokens.scales, token_ids, axis=0))
        x = layer.project(x)  # (batch, length, hidden_dim)
        positions = position_table(layer)[:length]
        if self.positions is not None:
            positions = self.positions.round(positions, self.positions.scales[:length])
        segments = ops.one_hot(segment_ids, layer.config.num_segments, dtype=x.dtype)
        return x + positions[None] + ops.matmul(segments, layer.segment - layer.segment[0])


def position_table(embeddings: BertEmbeddings) -> Any:
    """The table of the file: positions with segment 0, (max_sequence_length, hidden_dim)."""
    return ops.convert_to_tensor(embeddings.position_table()) + embeddings.segment[0]


def _refresh(
    scales: keras.Variable, rows: np.ndarray, format_: WeightFormat, to_variable: Callable[[np.ndarray], np.ndarray]
) -> None:
    """Scales as the exporter chooses them, since the same function does, for rows (rows, columns)."""
    if np.isfinite(rows).all():  # what is no number is for training to find, and to name
        block_size = format_.block_size or rows.shape[1]
        scales.assign(to_variable(round_to_nearest(rows, format_.bits, block_size).scales))
