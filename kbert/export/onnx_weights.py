"""The weights of a float32 ONNX graph to few bits, where ONNX Runtime's own quantizer has none or too coarse a grid.

Those of 4 bits are in operators of ONNX Runtime alone, which read them as they are. Dense layers get more neighbours to
a scale than in TFLite, whose scales are half as large.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.inputs import ONNX_INPUTS, feed
from kbert.export.moments import sum_moments
from kbert.export.weight_schemes import (
    POSITIONS,
    SMALLEST,
    WeightFormat,
    WeightScheme,
    pack_nibbles,
    round_weights,
)
from kbert.extras import require

INT4 = WeightScheme(WeightFormat(4, 64), WeightFormat(4, 64), WeightFormat(8))
SMALLEST_BLOCK = 16  # of both operators
DOMAIN = "com.microsoft"
# Integers of 4 bits came with these.
OPSET, IR_VERSION = 21, 10
# Of MatMulNBits: it quantizes its input to 8 bits, as the runtimes of the other schemes do.
INT8_INPUTS = 4


def to_int4(model: Any, calibration: Sequence[TokenRow] = (), scheme: WeightScheme = INT4) -> Any:
    """Changes a float32 `onnx.ModelProto` to 4-bit dense layers and embeddings, and returns it.

    Args:
        model: as `kbert.export.onnx.convert` makes it.
        calibration: rows of texts like those that the file will read. With them, dense layers are
            rounded for their inputs rather than to the nearest.
        scheme: 4-bit formats of dense layers and token embeddings.

    Raises:
        InputError: a weight has values that are no numbers.
    """
    onnx = require("onnx", extra="onnx")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    dense = dense_nodes(model)
    tables = [node for node in _token_look_ups(model) if _is_large(constants.get(node.input[0]), 1)]
    moments = input_moments(model, sorted({node.input[0] for node in dense}), calibration) if calibration else {}
    for node in dense:
        kernel = onnx.numpy_helper.to_array(constants[node.input[1]])
        _put_dense(model, node, kernel, scheme.dense, moments.get(node.input[0]))
    for node in tables:
        _put_tokens(model, node, onnx.numpy_helper.to_array(constants[node.input[0]]), scheme.embeddings)
    round_positions(model)
    drop_unread_constants(model)
    model.opset_import[0].version = max(model.opset_import[0].version, OPSET)
    if DOMAIN not in {entry.domain for entry in model.opset_import}:
        model.opset_import.append(onnx.helper.make_opsetid(DOMAIN, 1))
    model.ir_version = max(model.ir_version, IR_VERSION)
    return model


def round_positions(model: Any) -> list[str]:
    """Changes the position table to 8 bits with a scale for each column, which is whole after the look-up.

    Returns:
        The names of the look-ups: quantized, so not to be quantized again.
    """
    onnx = require("onnx", extra="onnx")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type == "Gather" and node.name.startswith(POSITIONS)]
    for node in nodes:
        name = node.input[0]
        table = onnx.numpy_helper.to_array(constants[name])
        rounded = round_weights(node.name, np.ascontiguousarray(table.T), WeightFormat(8))
        levels = onnx.numpy_helper.from_array(np.ascontiguousarray(rounded.levels.T), f"{name}_int8")
        scales = onnx.numpy_helper.from_array(rounded.scales[:, 0], f"{name}_scales")
        model.graph.initializer.extend([levels, scales])
        node.input[0] = levels.name
        _follow(model, node, "DequantizeLinear", [scales.name], {"axis": 1})
    return [node.name for node in nodes]


def round_tokens_by_row(model: Any) -> None:
    """Changes the token embeddings to 8 bits with a scale for each row, which is looked up as the row is."""
    onnx = require("onnx", extra="onnx")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in _token_look_ups(model):
        name = node.input[0]
        rounded = round_weights(node.name, onnx.numpy_helper.to_array(constants[name]), WeightFormat(8))
        levels = onnx.numpy_helper.from_array(rounded.levels, f"{name}_int8")
        scales = onnx.numpy_helper.from_array(rounded.scales, f"{name}_scales")
        model.graph.initializer.extend([levels, scales])
        node.input[0] = levels.name
        scale = f"{node.name}_scale"
        look_up = onnx.helper.make_node("Gather", [scales.name, node.input[1]], [scale], name=f"{scale}_Gather", axis=0)
        model.graph.node.insert(list(model.graph.node).index(node), look_up)
        _follow(model, node, "Mul", [scale], {})
        _follow(model, node, "Cast", [], {"to": onnx.TensorProto.FLOAT})


def drop_unread_constants(model: Any) -> None:
    """Removes what the weights were before they were rounded."""
    read = {name for node in model.graph.node for name in node.input}
    for tensor in list(model.graph.initializer):
        if tensor.name not in read:
            model.graph.initializer.remove(tensor)


def input_moments(model: Any, names: Sequence[str], calibration: Sequence[TokenRow]) -> dict[str, np.ndarray]:
    """For each tensor (…, width) the sum of x xᵀ over its vectors x while texts run, float32 (width, width)."""
    return sum_moments(names, calibration, tensor_reader(model, names))


def tensor_reader(model: Any, names: Sequence[str]) -> Callable[[TokenRow], list[np.ndarray]]:
    """A function from a row to the values that tensors of a model have while it runs on them."""
    onnx = require("onnx", extra="onnx")
    onnxruntime = require("onnxruntime", extra="onnx")
    watched = type(model)()
    watched.CopyFrom(model)
    for name in names:
        watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])

    def read(row: TokenRow) -> list[np.ndarray]:
        values: list[np.ndarray] = session.run(list(names), feed(ONNX_INPUTS, row, "int64"))
        return values

    return read


def dense_nodes(model: Any) -> list[Any]:
    """The products with constant matrices that are worth rounding."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    return [
        node for node in model.graph.node if node.op_type == "MatMul" and _is_large(constants.get(node.input[1]), 0)
    ]


def _is_large(tensor: Any, row_axis: int) -> bool:
    """Whether this is a matrix worth rounding, into whose rows blocks go."""
    if tensor is None or len(tensor.dims) != 2:
        return False
    return bool(np.prod(tensor.dims) >= SMALLEST and tensor.dims[row_axis] % SMALLEST_BLOCK == 0)


def _token_look_ups(model: Any) -> list[Any]:
    """The look-ups in tables of embeddings but that of positions."""
    tables = {tensor.name for tensor in model.graph.initializer if tensor.data_type == 1 and len(tensor.dims) == 2}
    return [
        node
        for node in model.graph.node
        if node.op_type == "Gather" and node.input[0] in tables and not node.name.startswith(POSITIONS)
    ]


def _put_dense(model: Any, node: Any, kernel: np.ndarray, format_: WeightFormat, moments: np.ndarray | None) -> None:
    onnx = require("onnx", extra="onnx")
    inputs, outputs = kernel.shape
    block_size = _block_size(inputs, format_)
    rounded = round_weights(node.name, kernel.T, WeightFormat(4, block_size), moments)
    # Unsigned, with zero in the middle.
    packed = pack_nibbles(rounded.levels + 8).reshape(outputs, inputs // block_size, block_size // 2)
    name = f"{node.input[1]}_{node.name}"
    levels = onnx.numpy_helper.from_array(packed, f"{name}_int4")
    scales = onnx.numpy_helper.from_array(rounded.scales, f"{name}_scales")
    model.graph.initializer.extend([levels, scales])
    _become(
        node,
        "MatMulNBits",
        [node.input[0], levels.name, scales.name],
        {"K": inputs, "N": outputs, "bits": 4, "block_size": block_size, "accuracy_level": INT8_INPUTS},
    )


def _put_tokens(model: Any, node: Any, table: np.ndarray, format_: WeightFormat) -> None:
    onnx = require("onnx", extra="onnx")
    block_size = _block_size(table.shape[1], format_)
    rounded = round_weights(node.name, table, WeightFormat(4, block_size))
    name = node.input[0]
    levels = onnx.TensorProto(name=f"{name}_int4", data_type=onnx.TensorProto.INT4, dims=table.shape)
    levels.raw_data = pack_nibbles(rounded.levels).tobytes()
    # Half the size; the rows come out at half precision.
    scales = onnx.numpy_helper.from_array(rounded.scales.astype("float16"), f"{name}_scales")
    model.graph.initializer.extend([levels, scales])
    _become(
        node,
        "GatherBlockQuantized",
        [levels.name, node.input[1], scales.name],
        {"gather_axis": 0, "quantize_axis": 1, "block_size": block_size},
    )
    _follow(model, node, "Cast", [], {"to": onnx.TensorProto.FLOAT})


def _block_size(columns: int, format_: WeightFormat) -> int:
    """The format's, or the largest power of two below it that goes into a row."""
    size = format_.block_size or columns
    while columns % size:
        size //= 2
    return size


def _become(node: Any, operator: str, inputs: Sequence[str], attributes: dict[str, int]) -> None:
    onnx = require("onnx", extra="onnx")
    new = onnx.helper.make_node(operator, inputs, node.output, name=node.name, domain=DOMAIN, **attributes)
    node.CopyFrom(new)


def _follow(model: Any, node: Any, operator: str, inputs: Sequence[str], attributes: dict[str, int]) -> None:
    """Puts an operator between a node and those that read it."""
    onnx = require("onnx", extra="onnx")
    name = node.output[0]
    node.output[0] = f"{name}_before_{operator}"
    new = onnx.helper.make_node(
        operator, [node.output[0], *inputs], [name], name=f"{node.name}_{operator}", **attributes
    )
    model.graph.node.insert(list(model.graph.node).index(node) + 1, new)
