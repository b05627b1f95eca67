"""A file, or the files of an export directory, against every runtime."""

import os
from pathlib import Path

from kbert.errors import InputError
from kbert.export.check.gpu_delegate import check_gpu_delegate
from kbert.export.check.litert import check_litert
from kbert.export.check.mediapipe import check_mediapipe
from kbert.export.check.onnx_file import read_onnx
from kbert.export.check.onnx_runtime import check_onnx_runtime
from kbert.export.check.openvino import check_openvino_onnx, check_openvino_tflite
from kbert.export.check.tflite_file import read_tflite
from kbert.export.check.tflite_runtime import check_tflite_runtime
from kbert.export.check.transformers_js import check_transformers_js
from kbert.export.check.verdict import RUNTIMES, RuntimeVerdict

_OTHER_FORMAT = {".tflite": ".onnx", ".onnx": ".tflite"}


def check_artefact(path: str | os.PathLike[str]) -> list[RuntimeVerdict]:
    """A verdict for every runtime, in the order of `RUNTIMES`; the file need not come from kbert.

    LiteRT and ONNX Runtime load the file, in a process of their own, and run one text; the others are judged by what
    the file holds.

    Args:
        path: a .tflite or .onnx file.

    Raises:
        InputError: it is neither, is missing, was cut short or is damaged.
    """
    path = Path(path)
    if path.suffix not in _OTHER_FORMAT:
        raise InputError(f"{path}: expected a .tflite or .onnx file")
    found = {verdict.runtime: verdict for verdict in (_tflite if path.suffix == ".tflite" else _onnx)(path)}
    other = f"it takes {_OTHER_FORMAT[path.suffix]} files"
    return [found.get(runtime, RuntimeVerdict(runtime=runtime, reasons=(other,))) for runtime in RUNTIMES]


def _tflite(path: Path) -> list[RuntimeVerdict]:
    file = read_tflite(path)
    checks = (check_litert, check_tflite_runtime, check_mediapipe, check_gpu_delegate, check_openvino_tflite)
    return [check(file) for check in checks]


def _onnx(path: Path) -> list[RuntimeVerdict]:
    file = read_onnx(path)
    desktop, mobile, web = check_onnx_runtime(file)
    return [desktop, mobile, web, check_transformers_js(file, web.reasons), check_openvino_onnx(file)]


def other_format(verdict: RuntimeVerdict) -> bool:
    """Whether a runtime refuses a file for its format alone."""
    return verdict.reasons in [(f"it takes {suffix} files",) for suffix in _OTHER_FORMAT]
