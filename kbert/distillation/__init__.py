"""A small student that learns from a fine-tuned teacher, or on raw text from any encoder."""

from kbert.distillation.corpus_settings import CorpusDistillSettings
from kbert.distillation.distill import DistillResult, distill
from kbert.distillation.distill_corpus import CorpusDistillResult, distill_corpus
from kbert.distillation.distiller import Distiller, student_of
from kbert.distillation.settings import DistillSettings, Objectives
from kbert.distillation.student import StudentSpec

__all__ = [
    "CorpusDistillResult",
    "CorpusDistillSettings",
    "DistillResult",
    "DistillSettings",
    "Distiller",
    "Objectives",
    "StudentSpec",
    "distill",
    "distill_corpus",
    "student_of",
]
