"""The weights of a float32 TFLite file to 8 or 4 bits.

The TensorFlow converter has no 4 bits and one scale for the whole embedding table. ai-edge-quantizer leaves a GATHER
alone, cuts nothing off at 4 bits in blocks, and its GPTQ, which keeps the inverse of the moments fixed while it goes
over the columns, changes more labels than rounding to the nearest does.
"""

from collections.abc import Callable, Sequence

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.inputs import TFLITE_INPUTS, feed
from kbert.export.moments import sum_moments, sum_paired_moments
from kbert.export.rounding import make_up_for_inputs
from kbert.export.runtime import default_threads
from kbert.export.tflite_segments import TensorValues
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    find_weights,
    gather_to_lookup,
    put_rounded,
    put_rounded_scaled_after,
    read_graph,
    text_length,
    write_graph,
)
from kbert.export.weight_schemes import POSITIONS, SMALLEST, WeightFormat, WeightScheme, round_weights
from kbert.extras import require
from kbert.quiet import native_stderr_silenced

# What layers are rounded for: enough for a layer of 4,096 inputs, and few enough to keep their values for.
ROUNDING_TOKENS = 16384


def quantize_weights(model: bytes, scheme: WeightScheme, calibration: Sequence[TokenRow] = ()) -> bytes:
    """A float32 TFLite file with its dense layers and embeddings in the formats of a scheme.

    Args:
        model: a file as `kbert.export.tflite.convert_task` makes it.
        scheme: the formats.
        calibration: rows of texts like those that the file will read. With them, 4-bit dense
            weights are rounded for their inputs, as the layers before give them when they are rounded, rather than to
            the nearest.

    Raises:
        InputError: a weight has values that are no numbers.
    """
    graph = read_graph(model)
    gather_to_lookup(graph)
    for_inputs: dict[int, list[tuple[Weight, WeightFormat]]] = {}  # in the order of execution
    for weight in list(find_weights(graph)):
        if weight.values.size < SMALLEST:
            continue
        format_ = _format(weight, scheme)
        if weight.kind == DENSE and format_.bits < 8 and len(calibration):
            for_inputs.setdefault(weight.input, []).append((weight, format_))
            continue
        rounded = round_weights(weight.name, weight.values, format_)
        if scheme.scales_after:
            put_rounded_scaled_after(graph, weight, rounded)
        else:
            put_rounded(graph, weight, rounded, format_.bits)
    texts = _so_many_tokens(calibration)
    given, exact = (TensorValues(of, list(for_inputs), texts) for of in (graph, read_graph(model)))
    for weights in for_inputs.values():
        moments, cross_moments = sum_paired_moments(given.next(), exact.next())
        for weight, format_ in weights:
            values = make_up_for_inputs(weight.values, moments, cross_moments)
            put_rounded(graph, weight, round_weights(weight.name, values, format_, moments), format_.bits)
    return write_graph(graph)


def _so_many_tokens(texts: Sequence[TokenRow]) -> Sequence[TokenRow]:
    """All of the texts, or every so many of them."""
    return texts[:: max(1, -(-sum(map(len, texts)) // ROUNDING_TOKENS))]


def input_moments(model: bytes, tensors: Sequence[int], calibration: Sequence[TokenRow]) -> dict[int, np.ndarray]:
    """For each tensor (…, width) the sum of x xᵀ over its vectors x while texts run, float32 (width, width)."""
    return sum_moments(tensors, calibration, tensor_reader(model, tensors))


def tensor_reader(model: bytes, tensors: Sequence[int]) -> Callable[[TokenRow], list[np.ndarray]]:
    """A function from a row to the values (…, width) that tensors have while a file runs on it, without padding."""
    graph = read_graph(model)
    length = text_length(graph)
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
        runner(**feed(TFLITE_INPUTS, row, "int32", length))
        return [interpreter.get_tensor(tensor)[..., : len(row), :] for tensor in tensors]

    return read


def _format(weight: Weight, scheme: WeightScheme) -> WeightFormat:
    if weight.kind == DENSE:
        format_ = scheme.dense
    else:
        format_ = scheme.positions if weight.name.startswith(POSITIONS) else scheme.embeddings
    return format_.fitted(weight.values.shape[1])
