"""kbert: BERT, from raw text to a phone. Names are imported when they are used, so that `import kbert` is instant."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kbert.backbone import BertBackbone
    from kbert.config import BertConfig
    from kbert.distillation import (
        CorpusDistillSettings,
        Distiller,
        DistillSettings,
        Objectives,
        StudentSpec,
        distill,
        distill_corpus,
    )
    from kbert.errors import GateError, InputError
    from kbert.export import Recipe, export_model
    from kbert.pretrainer import BertPretrainer
    from kbert.tasks import IntentSlotClassifier, QuestionAnswerer, TextClassifier, TextEmbedder, TokenClassifier
    from kbert.tokenizer import BertTokenizer
    from kbert.training import FinetuneSettings, finetune

__version__ = "0.1.0"

__all__ = [
    "BertBackbone",
    "BertConfig",
    "BertPretrainer",
    "BertTokenizer",
    "CorpusDistillSettings",
    "DistillSettings",
    "Distiller",
    "FinetuneSettings",
    "GateError",
    "InputError",
    "IntentSlotClassifier",
    "Objectives",
    "QuestionAnswerer",
    "Recipe",
    "StudentSpec",
    "TextClassifier",
    "TextEmbedder",
    "TokenClassifier",
    "distill",
    "distill_corpus",
    "export_model",
    "finetune",
]

_HOMES = {
    "BertBackbone": "kbert.backbone",
    "BertConfig": "kbert.config",
    "BertPretrainer": "kbert.pretrainer",
    "BertTokenizer": "kbert.tokenizer",
    "CorpusDistillSettings": "kbert.distillation",
    "DistillSettings": "kbert.distillation",
    "Distiller": "kbert.distillation",
    "FinetuneSettings": "kbert.training",
    "GateError": "kbert.errors",
    "InputError": "kbert.errors",
    "IntentSlotClassifier": "kbert.tasks",
    "Objectives": "kbert.distillation",
    "QuestionAnswerer": "kbert.tasks",
    "Recipe": "kbert.export",
    "StudentSpec": "kbert.distillation",
    "TextClassifier": "kbert.tasks",
    "TextEmbedder": "kbert.tasks",
    "TokenClassifier": "kbert.tasks",
    "distill": "kbert.distillation",
    "distill_corpus": "kbert.distillation",
    "export_model": "kbert.export",
    "finetune": "kbert.training",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kbert' has no attribute {name!r}")
