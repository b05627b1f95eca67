"""Loads a file into its runtime and runs it once: `python -m kbert.export.check.load FILE` prints one JSON object.

In a process of its own, since a runtime may crash on a file that it does not take.
"""

import dataclasses
import importlib.metadata
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.extras import require
from kbert.quiet import native_stderr_silenced

PACKAGES = {".tflite": "ai-edge-litert", ".onnx": "onnxruntime"}
# What is read without a tokenizer: an id that every vocabulary, and every table of segments, has.
_SOME_IDS = (1, 1, 1, 1, 1, 1)
_COMMAND = ("-m", "kbert.export.check.load")


@dataclasses.dataclass(frozen=True)
class Loaded:
    """`runtime` with its version; `error` is empty where the file ran; `output` is the first one, flat."""

    runtime: str
    error: str
    output: tuple[float, ...]

    @property
    def verified(self) -> str:
        return f"by loading it here with {self.runtime}"


def load(path: Path, token_ids: Sequence[int] = ()) -> Loaded:
    """Loads a .tflite or .onnx file in a new process and runs one text, or any ids where none are given."""
    package = PACKAGES[path.suffix]
    runtime = f"{package} {importlib.metadata.version(package)}"
    command = [sys.executable, *_COMMAND, str(path), json.dumps(list(token_ids) or _SOME_IDS)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode < 0:
        return Loaded(runtime, f"it crashes ({signal.Signals(-done.returncode).name})", ())
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    found = json.loads(done.stdout.splitlines()[-1])
    return Loaded(runtime, found["error"], tuple(found["output"]))


def _run_tflite(path: Path, ids: Sequence[int]) -> np.ndarray:
    interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(str(path), num_threads=1)
    details = interpreter.get_input_details()
    for detail in details:
        interpreter.resize_tensor_input(detail["index"], _concrete(detail["shape_signature"], len(ids)))
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        shape = [int(axis) for axis in detail["shape"]]
        interpreter.set_tensor(detail["index"], _values(detail["name"], shape, ids).astype(detail["dtype"]))
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))


def _run_onnx(path: Path, ids: Sequence[int]) -> np.ndarray:
    onnxruntime = require("onnxruntime", extra="onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {
        value.name: _values(value.name, _concrete(value.shape, len(ids)), ids).astype(_onnx_dtype(value.type))
        for value in session.get_inputs()
    }
    return np.asarray(session.run(None, feed)[0])


def _concrete(shape: Sequence[Any], length: int) -> list[int]:
    """A shape with its free axes filled: the last is the length, the others are a batch of one."""
    fixed = [int(axis) if isinstance(axis, int | np.integer) and axis >= 0 else -1 for axis in shape]
    return [(length if place == len(fixed) - 1 else 1) if axis < 0 else axis for place, axis in enumerate(fixed)]


def _values(name: str, shape: list[int], ids: Sequence[int]) -> np.ndarray:
    """An input's values, told apart by its name, padded or cut to the shape."""
    row = np.zeros(shape[-1] if shape else 1, "int64")
    count = min(len(ids), len(row))
    if "mask" in name:
        row[:count] = 1
    elif "segment" not in name and "type" not in name:
        row[:count] = ids[:count]
    return np.broadcast_to(row if shape else row[0], shape)


def _onnx_dtype(type_: str) -> str:
    return type_.removeprefix("tensor(").removesuffix(")").replace("float", "float32").replace("float3216", "float16")


def main(path: str, ids: str) -> None:
    run = _run_tflite if path.endswith(".tflite") else _run_onnx
    try:
        with native_stderr_silenced():
            output = run(Path(path), json.loads(ids))
        found = {"error": "", "output": [float(value) for value in output.ravel()[:1000]]}
    except Exception as error:  # whatever the runtime says is the answer
        lines = [line for line in str(error).splitlines() if line.strip()]
        found = {"error": lines[0] if lines else type(error).__name__, "output": []}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
