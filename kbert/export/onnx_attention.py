"""Attention in ONNX Runtime's fastest form for 8-bit weights: QAttention, query, key and value in one operator."""

import math
from typing import Any

import numpy as np

from kbert.export.onnx_weights import DOMAIN, drop_unread_constants
from kbert.extras import require


def quantize_attention(model: Any, head_dim: int) -> Any:
    """Replaces each dense layer, split and MultiHeadAttention of an 8-bit `onnx.ModelProto`, and returns it.

    Args:
        model: with ONNX Runtime's operators, as `kbert.export.onnx.with_runtime_operators` makes it.
        head_dim: the width of a head. QAttention divides scores by its root, which the query's weights have in them.
    """
    onnx = require("onnx", extra="onnx")
    made_by = {output: node for node in model.graph.node for output in node.output}
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes = list(model.graph.node)
    for attention in [node for node in nodes if node.op_type == "MultiHeadAttention"]:
        split = made_by[attention.input[0]]
        dense = made_by.get(split.input[0])
        # The last layer has one query for all keys, and so another operator for it.
        if split.op_type != "Split" or len(split.output) != 3:
            continue
        # A layer too small to be worth 8 bits stays as it is.
        if dense is None or dense.op_type != "DynamicQuantizeMatMul":
            continue
        x, levels, scales, zero, bias = dense.input
        name = attention.name
        restored = {}
        for tensor in (scales, bias):
            values = onnx.numpy_helper.to_array(constants[tensor]).copy()
            values[: len(values) // 3] *= math.sqrt(head_dim)
            restored[tensor] = f"{name}/{tensor}"
            model.graph.initializer.append(onnx.numpy_helper.from_array(values, restored[tensor]))
        integers = [f"{name}/{part}" for part in ("levels", "scale", "zero")]
        columns = onnx.numpy_helper.to_array(constants[levels]).shape[1]
        zeros = onnx.numpy_helper.from_array(
            np.broadcast_to(onnx.numpy_helper.to_array(constants[zero]), (columns,)).copy(), f"{name}/zeros"
        )
        model.graph.initializer.append(zeros)
        (heads,) = (entry.i for entry in attention.attribute if entry.name == "num_heads")
        quantize = onnx.helper.make_node("DynamicQuantizeLinear", [x], integers, name=f"{name}/DynamicQuantizeLinear")
        fused = onnx.helper.make_node(
            "QAttention",
            [
                integers[0],
                levels,
                restored[bias],
                integers[1],
                restored[scales],
                attention.input[4],
                integers[2],
                zeros.name,
            ],
            attention.output,
            name=name,
            domain=DOMAIN,
            num_heads=heads,
        )
        place = nodes.index(dense)
        nodes[place : place + 1] = [quantize]
        nodes[nodes.index(attention)] = fused
        nodes.remove(split)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    drop_unread_constants(model)
    return model
