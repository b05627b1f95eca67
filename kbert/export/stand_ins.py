"""Small stand-ins for weights while TensorFlow's converter works, which copies every constant many times over.

A stand-in is a constant of the weight's shape with one value everywhere, which TensorFlow, MLIR and the converter's
passes keep as that value alone. No two stand-ins have the same value, so each is found again in the converted file, and
the weight is written over it, in place: the file is the one that the converter makes of the weights themselves.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kbert.export.tflite_weights import utilities
from kbert.export.weight_schemes import SMALLEST

# float16 counts exactly up to 2048, and the converter treats products with 0 and 1 in ways of its own.
FIRST_MARK, LAST_MARK = 2, 2048


class StandIns:
    """Stands in for the weights of one graph.

    Called with a weight, float32, it gives the constant to build the graph with. Vectors and small matrices, which cost
    nothing and might be folded into others, stay what they are. After conversion `fill` puts the weights in place.
    """

    def __init__(self) -> None:
        self._weights: dict[int, np.ndarray] = {}  # by the value of their stand-ins

    def __call__(self, weight: np.ndarray) -> Any:
        import tensorflow as tf

        mark = FIRST_MARK + len(self._weights)
        if weight.ndim != 2 or weight.size < SMALLEST or mark > LAST_MARK:
            return tf.constant(weight)
        self._weights[mark] = weight
        return tf.constant(mark, "float32", shape=weight.shape)

    def fill(self, model: bytearray) -> None:
        """Writes the weights over their stand-ins in a converted file, at float32 or float16.

        Raises:
            RuntimeError: a stand-in is not in the file as it was in the graph, so that the file is worth nothing.
        """
        graph = utilities().schema_fb.Model.GetRootAs(model, 0)
        left = dict(self._weights)
        for values, transposed in _constants(graph):
            mark = values.flat[0]
            weight = left.get(int(mark)) if mark in left else None
            if weight is None or values.size != weight.size or not (values == mark).all():
                continue
            weight = weight.T if transposed else weight
            if values.shape != weight.shape:
                raise RuntimeError(f"expected a weight of shape {weight.shape}, the converter made it {values.shape}")
            values[...] = weight
            del left[int(mark)]
        if left:
            shapes = [weight.shape for weight in left.values()]
            raise RuntimeError(f"expected every weight in the converted file, missing: those of shapes {shapes}")


def _constants(graph: Any) -> Iterator[tuple[np.ndarray, bool]]:
    """The float matrices of a packed model, as views of its bytes, and whether a dense layer has them transposed."""
    schema = utilities().schema_fb
    types = {schema.TensorType.FLOAT32: "<f4", schema.TensorType.FLOAT16: "<f2"}
    subgraph = graph.Subgraphs(0)
    dense = _dense_weights(graph)
    for index in range(subgraph.TensorsLength()):
        tensor = subgraph.Tensors(index)
        buffer = graph.Buffers(tensor.Buffer())
        if tensor.ShapeLength() == 2 and tensor.Type() in types and buffer.DataLength():
            values = buffer.DataAsNumpy().view(types[tensor.Type()])
            yield values.reshape(tensor.ShapeAsNumpy()), index in dense


def _dense_weights(graph: Any) -> set[int]:
    """The constants that dense layers multiply by, as they are or behind the DEQUANTIZE of half precision."""
    builtin = utilities().BuiltinOperator
    subgraph = graph.Subgraphs(0)
    dense, dequantized = set(), {}
    for i in range(subgraph.OperatorsLength()):
        operator = subgraph.Operators(i)
        kind = graph.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
        if kind == builtin.FULLY_CONNECTED:
            dense.add(operator.Inputs(1))
        elif kind == builtin.DEQUANTIZE:
            dequantized[operator.Outputs(0)] = operator.Inputs(0)
    return {dequantized.get(tensor, tensor) for tensor in dense}
