"""Scores: one code for the Keras model and for the exported file."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from kbert.problems.problem import Answering


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores of a model on labelled data; `metrics` are shares from 0 to 1, but for correlations and losses."""

    task: str
    examples: int
    metrics: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        return {"task": self.task, "examples": self.examples, "metrics": dict(self.metrics)}


def evaluate(model: Answering, data: Any) -> Evaluation:
    """Asks a model of a task about labelled data, as the task's problem reads it, and scores its answers.

    Raises:
        InputError: a row has a label that the model does not know; there are no rows.
    """
    problem = model.problem
    problem.check(data)
    return Evaluation(task=problem.task, examples=len(data), metrics=problem.score(model.answer(data.inputs), data))
