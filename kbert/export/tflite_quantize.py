"""The weights of a float32 TFLite file to 8 or 4 bits.

The TensorFlow converter has no 4 bits and one scale for the whole embedding table. ai-edge-quantizer leaves a GATHER
alone, cuts nothing off at 4 bits in blocks, and its GPTQ, which keeps the inverse of the moments fixed while it goes
over the columns, changes more labels than rounding to the nearest does.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.inputs import TFLITE_INPUTS, feed
from kbert.export.moments import sum_moments, sum_paired_moments
from kbert.export.rounding import make_up_for_inputs
from kbert.export.runtime import default_threads
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    find_weights,
    gather_to_lookup,
    put_rounded,
    put_rounded_scaled_after,
    read_graph,
    utilities,
    write_graph,
)
from kbert.export.weight_schemes import POSITIONS, SMALLEST, WeightFormat, WeightScheme, round_weights
from kbert.extras import require
from kbert.quiet import native_stderr_silenced

# Twice as many make files no better.
ROUNDING_TEXTS = 256


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
    texts = calibration[:: -(-len(calibration) // ROUNDING_TEXTS) or 1]
    for tensor, weights in for_inputs.items():
        moments, cross_moments = sum_paired_moments(
            texts, tensor_reader(write_graph(graph), [tensor]), tensor_reader(model, [tensor])
        )
        for weight, format_ in weights:
            values = make_up_for_inputs(weight.values, moments, cross_moments)
            put_rounded(graph, weight, round_weights(weight.name, values, format_, moments), format_.bits)
    return write_graph(graph)


def input_moments(model: bytes, tensors: Sequence[int], calibration: Sequence[TokenRow]) -> dict[int, np.ndarray]:
    """For each tensor (…, width) the sum of x xᵀ over its vectors x while texts run, float32 (width, width)."""
    return sum_moments(tensors, calibration, tensor_reader(model, tensors))


def tensor_reader(model: bytes, tensors: Sequence[int]) -> Callable[[TokenRow], list[np.ndarray]]:
    """A function from a row to the values that tensors of a file have while it runs on them."""
    with native_stderr_silenced():
        interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(
            model_content=_ending_in(model, tensors), num_threads=default_threads()
        )
        interpreter.allocate_tensors()  # which is when the delegate announces itself
        runner = interpreter.get_signature_runner()

    def read(row: TokenRow) -> list[np.ndarray]:
        values = runner(**feed(TFLITE_INPUTS, row, "int32"))
        return [values[str(tensor)] for tensor in tensors]

    return read


def _ending_in(model: bytes, tensors: Sequence[int]) -> bytes:
    """A file whose outputs are tensors of a model, by their numbers, and which runs no further than it must for them.

    Outputs can be read with the delegate on: several times as fast as an interpreter that keeps everything.
    """
    graph = read_graph(model)
    subgraph = graph.subgraphs[0]
    makers = [i for i, operator in enumerate(subgraph.operators) if not set(tensors).isdisjoint(operator.outputs)]
    subgraph.operators = subgraph.operators[: max(makers) + 1]
    _drop_unread_constants(graph)
    subgraph.outputs = list(tensors)
    schema = utilities().schema_fb
    (signature,) = graph.signatureDefs
    signature.outputs = []
    for tensor in tensors:
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = str(tensor).encode(), tensor
        signature.outputs.append(entry)
    return write_graph(graph)


def _drop_unread_constants(graph: Any) -> None:
    """Empties the constants that no operator reads: to write them takes longer than all else."""
    tensors = graph.subgraphs[0].tensors
    read = {int(tensor) for operator in graph.subgraphs[0].operators for tensor in operator.inputs if tensor >= 0}
    details = [tensors[tensor].quantization.details for tensor in read if tensors[tensor].quantization is not None]
    read |= {int(of_blocks.scales) for of_blocks in details if of_blocks is not None}
    kept = {tensors[tensor].buffer for tensor in read}
    for i, buffer in enumerate(graph.buffers):
        if i not in kept:
            buffer.data = None


def _format(weight: Weight, scheme: WeightScheme) -> WeightFormat:
    if weight.kind == DENSE:
        format_ = scheme.dense
    else:
        format_ = scheme.positions if weight.name.startswith(POSITIONS) else scheme.embeddings
    return format_.fitted(weight.values.shape[1])
