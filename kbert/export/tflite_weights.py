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
# The same for 8 bits with one scale for the whole weight.
SINGLE_SCALE_VERSIONS = {DENSE: 9, LOOKUP: 3}


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
    for operator in list(graph.subgraphs[0].operators):
        if graph.operatorCodes[operator.opcodeIndex].builtinCode == gather:
            operator.opcodeIndex = operator_code(graph, LOOKUP, 1)
            operator.inputs = [int(operator.inputs[1]), int(operator.inputs[0])]
            operator.builtinOptionsType, operator.builtinOptions = utilities().schema_fb.BuiltinOptions.NONE, None
            if len(graph.subgraphs[0].tensors[operator.inputs[0]].shape) > 1:
                _look_up_in_one_row(graph, operator)


def _look_up_in_one_row(graph: Any, operator: Any) -> None:
    """EMBEDDING_LOOKUP takes ids without a batch axis, which those of a file of one length have."""
    subgraph = graph.subgraphs[0]
    ids, rows = operator.inputs[0], int(operator.outputs[0])
    shape = [int(size) for size in subgraph.tensors[rows].shape]
    flat_ids, flat_rows = (add_tensor_like(graph, tensor, b"%d_flat" % tensor) for tensor in (ids, rows))
    subgraph.tensors[flat_ids].shape = [int(np.prod(shape[:-1]))]
    subgraph.tensors[flat_rows].shape = [*subgraph.tensors[flat_ids].shape, shape[-1]]
    at = subgraph.operators.index(operator)
    _insert_reshape(graph, at, ids, flat_ids)
    _insert_reshape(graph, at + 2, flat_rows, rows)
    operator.inputs[0], operator.outputs = flat_ids, [flat_rows]


def _insert_reshape(graph: Any, at: int, tensor: int, reshaped: int) -> None:
    options = utilities().schema_fb.ReshapeOptionsT()
    options.newShape = graph.subgraphs[0].tensors[reshaped].shape
    shape = add_constant(graph, b"%d_shape" % reshaped, np.array(options.newShape, "int32"))
    insert_operator(graph, at, ("RESHAPE", 1), [tensor, shape], [reshaped], options)


def text_length(graph: Any) -> int:
    """How many tokens every text has, padding among them; 0 where it may have any number."""
    tensor = graph.subgraphs[0].tensors[graph.subgraphs[0].inputs[0]]
    shape = tensor.shape if tensor.shapeSignature is None else tensor.shapeSignature
    return max(0, int(shape[-1]))


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
    tensor = graph.subgraphs[0].tensors[weight.tensor]
    tensor.type = {8: schema.TensorType.INT8, 4: schema.TensorType.INT4}[bits]
    graph.buffers[tensor.buffer].data = _bytes(rounded.levels if bits == 8 else pack_nibbles(rounded.levels))
    blocks = rounded.scales.shape[1]
    if blocks == 1:
        set_scales(tensor, rounded.scales[:, 0])
    else:
        tensor.quantization = quantization = schema.QuantizationParametersT()
        quantization.detailsType = schema.QuantizationDetails.BlockwiseQuantization
        quantization.details = details = schema.BlockwiseQuantizationT()
        details.scales = add_constant(graph, tensor.name + b"_scales", rounded.scales.astype("float16"))
        details.zeroPoints = -1
        details.blockSize = rounded.levels.shape[1] // blocks
    weight.operator.opcodeIndex = operator_code(graph, weight.kind, VERSIONS[weight.kind, bits])
    if weight.kind == DENSE:
        weight.operator.builtinOptions.asymmetricQuantizeInputs = True


def put_rounded_scaled_after(graph: Any, weight: Weight, rounded: Rounded) -> None:
    """Replaces a weight by its levels and one scale for all rows; what a row's own differs by, a MUL multiplies after.

    For runtimes before the versions that know a scale for each row. It is exact: a row's scale multiplies all that the
    row gives, and the bias is divided by it beforehand.

    Args:
        graph: is changed.
        weight: as `find_weights` gives it.
        rounded: at 8 bits, with one scale a row.
    """
    subgraph = graph.subgraphs[0]
    # Products that stay as large as they were: a delegate may compute in half precision.
    scale = float(rounded.scales.mean())
    factors = (rounded.scales / scale).astype("float32")  # (rows, 1)
    table = subgraph.tensors[weight.tensor]
    table.type = utilities().schema_fb.TensorType.INT8
    graph.buffers[table.buffer].data = _bytes(rounded.levels)
    set_scales(table, np.array([scale]))
    operator = weight.operator
    operator.opcodeIndex = operator_code(graph, weight.kind, SINGLE_SCALE_VERSIONS[weight.kind])
    output = int(operator.outputs[0])
    name = subgraph.tensors[output].name
    unscaled = add_tensor_like(graph, output, name + b"_unscaled")
    options = utilities().schema_fb.MulOptionsT()
    after = subgraph.operators.index(operator) + 1
    if weight.kind == DENSE:
        operator.builtinOptions.asymmetricQuantizeInputs = True
        options.fusedActivationFunction = operator.builtinOptions.fusedActivationFunction
        operator.builtinOptions.fusedActivationFunction = utilities().schema_fb.ActivationFunctionType.NONE
        bias = constant(graph, int(operator.inputs[2])) if len(operator.inputs) > 2 else None
        if bias is not None:
            divided = add_constant(graph, name + b"_bias", bias / factors[:, 0])
            operator.inputs = [*operator.inputs[:2], divided]
        factor = add_constant(graph, name + b"_factors", factors[:, 0])
    else:
        # Each row that is looked up needs the factor of its own row.
        factor = add_tensor_like(graph, output, name + b"_factor", width=1)
        all_factors = add_constant(graph, name + b"_factors", factors)
        insert_operator(graph, after, (LOOKUP, 1), [weight.input, all_factors], [factor])
        after += 1
    insert_operator(graph, after, ("MUL", 1), [unscaled, factor], [output], options)
    operator.outputs = [unscaled]


def set_scales(tensor: Any, scales: np.ndarray, zero_point: int = 0) -> None:
    """Says what the integers of a tensor mean: one scale for all, or one for each index of the first axis."""
    tensor.quantization = quantization = utilities().schema_fb.QuantizationParametersT()
    quantization.scale = scales.astype("<f4")
    quantization.zeroPoint = np.full(len(scales), zero_point, "int64")


def constant(graph: Any, tensor: int) -> np.ndarray | None:
    """The values of a constant float32 tensor; None for -1, an input that is left out, and for what is computed."""
    if tensor < 0:
        return None
    found = graph.subgraphs[0].tensors[tensor]
    data = graph.buffers[found.buffer].data
    return None if data is None else np.frombuffer(bytes(data), "<f4").reshape(found.shape)


def replace_constant(graph: Any, operator: Any, position: int, levels: np.ndarray, scales: np.ndarray) -> None:
    """Gives an operator integers of the given scales in place of the constant at a position of its inputs."""
    operator.inputs = [int(tensor) for tensor in operator.inputs]
    tensors = graph.subgraphs[0].tensors
    new = add_constant(graph, tensors[operator.outputs[0]].name + b"_input_%d" % position, levels)
    set_scales(tensors[new], scales)
    if position == len(operator.inputs):
        operator.inputs.append(new)
        return
    old, operator.inputs[position] = operator.inputs[position], new
    # The converter keeps equal constants once: others may still read the old one.
    if old >= 0 and not any(old in other.inputs for other in graph.subgraphs[0].operators):
        graph.buffers[tensors[old].buffer].data = None


def insert_operator(
    graph: Any, at: int, code: tuple[str, int], inputs: list[int], outputs: list[int], options: Any = None
) -> None:
    """Puts an operator, given by name and version, at a place in the order of execution.

    `options` is an object of the schema, such as `MulOptionsT`.
    """
    operator = utilities().schema_fb.OperatorT()
    operator.opcodeIndex = operator_code(graph, *code)
    operator.inputs, operator.outputs = inputs, outputs
    if options is not None:
        kind = type(options).__name__.removesuffix("T")
        operator.builtinOptionsType = getattr(utilities().schema_fb.BuiltinOptions, kind)
        operator.builtinOptions = options
    graph.subgraphs[0].operators.insert(at, operator)


def add_tensor_like(graph: Any, tensor: int, name: bytes, *, width: int | None = None, type_: int | None = None) -> int:
    """Adds a computed tensor of another's shape, but for its width or type where they are given; returns its index."""
    like = graph.subgraphs[0].tensors[tensor]
    new = utilities().schema_fb.TensorT()
    new.name, new.type = name, like.type if type_ is None else type_
    new.shape, new.shapeSignature = [
        None if shape is None else [int(size) for size in shape] for shape in (like.shape, like.shapeSignature)
    ]
    for shape in (new.shape, new.shapeSignature):
        if width is not None and shape is not None:
            shape[-1] = width
    new.buffer = 0  # the schema's empty one
    graph.subgraphs[0].tensors.append(new)
    return len(graph.subgraphs[0].tensors) - 1


def operator_code(graph: Any, name: str, version: int) -> int:
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


def add_constant(graph: Any, name: bytes, values: np.ndarray) -> int:
    """Adds a constant, of a type of numpy that the schema has by the same name; returns the tensor's index."""
    schema = utilities().schema_fb
    tensor = schema.TensorT()
    tensor.name, tensor.shape = name, list(values.shape)
    tensor.type = getattr(schema.TensorType, values.dtype.name.upper())
    buffer = schema.BufferT()
    buffer.data = _bytes(values.astype(values.dtype.newbyteorder("<")))
    graph.buffers.append(buffer)
    tensor.buffer = len(graph.buffers) - 1
    tensors = graph.subgraphs[0].tensors
    tensors.append(tensor)
    return len(tensors) - 1
