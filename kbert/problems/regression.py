"""A score for a text, or for a pair of texts."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import LOGITS, TokenizedTexts, tokenize
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import ScoredTexts, read_scored_texts
from kbert.errors import InputError, check_setting
from kbert.evaluation_report import EvaluationReport, WrongExample
from kbert.problems.classification import OneVectorProblem, input_fields
from kbert.problems.problem import show
from kbert.problems.score_metrics import correlation, pearson_sums, spearman

SCORE = "score"
# Of the scores' range; two scores that differ by less say the same.
SAME_SHARE = 0.01


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regression(OneVectorProblem):
    """An answer is a score in the units of the data, float32 (1,).

    `low` and `high` are the least and the greatest score that was learned from: how far two scores are apart is told
    as a share of that range. Where a checkpoint does not say, it is 0 to 1.

    Raises:
        InputError: `low` is not below `high`.
    """

    task = "regression"
    metrics = ("pearson", "spearman")
    heads = {LOGITS: SCORE}
    activations = {LOGITS: "none"}

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        check_setting(self.low < self.high, "low", self.low, f"below high, which is {self.high}")

    def settings(self) -> dict[str, Any]:
        return {"low": self.low, "high": self.high}

    @classmethod
    def settings_of(cls, data: ScoredTexts) -> dict[str, Any]:
        return {"low": min(data.scores), "high": max(data.scores)}

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> ScoredTexts:
        return read_scored_texts(
            path,
            text_column=columns.text,
            text_b_column=columns.text_b,
            score_column=columns.label,
            columns=columns.names,
        )

    @classmethod
    def labels_of(cls, data: ScoredTexts) -> list[str]:
        _require_different(data)
        return [SCORE]

    def check_labels(self) -> None:
        if len(self.labels) != 1:
            raise InputError(f"a regression has one score, got {len(self.labels)} labels: {', '.join(self.labels)}")

    def check(self, data: ScoredTexts) -> None:
        _require_different(data)

    def encode_examples(self, data: ScoredTexts) -> TokenizedTexts:
        self.check(data)
        targets = {LOGITS: np.asarray(data.scores, "float32")[:, None]}
        return tokenize(self.known_tokenizer(), data.inputs, targets, max_length=self.max_length)

    def to_dict(self, given: Any, answer: np.ndarray) -> dict[str, Any]:
        return {**input_fields(given), SCORE: round(float(answer[0]), 6)}

    def score(self, answers: Sequence[np.ndarray], data: ScoredTexts) -> dict[str, float]:
        """Both correlations, 0 where all answers are the same; the mean squared and the mean absolute error."""
        found = _numbers(answers)
        errors = found - np.asarray(data.scores)
        return {
            "pearson": float(self.main_from_counts(self.counts(answers, data).sum(axis=0))),
            "spearman": 0.0 if _all_the_same(found) else spearman(data.scores, found),
            "mse": float(np.square(errors).mean()),
            "mae": float(np.abs(errors).mean()),
        }

    def report(self, answers: Sequence[np.ndarray], data: ScoredTexts, *, worst: int = 0) -> EvaluationReport:
        """The scores that are farthest from the right ones."""
        order = np.argsort(-np.abs(_numbers(answers) - np.asarray(data.scores)), kind="stable")[:worst]
        return EvaluationReport(
            worst=tuple(
                WrongExample(
                    index=int(i),
                    text=show(data.inputs[i]),
                    expected=self.expected(data, i),
                    predicted=self.say(answers[i]),
                    probability=None,
                )
                for i in order
            )
        )

    def counts(self, answers: Sequence[np.ndarray], data: ScoredTexts) -> np.ndarray:
        """What `pearson_sums` gives, (texts, 6)."""
        found = _numbers(answers)
        if not _all_the_same(found):
            return pearson_sums(data.scores, found)
        # A file that gives every text one score fails its gate, which an error would keep from being told.
        sums = pearson_sums(data.scores, data.scores)
        sums[:, [2, 4, 5]] = 0.0
        return sums

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        """Pearson's coefficient; 0 where all scores are the same, which tell nothing of each other."""
        return np.nan_to_num(correlation(sums), nan=0.0)

    def same(self, one: np.ndarray, other: np.ndarray) -> bool:
        return self.shift(one, other) <= SAME_SHARE

    def shift(self, one: np.ndarray, other: np.ndarray) -> float:
        """As a share of the scores' range."""
        return abs(float(one[0]) - float(other[0])) / (self.high - self.low)

    def nothing(self, answer: np.ndarray) -> np.ndarray:
        return np.full_like(answer, (self.low + self.high) / 2)

    def say(self, answer: np.ndarray) -> str:
        return f"{float(answer[0]):.4g}"

    def expected(self, data: ScoredTexts, index: int) -> str:
        return f"{data.scores[index]:.4g}"

    def confidence(self, answer: np.ndarray, of: np.ndarray) -> None:
        """None: a score has no probability."""


def _numbers(answers: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(answers, "float64").reshape(len(answers))


def _all_the_same(scores: np.ndarray) -> bool:
    return bool(np.ptp(scores) <= 1e-12 * np.abs(scores).max())


def _require_different(data: ScoredTexts) -> None:
    if min(data.scores) == max(data.scores):
        raise InputError(
            f"{data.path}: expected scores that differ, all {len(data)} rows have {data.scores[0]:g}: nothing can be "
            "learned of them, and no correlation with them is defined"
        )
