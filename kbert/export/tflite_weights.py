"""The weights of a TFLite graph: found, and put back as small integers.

The graph is the object form of the flatbuffer that `ai_edge_litert.tools.flatbuffer_utils` reads and writes.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from kbert.export.rounding import Rounded
from kbert.export.weight_schemes import pack_nibbles
from kbert.extras import require

DENSE, LOOKUP = "FULLY_CONNECTED", "EMBEDDING_LOOKUP"
# By operator and bits: the first version that has it, so that an older runtime refuses the file rather than misread it.
# They are those of LiteRT's versioning rules, which have none for 4-bit weights of float inputs: 13 is the newest.
VERSIONS = {(DENSE, 8): 12, (DENSE, 4): 13, (LOOKUP, 8): 4, (LOOKUP, 4): 4}


@dataclasses.dataclass(frozen=True, eq=False)
class Weight:
    """The constant of a dense layer or of a look-up.

    `name` is that of the operator's output, `input` the index of the tensor that it multiplies, `values` float32 (rows,
    columns): a row for each output of a dense layer, or for each entry of the table.
    """

    kind: str
    name: str
    input: int
    values: np.ndarray
    operator: Any

    @property
    def tensor(self) -> int:
        return int(self.operator.inputs[1])


def utilities() -> Any:
    return require("ai_edge_litert.tools.flatbuffer_utils", extra="tflite")


def read_graph(model: bytes) -> Any:
    return utilities().read_model_from_bytearray(bytearray(model))


def write_graph(graph: Any) -> bytes:
    return bytes(utilities().convert_object_to_bytearray(graph))


def gather_to_lookup(graph: Any) -> None:
    """Turns GATHER into EMBEDDING_LOOKUP, which computes the same and takes a scale for each row of its table.

    The TensorFlow converter gives the table of a GATHER one scale, which changes twice as many labels.
    """
    gather = utilities().BuiltinOperator.GATHER
    for operator in graph.subgraphs[0].operators:
        if graph.operatorCodes[operator.opcodeIndex].builtinCode == gather:
            operator.opcodeIndex = _operator_code(graph, LOOKUP, 1)
            operator.inputs = [operator.inputs[1], operator.inputs[0]]
            operator.builtinOptionsType, operator.builtinOptions = utilities().schema_fb.BuiltinOptions.NONE, None


def find_weights(graph: Any) -> Iterator[Weight]:
    """Every constant float32 weight, in the order of execution."""
    kinds = {getattr(utilities().BuiltinOperator, kind): kind for kind in (DENSE, LOOKUP)}
    subgraph = graph.subgraphs[0]
    for operator in subgraph.operators:
        kind = kinds.get(graph.operatorCodes[operator.opcodeIndex].builtinCode)
        if kind is None:
            continue
        tensor = subgraph.tensors[operator.inputs[1]]
        data = graph.buffers[tensor.buffer].data
        if data is not None and tensor.type == utilities().schema_fb.TensorType.FLOAT32:
            values = np.frombuffer(bytes(data), "<f4").reshape(tensor.shape)
            name = subgraph.tensors[operator.outputs[0]].name.decode()
            yield Weight(kind, name, int(operator.inputs[0]), values, operator)


def put_rounded(graph: Any, weight: Weight, rounded: Rounded, bits: int) -> None:
    """Replaces a weight by its levels and scales; the runtime then quantizes the inputs of a dense layer as it runs."""
    schema = utilities().schema_fb
    subgraph = graph.subgraphs[0]
    tensor = subgraph.tensors[weight.tensor]
    tensor.type = {8: schema.TensorType.INT8, 4: schema.TensorType.INT4}[bits]
    graph.buffers[tensor.buffer].data = _bytes(rounded.levels if bits == 8 else pack_nibbles(rounded.levels))
    tensor.quantization = quantization = schema.QuantizationParametersT()
    blocks = rounded.scales.shape[1]
    if blocks == 1:
        quantization.scale = rounded.scales[:, 0].astype("<f4")
        quantization.zeroPoint = np.zeros(len(rounded.scales), "int64")
    else:
        quantization.detailsType = schema.QuantizationDetails.BlockwiseQuantization
        quantization.details = details = schema.BlockwiseQuantizationT()
        details.scales = _add_tensor(graph, tensor.name + b"_scales", rounded.scales.astype("<f2"))
        details.zeroPoints = -1
        details.blockSize = rounded.levels.shape[1] // blocks
    weight.operator.opcodeIndex = _operator_code(graph, weight.kind, VERSIONS[weight.kind, bits])
    if weight.kind == DENSE:
        weight.operator.builtinOptions.asymmetricQuantizeInputs = True


def _operator_code(graph: Any, name: str, version: int) -> int:
    """The index of an operator's code in its table, where it is added if missing."""
    builtin = getattr(utilities().BuiltinOperator, name)
    for index, known in enumerate(graph.operatorCodes):
        if (known.builtinCode, known.version) == (builtin, version):
            return index
    code = utilities().schema_fb.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = builtin
    code.version = version
    graph.operatorCodes.append(code)
    return len(graph.operatorCodes) - 1


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.frombuffer(values.tobytes(), "uint8")


def _add_tensor(graph: Any, name: bytes, scales: np.ndarray) -> int:
    schema = utilities().schema_fb
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type = name, list(scales.shape), schema.TensorType.FLOAT16
    buffer = schema.BufferT()
    buffer.data = _bytes(scales)
    graph.buffers.append(buffer)
    tensor.buffer = len(graph.buffers) - 1
    tensors = graph.subgraphs[0].tensors
    tensors.append(tensor)
    return len(tensors) - 1
