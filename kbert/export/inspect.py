"""What an exported file holds: its facts, tensors and operators."""

from collections import Counter
from pathlib import Path
from typing import Any

from kbert.export.runtime import open_artefact
from kbert.extras import require
from kbert.files import size_on_disk


def inspect_artefact(path: Path) -> dict[str, Any]:
    """Task, labels, tokenizer, inputs, outputs and operators of a TFLite or ONNX file, or of a SavedModel.

    Raises:
        InputError: it is missing, damaged, or none that kbert exported.
    """
    facts = open_artefact(path).facts
    format_ = "savedmodel" if path.is_dir() else path.suffix.removeprefix(".")
    read = {"savedmodel": _read_savedmodel, "tflite": _read_tflite, "onnx": _read_onnx}[format_]
    return {
        "file": str(path),
        "format": format_,
        "scheme": facts.scheme,
        "size_bytes": size_on_disk(path),
        "task": facts.task,
        "labels": list(facts.labels),
        "max_length": facts.max_length,
        "vocabulary_size": facts.tokenizer.vocabulary_size,
        "lowercase": facts.tokenizer.lowercase,
        "kbert_version": facts.kbert_version,
        **read(path),
    }


def _read_tflite(path: Path) -> dict[str, Any]:
    schema = require("ai_edge_litert.schema_py_generated", extra="tflite")
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    graph = model.subgraphs[0]
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
    # Files of before 2020 carry the code in a byte; the wider field is 0 there.
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    operators = Counter(names[codes[operator.opcodeIndex]] for operator in graph.operators)
    kinds = {code: name for name, code in vars(schema.TensorType).items() if not name.startswith("_")}

    def tensors(indexes: list[int]) -> list[dict[str, Any]]:
        found = [graph.tensors[index] for index in indexes]
        return [
            _tensor(
                t.name.decode(), kinds[t.type].lower(), t.shapeSignature if t.shapeSignature is not None else t.shape
            )
            for t in found
        ]

    return {
        "subgraphs": len(model.subgraphs),
        "inputs": tensors(graph.inputs),
        "outputs": tensors(graph.outputs),
        "operators": dict(operators.most_common()),
    }


def _read_onnx(path: Path) -> dict[str, Any]:
    onnx = require("onnx", extra="onnx")
    model = onnx.load(path)

    def tensors(values: Any) -> list[dict[str, Any]]:
        found = []
        for value in values:
            kind = value.type.tensor_type
            shape = [axis.dim_param or axis.dim_value for axis in kind.shape.dim]
            found.append(_tensor(value.name, onnx.TensorProto.DataType.Name(kind.elem_type).lower(), shape))
        return found

    return {
        "opset": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
        "inputs": tensors(model.graph.input),
        "outputs": tensors(model.graph.output),
        "operators": dict(Counter(node.op_type for node in model.graph.node).most_common()),
    }


def _read_savedmodel(path: Path) -> dict[str, Any]:
    import tensorflow as tf

    function = tf.saved_model.load(str(path)).signatures["serving_default"]

    def tensors(specs: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            _tensor(name, spec.dtype.name, ["batch_size" if axis is None else axis for axis in spec.shape])
            for name, spec in sorted(specs.items())
        ]

    return {
        "inputs": tensors(function.structured_input_signature[1]),
        "outputs": tensors(function.structured_outputs),
        "operators": dict(Counter(operation.type for operation in function.graph.get_operations()).most_common()),
    }


def _tensor(name: str, dtype: str, shape: Any) -> dict[str, Any]:
    return {"name": name, "dtype": dtype, "shape": [axis if isinstance(axis, str) else int(axis) for axis in shape]}
