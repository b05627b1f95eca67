"""From a trained model to proven TFLite and ONNX files. Names are imported when they are used."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kbert.export.measurement import measure
    from kbert.export.pipeline import export_model
    from kbert.export.recipe import Recipe
    from kbert.export.report import ExportReport
    from kbert.export.runtime import open_artefact

__all__ = ["ExportReport", "Recipe", "export_model", "measure", "open_artefact"]

_HOMES = {
    "ExportReport": "kbert.export.report",
    "Recipe": "kbert.export.recipe",
    "export_model": "kbert.export.pipeline",
    "measure": "kbert.export.measurement",
    "open_artefact": "kbert.export.runtime",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kbert.export' has no attribute {name!r}")
