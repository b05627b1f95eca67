"""Metrics: one code scores the Keras model and the exported file."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from kbert.data.readers import LabelledTexts
from kbert.errors import InputError

MAIN_METRIC = "accuracy"


class Classifier(Protocol):
    """What can be scored: a `TextClassifier`, or an exported file in its runtime."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (texts, labels)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Scores of a model on labelled texts; `metrics` are shares from 0 to 1."""

    task: str
    examples: int
    metrics: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        return {"task": self.task, "examples": self.examples, "metrics": dict(self.metrics)}


def evaluate_classifier(model: Classifier, data: LabelledTexts) -> Evaluation:
    """Runs a model on texts and scores its labels.

    Raises:
        InputError: a row has a label that the model does not know; there are no rows.
    """
    expected = np.asarray(data.label_ids(model.labels))
    probabilities = model.predict_proba(data.texts)
    return Evaluation(
        task="text-classification", examples=len(data), metrics=classification_metrics(expected, probabilities)
    )


def classification_metrics(expected: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Accuracy, macro- and micro-averaged F1, and cross-entropy in nats.

    Args:
        expected: int (examples,), the right class of each.
        probabilities: float (examples, classes).
    """
    if len(expected) == 0:
        raise InputError("expected at least one labelled text to score, got none")
    from sklearn.metrics import accuracy_score, f1_score

    predicted = probabilities.argmax(axis=1)
    right = np.clip(probabilities[np.arange(len(expected)), expected].astype("float64"), 1e-12, 1.0)
    return {
        "accuracy": float(accuracy_score(expected, predicted)),
        "macro_f1": float(f1_score(expected, predicted, average="macro", zero_division=0.0)),
        "micro_f1": float(f1_score(expected, predicted, average="micro", zero_division=0.0)),
        "loss": float(-np.log(right).mean()),
    }
