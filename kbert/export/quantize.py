"""The weights of a float32 TFLite file to 8 or 4 bits.

The TensorFlow converter has no 4 bits and one scale for the whole embedding table. ai-edge-quantizer leaves a GATHER
alone, cuts nothing off at 4 bits in blocks, and its GPTQ, which keeps the inverse of the moments fixed while it goes
over the columns, changes more labels than rounding to the nearest does.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kbert.errors import InputError
from kbert.export.rounding import Rounded, round_for_inputs, round_to_nearest
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    find_weights,
    gather_to_lookup,
    put_rounded,
    read_graph,
    write_graph,
)
from kbert.extras import require
from kbert.quiet import native_stderr_silenced

# Fewer weights than this, those of most classifiers, stay float32: the answer hangs on them, and they weigh nothing.
SMALLEST = 1024
# The name scope of the look-up of positions: a hundredth of the weights, which stays at 8 bits.
POSITIONS = "embeddings/positions"

TEXTS_AT_ONCE = 64


@dataclasses.dataclass(frozen=True)
class WeightFormat:
    """How weights are kept: bits of a level, and how many neighbours in a row share a scale (None: the whole row)."""

    bits: int
    block_size: int | None = None


@dataclasses.dataclass(frozen=True)
class WeightScheme:
    """The formats of dense layers and of the token embeddings."""

    dense: WeightFormat
    embeddings: WeightFormat


EIGHT_BITS = WeightFormat(8)
WEIGHT_SCHEMES = {
    "dynamic_int8": WeightScheme(EIGHT_BITS, EIGHT_BITS),
    "int4": WeightScheme(WeightFormat(4, 32), WeightFormat(4, 64)),
}


def quantize_weights(model: bytes, scheme: WeightScheme, calibration: Sequence[np.ndarray] = ()) -> bytes:
    """A float32 TFLite file with its dense layers and embeddings in the formats of a scheme.

    Args:
        model: a file as `kbert.export.tflite.convert` makes it.
        scheme: the formats.
        calibration: token ids int32 (length,) of texts like those that the file will read. With them, 4-bit weights are
            rounded for their inputs rather than to the nearest.

    Raises:
        InputError: a weight has values that are no numbers.
    """
    graph = read_graph(model)
    gather_to_lookup(graph)
    chosen = [(weight, _format(weight, scheme)) for weight in find_weights(graph) if weight.values.size >= SMALLEST]
    inputs = sorted({weight.input for weight, format_ in chosen if weight.kind == DENSE and format_.bits < 8})
    moments = input_moments(model, inputs, calibration) if calibration and inputs else {}
    for weight, format_ in chosen:
        rounded = _round(weight, format_, moments.get(weight.input) if weight.kind == DENSE else None)
        put_rounded(graph, weight, rounded, format_.bits)
    return write_graph(graph)


def input_moments(model: bytes, tensors: Sequence[int], calibration: Iterable[np.ndarray]) -> dict[int, np.ndarray]:
    """For each tensor (…, width) the sum of x xᵀ over its vectors x while texts run, float32 (width, width)."""
    graph = read_graph(model)
    # Outputs can be read with the delegate on: several times as fast as an interpreter that keeps everything.
    outputs = list(graph.subgraphs[0].outputs)
    graph.subgraphs[0].outputs = outputs + [tensor for tensor in tensors if tensor not in outputs]
    with native_stderr_silenced():
        interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(
            model_content=write_graph(graph)
        )
        runner = interpreter.get_signature_runner()
    moments: dict[int, Any] = dict.fromkeys(tensors, 0.0)
    # In order of length, so that the runtime seldom has to resize; many texts for one product of matrices.
    rows = sorted(calibration, key=len)
    for start in range(0, len(rows), TEXTS_AT_ONCE):
        vectors: dict[int, list[np.ndarray]] = {tensor: [] for tensor in tensors}
        for ids in rows[start : start + TEXTS_AT_ONCE]:
            row = ids[None].astype("int32")
            runner(ids=row, mask=np.ones_like(row), segment_ids=np.zeros_like(row))
            for tensor in tensors:
                values = interpreter.get_tensor(tensor)
                vectors[tensor].append(values.reshape(-1, values.shape[-1]))
        for tensor in tensors:
            x = np.concatenate(vectors[tensor])
            moments[tensor] = moments[tensor] + x.T @ x
    return moments


def _format(weight: Weight, scheme: WeightScheme) -> WeightFormat:
    if weight.name.startswith(POSITIONS):
        return EIGHT_BITS
    format_ = scheme.dense if weight.kind == DENSE else scheme.embeddings
    # Blocks that do not go into a row: one scale for the row.
    return format_ if weight.values.shape[1] % (format_.block_size or 1) == 0 else WeightFormat(format_.bits)


def _round(weight: Weight, format_: WeightFormat, moments: np.ndarray | None) -> Rounded:
    if not np.isfinite(weight.values).all():
        raise InputError(f"{weight.name}: expected weights that are numbers, some are none. Fine-tune again")
    block_size = format_.block_size or weight.values.shape[1]
    if moments is None or format_.bits == 8:
        return round_to_nearest(weight.values, format_.bits, block_size)
    return round_for_inputs(weight.values, moments, format_.bits, block_size)
