"""The Keras model of every task."""

from collections.abc import Sequence
from typing import Any

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint
from kbert.problems.problem import Problem
from kbert.tasks.task import BertTask
from kbert.tasks.text_classifier import TEXT_TASKS, TextClassifier

MODELS: dict[str, type[BertTask]] = {
    **dict.fromkeys(TEXT_TASKS, TextClassifier),
}


def task_from_checkpoint(
    checkpoint: Checkpoint, task: str, labels: Sequence[str] | None = None, **options: Any
) -> BertTask:
    """The model of a task from a checkpoint; see `BertTask.load` for the options and errors."""
    return MODELS[task].load(checkpoint, task, labels, **options)


def task_of_problem(backbone: BertBackbone, problem: Problem) -> BertTask:
    """A new model of a task on an encoder."""
    return MODELS[problem.task].of_problem(backbone, problem)
