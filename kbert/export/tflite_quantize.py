"""The weights of a float32 TFLite file to 8 or 4 bits.

The TensorFlow converter has no 4 bits and one scale for the whole embedding table. ai-edge-quantizer leaves a GATHER
alone, cuts nothing off at 4 bits in blocks, and its GPTQ, which keeps the inverse of the moments fixed while it goes
over the columns, changes more labels than rounding to the nearest does.
"""

from collections.abc import Callable, Sequence

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.inputs import TFLITE_INPUTS, feed
from kbert.export.moments import sum_moments
from kbert.export.runtime import default_threads
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    find_weights,
    gather_to_lookup,
    put_rounded,
    put_rounded_scaled_after,
    read_graph,
    write_graph,
)
from kbert.export.weight_schemes import POSITIONS, SMALLEST, WeightFormat, WeightScheme, round_weights
from kbert.extras import require
from kbert.quiet import native_stderr_silenced


def quantize_weights(model: bytes, scheme: WeightScheme, calibration: Sequence[TokenRow] = ()) -> bytes:
    """A float32 TFLite file with its dense layers and embeddings in the formats of a scheme.

    Args:
        model: a file as `kbert.export.tflite.convert_task` makes it.
        scheme: the formats.
        calibration: rows of texts like those that the file will read. With them, 4-bit weights are
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
        rounded = round_weights(weight.name, weight.values, format_, moments.get(weight.input))
        if scheme.scales_after:
            put_rounded_scaled_after(graph, weight, rounded)
        else:
            put_rounded(graph, weight, rounded, format_.bits)
    return write_graph(graph)


def input_moments(model: bytes, tensors: Sequence[int], calibration: Sequence[TokenRow]) -> dict[int, np.ndarray]:
    """For each tensor (…, width) the sum of x xᵀ over its vectors x while texts run, float32 (width, width)."""
    return sum_moments(tensors, calibration, tensor_reader(model, tensors))


def tensor_reader(model: bytes, tensors: Sequence[int]) -> Callable[[TokenRow], list[np.ndarray]]:
    """A function from a row to the values that tensors of a file have while it runs on them."""
    graph = read_graph(model)
    # Outputs can be read with the delegate on: several times as fast as an interpreter that keeps everything.
    outputs = list(graph.subgraphs[0].outputs)
    graph.subgraphs[0].outputs = outputs + [tensor for tensor in tensors if tensor not in outputs]
    with native_stderr_silenced():
        interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(
            model_content=write_graph(graph), num_threads=default_threads()
        )
        interpreter.allocate_tensors()  # which is when the delegate announces itself
        runner = interpreter.get_signature_runner()

    def read(row: TokenRow) -> list[np.ndarray]:
        runner(**feed(TFLITE_INPUTS, row, "int32"))
        return [interpreter.get_tensor(tensor) for tensor in tensors]

    return read


def _format(weight: Weight, scheme: WeightScheme) -> WeightFormat:
    if weight.kind == DENSE:
        format_ = scheme.dense
    else:
        format_ = scheme.positions if weight.name.startswith(POSITIONS) else scheme.embeddings
    return format_.fitted(weight.values.shape[1])
