"""The Keras model of every task."""

import importlib
from collections.abc import Sequence
from typing import Any

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint
from kbert.problems.problem import Problem
from kbert.tasks.task import BertTask

MODELS = {
    "text-classification": ("kbert.tasks.text_classifier", "TextClassifier"),
    "multi-label": ("kbert.tasks.text_classifier", "TextClassifier"),
    "regression": ("kbert.tasks.text_classifier", "TextClassifier"),
    "token-classification": ("kbert.tasks.token_classifier", "TokenClassifier"),
    "intent-slots": ("kbert.tasks.intent_slot_classifier", "IntentSlotClassifier"),
    "question-answering": ("kbert.tasks.question_answerer", "QuestionAnswerer"),
    "embedding": ("kbert.tasks.text_embedder", "TextEmbedder"),
}


def task_class(task: str) -> type[BertTask]:
    """The class of a task's models."""
    module, name = MODELS[task]
    found: type[BertTask] = getattr(importlib.import_module(module), name)
    return found


def task_from_checkpoint(
    checkpoint: Checkpoint, task: str, labels: Sequence[str] | None = None, **options: Any
) -> BertTask:
    """The model of a task from a checkpoint; see `BertTask.load` for the options and errors."""
    return task_class(task).load(checkpoint, task, labels, **options)


def task_of_problem(backbone: BertBackbone, problem: Problem) -> BertTask:
    """A new model of a task on an encoder."""
    return task_class(problem.task).of_problem(backbone, problem)
