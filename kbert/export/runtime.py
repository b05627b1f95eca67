"""Exported files in their real runtimes: text in, answers out. Only a SavedModel needs TensorFlow for it."""

import os
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from kbert.data.batching import TokenRow
from kbert.errors import InputError
from kbert.export import onnx as onnx_format
from kbert.export.facts import ArtefactFacts
from kbert.export.inputs import ONNX_INPUTS, TFLITE_INPUTS, feed
from kbert.export.metadata import read_metadata
from kbert.export.savedmodel import MODEL_FILE, SavedModelArtefact, is_savedmodel
from kbert.export.text_input import FromText, check_widths, without_batch
from kbert.extras import require
from kbert.quiet import native_stderr_silenced


class TfliteArtefact(FromText):
    """A TFLite file in the LiteRT interpreter, with the delegates that it has by default (XNNPACK).

    Raises:
        InputError: the file is missing, cut short, no TFLite file, or none that kbert exported.
    """

    def __init__(self, path: str | os.PathLike[str], *, num_threads: int | None = None) -> None:
        self.path = Path(path)
        # Checked before the interpreter sees it: LiteRT may crash on a file that was cut short.
        metadata = _explain(self.path, lambda: read_metadata(_read(self.path)))
        if metadata is None:
            raise InputError(f"{path}: expected kbert's metadata inside, found none: not a file that kbert exported")
        self.facts = ArtefactFacts.from_files(metadata.files, str(path))
        interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter
        try:
            with native_stderr_silenced():
                self._interpreter = interpreter(str(self.path), num_threads=num_threads or default_threads())
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InputError(f"{path}: LiteRT does not take this file ({str(error).splitlines()[0]})") from None
        details = {
            name: info["index"]
            for name, info in zip(metadata.input_names, self._interpreter.get_input_details(), strict=True)
        }
        missing = [name for name in TFLITE_INPUTS.values() if name not in details]
        if missing:
            raise InputError(
                f"{path}: expected the inputs {', '.join(TFLITE_INPUTS.values())}, {missing[0]} is missing"
            )
        self._inputs = details
        outputs = self._interpreter.get_output_details()
        self._outputs = {name: info["index"] for name, info in zip(metadata.output_names, outputs, strict=True)}
        self.output_names = list(self._outputs)
        widths = [int(output["shape_signature"][-1]) for output in outputs]
        check_widths(self.path, self.problem, dict(zip(self._outputs, widths, strict=True)))
        declared = int(self._interpreter.get_input_details()[0]["shape_signature"][-1])
        self._fixed_length = max(0, declared)  # -1 where texts may have any length
        self._length = self._fixed_length

    def run(self, row: TokenRow) -> dict[str, np.ndarray]:
        length = self._fixed_length or len(row)
        if length != self._length:
            for index in self._inputs.values():
                self._interpreter.resize_tensor_input(index, [1, length])
            self._interpreter.allocate_tensors()
            self._length = length
        for name, value in feed(TFLITE_INPUTS, row, "int32", self._fixed_length).items():
            self._interpreter.set_tensor(self._inputs[name], value)
        self._interpreter.invoke()
        return without_batch({name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()})


class OnnxArtefact(FromText):
    """An ONNX file in ONNX Runtime on the CPU.

    Raises:
        InputError: the file is missing, cut short, no ONNX file, or none that kbert exported.
    """

    def __init__(self, path: str | os.PathLike[str], *, num_threads: int | None = None) -> None:
        self.path = Path(path)
        _require_file(self.path)
        onnxruntime = require("onnxruntime", extra="onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads or default_threads()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(self.path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's exceptions have no public base class
            reason = str(error).splitlines()[0]
            raise InputError(f"{path}: expected an ONNX file, ONNX Runtime does not take it ({reason})") from None
        self.facts = onnx_format.read_facts(self._session.get_modelmeta().custom_metadata_map, str(path))
        self._names = {theirs: ours for ours, theirs in self.problem.onnx_outputs.items()}
        outputs = self._session.get_outputs()
        self.output_names = [value.name for value in outputs]
        heads = {theirs: self.problem.heads[ours] for theirs, ours in self._names.items()}
        widths = {heads[value.name]: value.shape[-1] for value in outputs if value.name in heads}
        check_widths(self.path, self.problem, widths)

    def run(self, row: TokenRow) -> dict[str, np.ndarray]:
        values = self._session.run(list(self._names), feed(ONNX_INPUTS, row, "int64"))
        outputs = dict(zip(self._names.values(), values, strict=True))
        return without_batch(self.problem.activate(outputs))


Artefact: TypeAlias = TfliteArtefact | OnnxArtefact | SavedModelArtefact
_ARTEFACTS: dict[str, Any] = {".tflite": TfliteArtefact, ".onnx": OnnxArtefact}


def is_artefact(path: str | os.PathLike[str]) -> bool:
    """Whether a path names an exported file or a folder of them, rather than a checkpoint."""
    path = Path(path)
    if not path.is_dir():
        return path.suffix in _ARTEFACTS
    if is_savedmodel(path):
        return True
    exported = any(file.suffix in _ARTEFACTS for file in path.iterdir()) and not (path / "config.json").is_file()
    return exported or (path / "report.json").is_file()


def artefact_files(path: str | os.PathLike[str]) -> list[Path]:
    """The exported files, or folders of SavedModels, that a path names: itself, or all in an export directory.

    Raises:
        InputError: there is none.
    """
    path = Path(path)
    if not path.is_dir() or is_savedmodel(path):
        return [path]
    found = sorted(p for p in path.rglob("*") if p.suffix in _ARTEFACTS)
    found += sorted(file.parent for file in path.rglob(MODEL_FILE))
    if not found:
        raise InputError(f"{path}: expected a .tflite file, an .onnx file or a SavedModel inside, found none")
    return found


def open_artefact(path: str | os.PathLike[str], *, num_threads: int | None = None) -> Artefact:
    """Loads an exported file into its runtime; of an export directory, `model.tflite` or else its first file.

    Raises:
        InputError: it is missing, damaged, or none that kbert exported.
    """
    files = artefact_files(path)
    chosen = next((file for file in files if file.name == "model.tflite"), files[0])
    if is_savedmodel(chosen):
        return SavedModelArtefact(chosen, num_threads=num_threads)
    if chosen.suffix not in _ARTEFACTS:
        raise InputError(f"{chosen}: expected a file called *.tflite or *.onnx, or the folder of a SavedModel")
    artefact: Artefact = _ARTEFACTS[chosen.suffix](chosen, num_threads=num_threads)
    return artefact


def default_threads() -> int:
    """As many threads as a phone gives a model, or fewer if the machine has no more."""
    return min(4, os.cpu_count() or 1)


def _read(path: Path) -> bytes:
    _require_file(path)
    return path.read_bytes()


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path}: expected an exported file, it is a folder")
    if not path.exists():
        raise InputError(f"{path}: expected an exported file, found no such file")


def _explain(path: Path, read: Any) -> Any:
    try:
        return read()
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
