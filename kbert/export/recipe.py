"""A recipe: how to export, in one immutable object."""

import dataclasses
import importlib.resources
import os
import tomllib
from pathlib import Path
from typing import Any

from kbert.errors import InputError

FORMATS = ("tflite", "onnx")
SCHEMES = ("float32", "float16", "dynamic_int8", "int4")
# As Hugging Face's libraries look for them.
ONNX_FILES = {
    "float32": "model.onnx",
    "float16": "model_fp16.onnx",
    "dynamic_int8": "model_quantized.onnx",
    "int4": "model_q4.onnx",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to make of a model, and how much it may lose.

    `formats` are file formats, `schemes` ways to quantize: `dynamic_int8` keeps weights as 8-bit integers and
    quantizes activations while it runs; `int4` does so with 4 bits; `float16` keeps weights at half precision;
    `float32` keeps everything as it was trained. `max_drop` is in percentage points of the task's main metric.

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
                raise InputError(
                    f"{name} must be different ones of {', '.join(known)}. Received: {', '.join(given) or 'none'}"
                )
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
                    name = f"onnx/{ONNX_FILES[scheme]}"
                else:
                    name = "model.tflite" if scheme == self.schemes[0] else f"model_{scheme}.tflite"
                found[name] = (format_, scheme)
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
    for name in ("formats", "schemes"):
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
