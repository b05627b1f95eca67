"""Scores: one code for the Keras model and for the exported file."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kbert.evaluation_report import EvaluationReport, slowest
from kbert.problems.problem import Answering, show

if TYPE_CHECKING:
    from kbert.export.full_model import FullModel
    from kbert.export.runtime import Artefact


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores of a model on labelled data; `metrics` are shares from 0 to 1, but for correlations and losses.

    `report` is what the scores do not say, where it was asked for.
    """

    task: str
    examples: int
    metrics: Mapping[str, float]
    report: EvaluationReport | None = None

    def to_dict(self) -> dict[str, Any]:
        scores = {"task": self.task, "examples": self.examples, "metrics": dict(self.metrics)}
        return scores | (self.report.to_dict() if self.report else {})


def evaluate(model: Answering, data: Any, *, report: bool = False, worst: int = 0) -> Evaluation:
    """Asks a model of a task about labelled data, as the task's problem reads it, and scores its answers.

    Args:
        model: a Keras model of `kbert.tasks`, or an exported file.
        data: as `model.problem.read` gives it.
        report: whether to tell of classes, confusions and calibration too.
        worst: so many of the most wrong answers; above 0 there is a report.

    Raises:
        InputError: a row has a label that the model does not know; there are no rows.
    """
    problem = model.problem
    problem.check(data)
    answers = model.answer(data.inputs)
    return Evaluation(
        task=problem.task,
        examples=len(data),
        metrics=problem.score(answers, data),
        report=problem.report(answers, data, worst=worst) if report or worst else None,
    )


def with_slowest(
    evaluation: Evaluation, runner: "Artefact | FullModel", inputs: Sequence[Any], count: int
) -> Evaluation:
    """The evaluation with the inputs that take longest, each run by itself once, after a warm-up."""
    latencies = np.zeros(len(inputs))
    for timed in (False, True):  # a runtime sets itself up for a length when it first meets it
        for index, given in enumerate(inputs):
            rows = runner.encode([given])
            before = time.perf_counter()
            for row in rows:
                runner.run(row)
            if timed:
                latencies[index] = (time.perf_counter() - before) * 1e3
    found = slowest([show(given) for given in inputs], latencies, count)
    report = dataclasses.replace(evaluation.report or EvaluationReport(), slowest=found)
    return dataclasses.replace(evaluation, report=report)
