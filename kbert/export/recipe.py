"""A recipe: how to export, in one immutable object."""

import dataclasses
from typing import Any

from kbert.errors import InputError

FORMATS = ("tflite", "onnx")
SCHEMES = ("float32", "dynamic_int8")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to make of a model, and how much it may lose.

    `formats` are file formats, `schemes` ways to quantize: `dynamic_int8` keeps weights as 8-bit integers and
    quantizes activations while it runs; `float32` keeps everything as it was trained. `max_drop` is in percentage
    points of the task's main metric.

    Raises:
        InputError: a value is unknown or out of its range.
    """

    formats: tuple[str, ...] = FORMATS
    schemes: tuple[str, ...] = ("dynamic_int8",)
    max_drop: float = 0.5

    def __post_init__(self) -> None:
        for name, known in (("formats", FORMATS), ("schemes", SCHEMES)):
            given = getattr(self, name)
            unknown = [value for value in given if value not in known]
            if unknown or not given or len(set(given)) < len(given):
                raise InputError(f"{name} must be different ones of {', '.join(known)}. Received: {', '.join(given) or 'none'}")
        if not 0 <= self.max_drop <= 100:
            raise InputError(f"max_drop must be from 0 to 100 percentage points. Received: {self.max_drop}")

    def files(self) -> dict[str, tuple[str, str]]:
        """The files of an export: path inside the directory to (format, scheme).

        The first scheme gets the plain name for TFLite; ONNX files are named as Hugging Face names them.
        """
        found = {}
        for format_ in self.formats:
            for scheme in self.schemes:
                if format_ == "onnx":
                    name = {"float32": "onnx/model.onnx", "dynamic_int8": "onnx/model_quantized.onnx"}[scheme]
                else:
                    name = "model.tflite" if scheme == self.schemes[0] else f"model_{scheme}.tflite"
                found[name] = (format_, scheme)
        return found

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)
