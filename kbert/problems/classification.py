"""One label for a text, or for a pair of texts."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import LOGITS, TokenizedTexts, tokenize
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import LabelledTexts, has_pair_columns, read_labelled_texts
from kbert.errors import InputError
from kbert.evaluation_report import EvaluationReport, classification_report
from kbert.problems.problem import Outputs, Problem, show

PROBABILITY = "probability"


class OneVectorProblem(Problem):
    """What tasks share whose answer is one vector (labels,): the activated logits."""

    heads = {LOGITS: PROBABILITY}
    onnx_outputs = {LOGITS: "logits"}

    @classmethod
    def read_inputs(
        cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL, *, pairs: bool = False
    ) -> list[Any]:
        # As in training: a file that makes pairs there would else be read as its first texts alone.
        pairs = pairs or (columns.text is None and has_pair_columns(path, columns.names))
        return super().read_inputs(path, columns, pairs=pairs)

    def decode(self, inputs: Sequence[Any], tokens: TokenizedTexts, outputs: Sequence[Outputs]) -> list[np.ndarray]:
        return [output[self.heads[LOGITS]] for output in outputs]

    def shift(self, one: np.ndarray, other: np.ndarray) -> float:
        return float(np.abs(one - other).max())

    def is_sound(self, answer: np.ndarray) -> bool:
        return bool(np.isfinite(answer).all())

    def nothing(self, answer: np.ndarray) -> np.ndarray:
        return np.zeros_like(answer)


class Classification(OneVectorProblem):
    """An answer is the probability of every label, float32 (labels,)."""

    task = "text-classification"
    metrics = ("accuracy", "macro_f1")
    activations = {LOGITS: "softmax"}

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> LabelledTexts:
        return read_labelled_texts(
            path,
            text_column=columns.text,
            text_b_column=columns.text_b,
            label_column=columns.label,
            columns=columns.names,
        )

    @classmethod
    def labels_of(cls, data: LabelledTexts) -> list[str]:
        found = data.label_set()
        if len(found) < 2:
            raise InputError(f"{data.path}: expected at least two labels to tell apart, every row has {found[0]!r}")
        return found

    def check_labels(self) -> None:
        if len(self.labels) < 2:
            listed = ", ".join(self.labels) or "none"
            raise InputError(f"expected at least two labels to tell apart, got {len(self.labels)}: {listed}")
        super().check_labels()

    def check(self, data: LabelledTexts) -> None:
        data.label_ids(self.labels)

    def encode_examples(self, data: LabelledTexts) -> TokenizedTexts:
        return tokenize(self.known_tokenizer(), data.inputs, data.label_ids(self.labels), max_length=self.max_length)

    def to_dict(self, given: Any, answer: np.ndarray) -> dict[str, Any]:
        order = np.argsort(-answer, kind="stable")
        return {
            **input_fields(given),
            "label": self.labels[order[0]],
            "probability": round(float(answer[order[0]]), 6),
            "probabilities": {self.labels[i]: round(float(answer[i]), 6) for i in order},
        }

    def score(self, answers: Sequence[np.ndarray], data: LabelledTexts) -> dict[str, float]:
        return classification_metrics(np.asarray(data.label_ids(self.labels)), np.asarray(answers))

    def report(self, answers: Sequence[np.ndarray], data: LabelledTexts, *, worst: int = 0) -> EvaluationReport:
        return classification_report(
            np.asarray(data.label_ids(self.labels)),
            np.asarray(answers),
            self.labels,
            [show(given) for given in data.inputs],
            worst=worst,
        )

    def counts(self, answers: Sequence[np.ndarray], data: LabelledTexts) -> np.ndarray:
        right = np.asarray([answer.argmax() for answer in answers]) == np.asarray(data.label_ids(self.labels))
        return np.stack([right, np.ones(len(right))], axis=1)

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        return np.asarray(sums[..., 0] / sums[..., 1])

    def same(self, one: np.ndarray, other: np.ndarray) -> bool:
        return bool(one.argmax() == other.argmax())

    def say(self, answer: np.ndarray) -> str:
        return self.labels[int(answer.argmax())]

    def expected(self, data: LabelledTexts, index: int) -> str:
        return data.labels[index]

    def confidence(self, answer: np.ndarray, of: np.ndarray) -> float:
        return float(answer[int(of.argmax())])


def input_fields(given: Any) -> dict[str, str]:
    """A text, or a pair, as fields of what is printed."""
    return {"text": given} if isinstance(given, str) else {"text": given[0], "text_b": given[1]}


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
