"""The files of a Hugging Face checkpoint: `config.json`, and tensors by name in safetensors or PyTorch's format."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kbert.errors import InputError
from kbert.files import write_json


def read_files(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """`config.json` and all tensors as they stand there, under their own names.

    Raises:
        InputError: a file is missing or cut short.
    """
    return read_json(folder / "config.json"), _read_tensors(folder)


def write_files(folder: Path, raw: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> None:
    """Writes a `config.json` and tensors under their names into an existing folder."""
    from safetensors.numpy import save_file

    write_json(folder / "config.json", raw)
    save_file(dict(tensors), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # the library makes it private


def read_json(path: Path) -> dict[str, Any]:
    """What a JSON file of a checkpoint holds.

    Raises:
        InputError: there is none, or it holds no JSON object.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: expected the file of a Hugging Face checkpoint, found no such file") from None
    except ValueError as error:
        raise InputError(f"{path}: expected JSON, could not read it ({error})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected a JSON object, got {type(content).__name__}")
    return content


def _read_tensors(folder: Path) -> dict[str, np.ndarray]:
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        return _read_safetensors(folder / "model.safetensors")
    if index.is_file():
        shards = sorted(set(read_json(index).get("weight_map", {}).values()))
        return {name: value for shard in shards for name, value in _read_safetensors(folder / shard).items()}
    if (folder / "pytorch_model.bin").is_file():
        return _read_pytorch(folder / "pytorch_model.bin")
    raise InputError(f"{folder}: expected model.safetensors (or pytorch_model.bin), found neither")


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    import ml_dtypes
    import safetensors

    kinds = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": ml_dtypes.bfloat16, "BOOL": "bool"}
    kinds |= {"I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8", "U8": "uint8"}
    try:
        entries = safetensors.deserialize(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path}: expected a file of weights, found no such file") from None
    except safetensors.SafetensorError as error:
        raise InputError(
            f"{path}: expected a whole safetensors file, could not read it ({error}). It was cut short or is damaged: "
            "copy it again"
        ) from None
    return {
        name: np.frombuffer(entry["data"], kinds[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in entries
        if entry["dtype"] in kinds
    }


def _read_pytorch(path: Path) -> dict[str, np.ndarray]:
    from kbert.extras import require

    try:
        torch = require("torch", extra="torch")
    except InputError as error:
        raise InputError(f"{path}: {error}; or save the checkpoint as model.safetensors") from None
    # weights_only: a pickle from elsewhere must not run code here.
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return {name: (value.float() if value.is_floating_point() else value).numpy() for name, value in state.items()}
    except Exception as error:  # torch raises whatever its unpickler met
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: expected a file of plain tensors, could not read it ({reason})") from None
