"""A float32 TFLite file to one whose dense layers take and give 8-bit integers of scales fixed beforehand.

An accelerator of integers can run such layers. Between them everything stays float32: softmax, LayerNorm and GELU lose
too much in 256 levels, and the sum that runs through all layers has a few channels many times as large as the rest.

One scale for a whole tensor is all that integer kernels take, and the channels of BERT's activations differ widely. So
they are brought to one size first, exactly: columns of a weight are multiplied by what a MUL before the layer divides
its inputs by (SmoothQuant, Xiao et al., 2022, arXiv:2211.10438), and its rows are divided by what a MUL behind it
multiplies its outputs by.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.errors import InputError
from kbert.export.tflite_quantize import tensor_reader
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    add_constant,
    add_tensor_like,
    constant,
    find_weights,
    gather_to_lookup,
    insert_operator,
    operator_code,
    put_rounded_scaled_after,
    read_graph,
    replace_constant,
    set_scales,
    utilities,
    write_graph,
)
from kbert.export.weight_schemes import EIGHT_BITS, SMALLEST, above_zero, round_weights

# The first versions with int8: of a dense layer with fixed scales, of the way in, and of the way out.
VERSIONS = {DENSE: 4, "QUANTIZE": 1, "DEQUANTIZE": 2}


@dataclasses.dataclass
class ChannelRange:
    """The least and the greatest value of each channel, float32 (width,)."""

    low: np.ndarray
    high: np.ndarray

    def evener(self) -> np.ndarray:
        """What to divide each channel by, so that all are equally large, float32 (width,)."""
        magnitudes = above_zero(np.maximum(-self.low, self.high))
        return np.asarray(magnitudes / magnitudes.mean(), "float32")


def quantize_static(model: bytes, calibration: Sequence[TokenRow]) -> bytes:
    """A float32 TFLite file with its dense layers in 8-bit integers from end to end, and its tables at 8 bits.

    The last dense layer, that of the classes, quantizes its inputs while it runs and gives float32: 256 levels for all
    classes would make many of them equal.

    Args:
        model: a file as `kbert.export.tflite.convert_task` makes it.
        calibration: rows of texts like those that the file will read, of any lengths. A value
            that is larger than all it saw in these texts is cut off.

    Raises:
        InputError: there are no calibration texts, or a weight or an activation has values that are no numbers.
    """
    if not len(calibration):
        raise InputError(
            "static_int8 fixes the ranges of activations beforehand: expected calibration texts, got none. Give some "
            "hundred texts like those that the model will read"
        )
    graph = read_graph(model)
    gather_to_lookup(graph)
    weights = list(find_weights(graph))
    last = [weight for weight in weights if weight.kind == DENSE][-1:]
    weights = [weight for weight in weights if weight.values.size >= SMALLEST]
    static = [weight for weight in weights if weight.kind == DENSE and weight not in last]
    tensors = sorted({tensor for weight in static for tensor in (weight.input, int(weight.operator.outputs[0]))})
    ranges = channel_ranges(tensors, calibration, tensor_reader(model, tensors))
    for weight in weights:
        if weight in static:
            output = int(weight.operator.outputs[0])
            _make_static(graph, weight, ranges[weight.input], ranges[output])
        else:
            # As old as the operators of the other layers are, so that old runtimes take the file.
            put_rounded_scaled_after(graph, weight, round_weights(weight.name, weight.values, EIGHT_BITS))
    return write_graph(graph)


def channel_ranges(
    tensors: Sequence[int], texts: Sequence[TokenRow], run: Callable[[TokenRow], Sequence[np.ndarray]]
) -> dict[int, ChannelRange]:
    """For each tensor (…, width) the range of every channel while texts run.

    Raises:
        InputError: a value is no number.
    """
    ranges: dict[int, ChannelRange] = {}
    for ids in sorted(texts, key=len):  # so that the runtime seldom has to resize
        for tensor, value in zip(tensors, run(ids), strict=True):
            x = value.reshape(-1, value.shape[-1])
            if not np.isfinite(x).all():
                raise InputError("expected activations that are numbers, some are none. Fine-tune again")
            known = ranges.setdefault(tensor, ChannelRange(x[0], x[0]))
            known.low = np.minimum(known.low, x.min(axis=0))
            known.high = np.maximum(known.high, x.max(axis=0))
    return ranges


def _make_static(graph: Any, weight: Weight, inputs: ChannelRange, outputs: ChannelRange) -> None:
    schema = utilities().schema_fb
    subgraph = graph.subgraphs[0]
    operator = weight.operator
    output = int(operator.outputs[0])
    name = subgraph.tensors[output].name
    # All the differences go to the weights. SmoothQuant's even split changed 12 labels of 400 where this changes 2, and
    # no migration 86.
    divisors, factors = inputs.evener(), outputs.evener()
    values = weight.values * divisors / factors[:, None]
    rounded = round_weights(weight.name, values, EIGHT_BITS)

    at = subgraph.operators.index(operator)
    even = add_tensor_like(graph, weight.input, name + b"_even")
    reciprocals = add_constant(graph, name + b"_in", (1 / divisors).astype("float32"))
    insert_operator(graph, at, ("MUL", 1), [weight.input, reciprocals], [even], schema.MulOptionsT())
    quantized = add_tensor_like(graph, weight.input, name + b"_int8", type_=schema.TensorType.INT8)
    scale = _set_range(subgraph.tensors[quantized], inputs.low / divisors, inputs.high / divisors)
    insert_operator(graph, at + 1, ("QUANTIZE", VERSIONS["QUANTIZE"]), [even], [quantized], schema.QuantizeOptionsT())

    given = add_tensor_like(graph, output, name + b"_out_int8", type_=schema.TensorType.INT8)
    output_scale = _set_range(subgraph.tensors[given], outputs.low / factors, outputs.high / factors)
    bias = constant(graph, int(operator.inputs[2])) if len(operator.inputs) > 2 else None
    bias = np.zeros(len(values)) if bias is None else bias / factors
    # A row of next to nothing would have so small a scale that its bias is beyond 32 bits, or the step to its output
    # beyond what kernels take.
    least = np.maximum(np.abs(bias), output_scale) / 2**30 / scale
    scales = np.maximum(rounded.scales[:, 0], least)
    levels = np.clip(np.rint(values / scales[:, None]), -127, 127).astype("int8")
    replace_constant(graph, operator, 1, levels, scales)
    replace_constant(graph, operator, 2, np.rint(bias / scales / scale).astype("int32"), scales * scale)
    options = schema.MulOptionsT()
    options.fusedActivationFunction = operator.builtinOptions.fusedActivationFunction
    operator.builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.NONE
    operator.opcodeIndex = operator_code(graph, DENSE, VERSIONS[DENSE])
    operator.inputs, operator.outputs = [quantized, *operator.inputs[1:]], [given]

    even_output = add_tensor_like(graph, output, name + b"_even_out")
    insert_operator(
        graph, at + 3, ("DEQUANTIZE", VERSIONS["DEQUANTIZE"]), [given], [even_output], schema.DequantizeOptionsT()
    )
    multipliers = add_constant(graph, name + b"_out", factors.astype("float32"))
    insert_operator(graph, at + 4, ("MUL", 1), [even_output, multipliers], [output], options)


def _set_range(tensor: Any, low: np.ndarray, high: np.ndarray) -> float:
    """Gives an int8 tensor the scale and the zero that hold all of a range, and 0 exactly; returns the scale."""
    least, most = min(float(low.min()), 0.0), max(float(high.max()), 0.0)
    scale = max(most - least, 1e-6) / 255
    set_scales(tensor, np.array([scale]), int(np.clip(np.rint(-128 - least / scale), -128, 127)))
    return float(np.float32(scale))
