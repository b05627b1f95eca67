"""What lies inside an exported file: tensors, operators and their versions, weights by type, packed files."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kbert.export.inspect import inspect_artefact
from kbert.export.metadata import read_metadata
from kbert.export.onnx import METADATA_PREFIX
from kbert.extras import require

# Said once in a report, not for each file; or a path of the folder in which the file was made.
_SAID_ELSEWHERE = ("file", "format", "scheme", "size_bytes", "task", "labels", "max_length")


def file_contents(path: Path) -> dict[str, Any]:
    """The tensors, operators, weights and packed files of a TFLite or ONNX file; of a SavedModel the first two.

    Returns:
        `inputs` and `outputs` (name, dtype, shape; -1 or a name is a free length), `operators` (their number by name),
        `weights` (number and bytes by dtype), `packed` (bytes by file name), the tokenizer's `vocabulary_size` and
        `lowercase`, and for TFLite `operator_versions`, for ONNX the `opset`.

    Raises:
        InputError: it is missing, damaged, or none that kbert exported.
    """
    inspected = {key: value for key, value in inspect_artefact(path).items() if key not in _SAID_ELSEWHERE}
    if path.is_dir():
        return inspected
    return inspected | (_tflite(path) if path.suffix == ".tflite" else _onnx(path))


def _tflite(path: Path) -> dict[str, Any]:
    schema = require("ai_edge_litert.schema_py_generated", extra="tflite")
    data = path.read_bytes()
    metadata = read_metadata(data)
    model = schema.ModelT.InitFromPackedBuf(data, 0)
    operators = {code: name for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
    types = {code: name for name, code in vars(schema.TensorType).items() if not name.startswith("_")}
    versions: dict[str, int] = {}
    for code in model.operatorCodes:
        name = operators[max(code.builtinCode, code.deprecatedBuiltinCode)]
        versions[name] = max(code.version, versions.get(name, 0))
    weights = (
        (types[tensor.type].lower(), len(model.buffers[tensor.buffer].data))
        for graph in model.subgraphs
        for tensor in graph.tensors
        if model.buffers[tensor.buffer].data is not None and len(model.buffers[tensor.buffer].data)
    )
    return {
        "operator_versions": versions,
        "weights": _by_type(weights),
        "packed": {name: len(content) for name, content in metadata.files.items()} if metadata else {},
    }


def _onnx(path: Path) -> dict[str, Any]:
    onnx = require("onnx", extra="onnx")
    model = onnx.load(path)
    weights = (
        (
            # By the names that TFLite has too: ONNX says FLOAT for float32.
            str(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)),
            len(tensor.raw_data) or onnx.numpy_helper.to_array(tensor).nbytes,
        )
        for tensor in model.graph.initializer
    )
    properties = {entry.key: entry.value for entry in model.metadata_props}
    return {
        "weights": _by_type(weights),
        "packed": {
            key.removeprefix(METADATA_PREFIX): len(value.encode())
            for key, value in properties.items()
            if key.startswith(METADATA_PREFIX)
        },
    }


def _by_type(weights: Iterable[tuple[str, int]]) -> dict[str, dict[str, int]]:
    """(dtype, bytes) of many tensors -> their number and bytes by dtype, the heaviest first."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"tensors": 0, "bytes": 0})
    for dtype, size in weights:
        found[dtype]["tensors"] += 1
        found[dtype]["bytes"] += size
    return dict(sorted(found.items(), key=lambda entry: -entry[1]["bytes"]))
