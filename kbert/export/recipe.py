"""A recipe: how to export, in one immutable object."""

import dataclasses
import importlib.resources
import os
import tomllib
from pathlib import Path
from typing import Any

from kbert.errors import InputError

FORMATS = ("tflite", "onnx", "savedmodel")
SCHEMES = ("float32", "float16", "dynamic_int8", "static_int8", "int4")
# A mix of formats, found by a search, is no scheme that one can ask for.
MIXED = "mixed"
ONNX_OPERATORS = ("portable", "onnxruntime")
TFLITE_RUNTIMES = ("litert", "2.14")
OTHER_MACHINES = ("arm64",)
# As Hugging Face's libraries look for them.
ONNX_FILES = {
    "float32": "model.onnx",
    "float16": "model_fp16.onnx",
    "dynamic_int8": "model_quantized.onnx",
    "int4": "model_q4.onnx",
}
# TF Serving wants a folder a version.
SAVEDMODEL = "savedmodel/1"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to make of a model, and how much it may lose.

    `formats` are file formats, `schemes` ways to quantize: `dynamic_int8` keeps weights as 8-bit integers and
    quantizes activations while it runs; `static_int8` fixes their scales beforehand, by calibration texts (TFLite);
    `int4` is as `dynamic_int8` with 4 bits; `float16` keeps weights at half precision; `float32` keeps everything as it
    was trained. A SavedModel is always `float32`. `max_drop` is in percentage points of the task's main metric.

    `target_mb` (millions of bytes) and `target_ms` (mean latency of a text) ask for the mix of weight formats that
    meets them at the least drop, in a TFLite file; then there are no schemes to choose.

    `onnx_operators`: `portable` for those of ONNX, `onnxruntime` for ONNX Runtime's own fused ones. `tflite_runtime`:
    `litert`, or `2.14` for files that tflite-runtime 2.14 (2023) runs. `length` fixes the tokens of every text, shorter
    ones being padded, for TFLite runtimes that cannot resize, such as the GPU delegate. `verify_on` names machines on
    which the files have to pass the gate too: `arm64`, emulated.

    Raises:
        InputError: a value is unknown or out of its range, or two do not go together; names the key.
    """

    formats: tuple[str, ...] = ("tflite", "onnx")
    schemes: tuple[str, ...] = ("dynamic_int8",)
    max_drop: float = 0.5
    target_mb: float | None = None
    target_ms: float | None = None
    onnx_operators: str = "portable"
    tflite_runtime: str = "litert"
    length: int | None = None
    verify_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, known in (("formats", FORMATS), ("schemes", SCHEMES)):
            given = getattr(self, name)
            unknown = [value for value in given if value not in known]
            if unknown or not given or len(set(given)) < len(given):
                raise InputError(
                    f"{name} must be different ones of {', '.join(known)}. Received: {', '.join(given) or 'none'}"
                )
        if not 0 <= self.max_drop <= 100:
            raise InputError(f"max_drop must be from 0 to 100 percentage points. Received: {self.max_drop}")
        for name, choices in (("onnx_operators", ONNX_OPERATORS), ("tflite_runtime", TFLITE_RUNTIMES)):
            if getattr(self, name) not in choices:
                raise InputError(f"{name} must be one of {', '.join(choices)}. Received: {getattr(self, name)}")
        for name in ("target_mb", "target_ms", "length"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and (name != "length" or isinstance(value, int))):
                raise InputError(f"{name} must be a positive number. Received: {value}")
        unknown = [name for name in self.verify_on if name not in OTHER_MACHINES]
        if unknown:
            raise InputError(f"verify_on must be among {', '.join(OTHER_MACHINES)}. Received: {unknown[0]}")
        self._check_mix()

    @property
    def searches(self) -> bool:
        """Whether there is a budget to search a mix of formats for."""
        return self.target_mb is not None or self.target_ms is not None

    def longest(self, max_length: int) -> int:
        """How many tokens of a text a file reads, of a model that reads `max_length`."""
        return min(max_length, self.length or max_length)

    def _check_mix(self) -> None:
        tflite_only = {
            "target_mb and target_ms": self.searches,
            "length": self.length is not None,
            "tflite_runtime": self.tflite_runtime != "litert",
            "schemes static_int8": self.schemes == ("static_int8",) and self.formats != ("savedmodel",),
        }
        for name, used in tflite_only.items():
            if used and "tflite" not in self.formats:
                raise InputError(f"{name}: only TFLite files have it. Received: formats {', '.join(self.formats)}")
        old = [s for s in self.schemes if s not in ("float32", "dynamic_int8", "static_int8")]
        if self.tflite_runtime == "2.14" and old:
            raise InputError(
                f"tflite_runtime 2.14 has no {old[0]} of this model: take float32, dynamic_int8 or static_int8"
            )
        if self.searches and (self.length is not None or self.tflite_runtime != "litert"):
            raise InputError(
                "target_mb and target_ms: a search makes files of any length for LiteRT. Leave out the rest"
            )

    def files(self) -> dict[str, tuple[str, str]]:
        """The files of an export: path inside the directory to (format, scheme).

        The first scheme gets the plain name for TFLite; ONNX files are named as Hugging Face names them.
        """
        found = {}
        for format_ in self.formats:
            if format_ == "savedmodel":
                found[SAVEDMODEL] = (format_, "float32")
            elif format_ == "onnx":
                found |= {f"onnx/{ONNX_FILES[s]}": (format_, s) for s in self.schemes if s in ONNX_FILES}
            elif self.searches:
                found["model.tflite"] = (format_, MIXED)
            else:
                first = self.schemes[0]
                found |= {"model.tflite" if s == first else f"model_{s}.tflite": (format_, s) for s in self.schemes}
        return found

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def load_recipe(name_or_file: str | os.PathLike[str], **overrides: Any) -> Recipe:
    """A recipe that ships with kbert, by name, or one of your own, by the path of its TOML file.

    Args:
        name_or_file: `phone`, or `path/to/mine.toml`.
        overrides: fields that replace the recipe's own.

    Raises:
        InputError: there is no such recipe, or it has an unknown key or value; names the key.
    """
    path = Path(name_or_file)
    if path.suffix == ".toml":
        if not path.is_file():
            raise InputError(f"{path}: expected a recipe, found no such file")
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise InputError(f"{path}: expected UTF-8, byte 0x{byte:02x} is not. Save the recipe as UTF-8") from None
    else:
        text = _shipped_recipe(str(name_or_file))
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name_or_file}: expected TOML, could not read it ({error})") from None
    known = [field.name for field in dataclasses.fields(Recipe)]
    unknown = [key for key in fields if key not in known]
    if unknown:
        raise InputError(f"{name_or_file}: the key {unknown[0]!r} is unknown. A recipe has {', '.join(known)}")
    fields |= overrides
    for name in ("formats", "schemes", "verify_on"):
        if name in fields:
            if not isinstance(fields[name], (list, tuple)):
                raise InputError(f"{name_or_file}: expected {name} to be a list, got {fields[name]!r}")
            fields[name] = tuple(fields[name])
    try:
        return Recipe(**fields)
    except (InputError, TypeError) as error:
        raise InputError(f"{name_or_file}: {error}") from None


def shipped_recipes() -> list[str]:
    """The names of the recipes that ship with kbert."""
    files = importlib.resources.files("kbert.recipes").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def _shipped_recipe(name: str) -> str:
    known = shipped_recipes()
    if name not in known:
        raise InputError(
            f"recipe {name!r} is unknown. Choose one of {', '.join(known)}, or give the path of a .toml file"
        )
    return importlib.resources.files("kbert.recipes").joinpath(f"{name}.toml").read_text("utf-8")
