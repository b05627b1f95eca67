"""A small student that learns from a fine-tuned teacher."""

from kbert.distillation.distill import DistillResult, distill
from kbert.distillation.distiller import Distiller, student_of
from kbert.distillation.settings import DistillSettings, Objectives
from kbert.distillation.student import StudentSpec

__all__ = ["DistillResult", "DistillSettings", "Distiller", "Objectives", "StudentSpec", "distill", "student_of"]
