"""Where a result comes from: which data, which versions."""

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kbert.data.data_set import DataSet


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
