"""Which runtimes take an exported file, and exactly why not. Names are imported when they are used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kbert.export.check.artefact import check_artefact
    from kbert.export.check.verdict import RuntimeVerdict

__all__ = ["RuntimeVerdict", "check_artefact"]

_HOMES = {"RuntimeVerdict": "kbert.export.check.verdict", "check_artefact": "kbert.export.check.artefact"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kbert.export.check' has no attribute {name!r}")
