"""Any number of labels for a text, or for a pair of texts."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import LOGITS, TokenizedTexts, tokenize
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import LabelSets, read_label_sets
from kbert.errors import InputError, check_setting
from kbert.evaluation_report import EvaluationReport, multi_label_report
from kbert.problems.classification import OneVectorProblem, input_fields
from kbert.problems.problem import Problem, show
from kbert.problems.threshold import DEFAULT_THRESHOLD, decisions, tune_threshold


@dataclasses.dataclass(frozen=True, kw_only=True)
class MultiLabel(OneVectorProblem):
    """An answer is the probability of every label by itself, float32 (labels,); those from `threshold` on are given.

    Raises:
        InputError: `threshold` is not between 0 and 1.
    """

    task = "multi-label"
    metrics = ("micro_f1", "macro_f1", "exact_match")
    activations = {LOGITS: "sigmoid"}
    tunable = True

    threshold: float = DEFAULT_THRESHOLD

    def __post_init__(self) -> None:
        # At 0 every label would be given to every text, at 1 hardly any.
        check_setting(0 < self.threshold < 1, "threshold", self.threshold, "above 0 and below 1")

    def settings(self) -> dict[str, Any]:
        return {"threshold": self.threshold}

    def tuned(self, answers: Sequence[np.ndarray], data: LabelSets) -> Problem:
        best = tune_threshold(self._expected(data), np.asarray(answers))
        return dataclasses.replace(self, threshold=best.threshold)

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> LabelSets:
        return read_label_sets(
            path,
            text_column=columns.text,
            text_b_column=columns.text_b,
            label_column=columns.label,
            separator=columns.separator,
            columns=columns.names,
        )

    @classmethod
    def labels_of(cls, data: LabelSets) -> list[str]:
        _require_labels(data)
        return data.label_set()

    def check_labels(self) -> None:
        if not self.labels:
            raise InputError("expected at least one label to learn, got none")
        super().check_labels()

    def check(self, data: LabelSets) -> None:
        data.label_ids(self.labels)
        _require_labels(data)

    def encode_examples(self, data: LabelSets) -> TokenizedTexts:
        self.check(data)
        targets = {LOGITS: self._expected(data).astype("float32")}
        return tokenize(self.known_tokenizer(), data.inputs, targets, max_length=self.max_length)

    def to_dict(self, given: Any, answer: np.ndarray) -> dict[str, Any]:
        order, above = np.argsort(-answer, kind="stable"), self._given(answer)
        return {
            **input_fields(given),
            "labels": [self.labels[i] for i in order if above[i]],
            "probabilities": {self.labels[i]: round(float(answer[i]), 6) for i in order},
            "threshold": round(self.threshold, 6),
        }

    def score(self, answers: Sequence[np.ndarray], data: LabelSets) -> dict[str, float]:
        """F1 over all decisions, its mean over the labels, the share of texts with just the right labels, and the loss.

        A label that neither the data nor an answer has is left out of the mean: it says nothing of the model.
        """
        expected, probabilities = self._expected(data), np.asarray(answers, "float64")
        parts = _parts(expected, self._given(probabilities))
        of_labels = parts.sum(axis=0)
        chance = np.clip(np.where(expected, probabilities, 1.0 - probabilities), 1e-12, 1.0)
        return {
            "micro_f1": float(self.main_from_counts(of_labels.sum(axis=0))),
            "macro_f1": float(self.main_from_counts(of_labels[of_labels.any(axis=1)]).mean()),
            "exact_match": float((parts[..., 1:].sum(axis=(1, 2)) == 0).mean()),
            "loss": float(-np.log(chance).mean()),
        }

    def report(self, answers: Sequence[np.ndarray], data: LabelSets, *, worst: int = 0) -> EvaluationReport:
        return multi_label_report(
            self._expected(data),
            np.asarray(answers),
            self.labels,
            [show(given) for given in data.inputs],
            threshold=self.threshold,
            worst=worst,
        )

    def counts(self, answers: Sequence[np.ndarray], data: LabelSets) -> np.ndarray:
        """Of each text the labels found, those too many and those missed: (texts, 3)."""
        return _parts(self._expected(data), self._given(np.asarray(answers))).sum(axis=1)

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        """Micro-averaged F1; 0 where nothing was to be found and nothing is given."""
        found, wrong, missed = np.moveaxis(np.asarray(sums, "float64"), -1, 0)
        return np.asarray(2 * found / np.maximum(2 * found + wrong + missed, 1.0))

    def same(self, one: np.ndarray, other: np.ndarray) -> bool:
        return bool((self._given(one) == self._given(other)).all())

    def say(self, answer: np.ndarray) -> str:
        return self._listed(self._given(answer))

    def expected(self, data: LabelSets, index: int) -> str:
        return self._listed([label in data.label_sets[index] for label in self.labels])

    def confidence(self, answer: np.ndarray, of: np.ndarray) -> float:
        """That of just the labels of `of`, each label being independent of the others."""
        return float(np.prod(np.where(self._given(of), answer, 1.0 - answer), dtype="float64"))

    def _given(self, probabilities: np.ndarray) -> np.ndarray:
        return decisions(probabilities, self.threshold)

    def _expected(self, data: LabelSets) -> np.ndarray:
        """Whether each text has each label: bool (texts, labels)."""
        found = np.zeros((len(data), len(self.labels)), "bool")
        for row, ids in enumerate(data.label_ids(self.labels)):
            found[row, ids] = True
        return found

    def _listed(self, given: Sequence[bool] | np.ndarray) -> str:
        return ", ".join(label for label, there in zip(self.labels, given, strict=True) if there) or "none"


def _parts(expected: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Whether each label of each text was found, is too many, or was missed: float64 (texts, labels, 3)."""
    return np.stack([expected & given, given & ~expected, expected & ~given], axis=-1).astype("float64")


def _require_labels(data: LabelSets) -> None:
    """Raises InputError where no text has a label: nothing can be learned or found, and F1 is not defined."""
    if not any(data.label_sets):
        raise InputError(f"{data.path}: expected labels in some rows, all {len(data)} rows have none")
