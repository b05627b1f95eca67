import math

import numpy as np
import pytest

from kbert.data import LabelledTexts
from kbert.errors import InputError
from kbert.evaluation import evaluate
from kbert.problems.classification import Classification, classification_metrics


class FixedModel:
    """Answers by the text: its number is the class that it is sure of."""

    problem = Classification(labels=("no", "yes"), tokenizer=None, max_length=8)

    def answer(self, inputs):
        return [np.array([0.1, 0.9] if text == "1" else [0.9, 0.1], "float32") for text in inputs]


def data_of(*rows: tuple[str, str]) -> LabelledTexts:
    texts, labels = map(list, zip(*rows, strict=True)) if rows else ([], [])
    return LabelledTexts(path="test.tsv", texts=texts, labels=labels, line_numbers=list(range(2, len(rows) + 2)))


def test_metrics_by_hand():
    expected = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.8, 0.2], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])
    # Predicted 0, 0, 1, 0 (a tie goes to the first). Class 0: 2 of 3 found, 2 of 3 right, F1 2/3. Class 1: F1 0.
    metrics = classification_metrics(expected, probabilities)
    assert set(metrics) == {"accuracy", "macro_f1", "micro_f1", "loss"}
    assert metrics["accuracy"] == 0.5
    assert metrics["macro_f1"] == pytest.approx(1 / 3)
    assert metrics["micro_f1"] == pytest.approx(0.5)
    assert metrics["loss"] == pytest.approx(-math.log(0.8 * 0.5 * 0.25 * 0.5) / 4)


def test_a_label_that_nothing_has_and_nothing_gets_counts_for_nothing():
    metrics = classification_metrics(np.array([0, 1]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    assert metrics == {"accuracy": 1.0, "macro_f1": 1.0, "micro_f1": 1.0, "loss": 0.0}


def test_certain_and_wrong_is_a_finite_loss():
    metrics = classification_metrics(np.array([0]), np.array([[0.0, 1.0]]))
    assert metrics["loss"] == pytest.approx(-math.log(1e-12))


def test_nothing_to_score():
    with pytest.raises(InputError, match=r"expected at least one labelled text to score, got none"):
        classification_metrics(np.array([], "int64"), np.zeros((0, 2)))


def test_a_model_is_scored_by_the_names_of_its_labels():
    evaluation = evaluate(FixedModel(), data_of(("1", "yes"), ("0", "no"), ("1", "no")))
    value = evaluation.to_dict()
    assert value["task"] == "text-classification"
    assert value["examples"] == 3
    assert value["metrics"]["accuracy"] == pytest.approx(2 / 3)
    assert value["metrics"]["loss"] == pytest.approx(-(2 * math.log(0.9) + math.log(0.1)) / 3, abs=1e-6)


def test_a_label_unknown_to_the_model():
    with pytest.raises(InputError, match=r"^test.tsv:3: label 'maybe' is unknown to the model. Expected one of: no"):
        evaluate(FixedModel(), data_of(("1", "yes"), ("0", "maybe")))
