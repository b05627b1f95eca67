"""All that is told of an evaluation beside its scores, as one object for each kind of task."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.evaluation_report.calibration import Calibration, class_calibration, label_calibration
from kbert.evaluation_report.confusion import Confusion, count_confusions
from kbert.evaluation_report.examples import SlowExample, WrongExample, most_wrong, most_wrong_labels
from kbert.evaluation_report.per_class import ClassScores, class_scores, entity_class_scores
from kbert.problems.entity_metrics import Tags, check_tags
from kbert.problems.threshold import DEFAULT_THRESHOLD, decisions


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class EvaluationReport:
    """What a task has none of is empty or None, and left out of `to_dict`.

    Parts that cost a run of their own, such as `slowest`, come in by `dataclasses.replace`.
    """

    classes: tuple[ClassScores, ...] = ()
    confusion: Confusion | None = None
    calibration: Calibration | None = None
    worst: tuple[WrongExample, ...] = ()
    slowest: tuple[SlowExample, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        parts = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {
            name: [entry.to_dict() for entry in part] if isinstance(part, tuple) else part.to_dict()
            for name, part in parts.items()
            if part
        }


def classification_report(
    expected: np.ndarray, probabilities: np.ndarray, labels: Sequence[str], texts: Sequence[str], *, worst: int = 0
) -> EvaluationReport:
    """For tasks with one class for each example.

    Args:
        expected: int (examples,), the right class of each.
        probabilities: float (examples, classes).
        labels: the names of the classes.
        texts: the examples.
        worst: so many of the most wrong ones.
    """
    predicted = probabilities.argmax(axis=1)
    return EvaluationReport(
        classes=class_scores(expected, predicted, labels),
        confusion=count_confusions(expected, predicted, labels),
        calibration=class_calibration(expected, probabilities),
        worst=most_wrong(texts, expected, probabilities, labels, worst),
    )


def multi_label_report(
    expected: np.ndarray,
    probabilities: np.ndarray,
    labels: Sequence[str],
    texts: Sequence[str],
    *,
    threshold: float = DEFAULT_THRESHOLD,
    worst: int = 0,
) -> EvaluationReport:
    """For tasks with any number of labels for each example; there is no confusion of one with another.

    Args:
        expected: 0 or 1 (examples, labels).
        probabilities: float (examples, labels), of each label by itself.
        labels: their names.
        texts: the examples.
        threshold: the probability from which on a label is given.
        worst: so many of the most wrong decisions.
    """
    return EvaluationReport(
        classes=class_scores(expected, decisions(probabilities, threshold), labels),
        calibration=label_calibration(expected, probabilities),
        worst=most_wrong_labels(texts, expected, probabilities, labels, worst, threshold=threshold),
    )


def entity_report(expected: Tags, predicted: Tags) -> EvaluationReport:
    """For entities, as BIO tags.

    Raises:
        InputError: see `kbert.problems.entity_metrics.entity_counts`.
    """
    return EvaluationReport(classes=entity_class_scores(expected, predicted))


def tag_report(expected: Tags, predicted: Tags, labels: Sequence[str]) -> EvaluationReport:
    """For plain tags: every token is an example.

    Raises:
        InputError: see `kbert.problems.entity_metrics.check_tags`.
    """
    check_tags(expected, predicted)
    ids = {label: number for number, label in enumerate(labels)}
    right, answered = (
        np.array([ids[tag] for tags in sequences for tag in tags], "int64") for sequences in (expected, predicted)
    )
    return EvaluationReport(
        classes=class_scores(right, answered, labels), confusion=count_confusions(right, answered, labels)
    )
