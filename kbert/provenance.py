"""Where a result comes from: which data, which versions."""

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kbert.data.data_set import DataSet
from kbert.files import explained_disk_errors, write_json


def fingerprint(data: DataSet) -> dict[str, Any]:
    """What tells two data sets apart: the file's name, its number of rows and a hash of what they hold."""
    digest = hashlib.sha256()
    for row in data.fingerprint_rows():
        digest.update(row.encode())
    return {"file": Path(data.path).name, "rows": len(data), "sha256": digest.hexdigest()}


def weights_sha256(weights: Mapping[str, np.ndarray]) -> str:
    """A hash of arrays with their names and shapes."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(f"{name}{weights[name].shape}".encode())
        digest.update(weights[name].tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """The versions of what decides a result."""
    found = {"python": platform.python_version()}
    for name in ("kbert", "tensorflow", "keras", "tokenizers", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def note_or_compare(path: Path, identity: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Writes what the work in a folder depends on, or finds out what of it is not the same as when it began.

    Args:
        path: the file that says so, made with its folder where there is none.
        identity: what the work depends on, as JSON can hold it.

    Returns:
        Of the first that differs its name, what it was and what it is; None where all is the same, or was written now.
    """
    now = json.loads(json.dumps(dict(identity)))
    if not path.is_file():
        with explained_disk_errors(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, now)
        return None
    then = json.loads(path.read_text("utf-8"))
    names = (name for name in [*now, *(then.keys() - now.keys())] if now.get(name) != then.get(name))
    return next(((name, then.get(name), now.get(name)) for name in names), None)
