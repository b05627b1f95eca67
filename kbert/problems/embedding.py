"""A vector for a text, so that the vectors of texts that mean the same are near to each other."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from kbert.data.batching import TokenizedTexts, join_rows
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import ScoredTexts, Triplets, read_scored_texts, read_triplets
from kbert.data.scored_texts import SCORE_COLUMNS
from kbert.data.tables import read_rows
from kbert.data.triplets import ANCHOR_COLUMNS, NEGATIVE_COLUMNS, POSITIVE_COLUMNS
from kbert.errors import InputError, check_setting
from kbert.problems.classification import input_fields
from kbert.problems.nearness import cosines, nearest_is_right
from kbert.problems.problem import Outputs, Problem
from kbert.problems.score_metrics import correlation, is_constant, score_metrics, spearman_sums

EMBEDDING = "embedding"
POOLINGS = ("mean", "cls")
# Two vectors whose cosine is at least this say the same.
SAME_COSINE = 0.99
# The sums of `spearman_sums`; other counts have two columns, right and all.
CORRELATION_SUMS = 6

Examples: TypeAlias = ScoredTexts | Triplets


@dataclasses.dataclass(frozen=True, kw_only=True)
class Embedding(Problem):
    """An answer is a vector, float32 (hidden_dim,), for a text, and (texts, hidden_dim) for texts given together.

    Each text is encoded by itself: its vector is the same alone and in a pair, up to rounding.

    Data are pairs of texts with a score, whose order that of the cosines should have (Spearman's correlation), or texts
    with one that is to be near and perhaps one that is to be far: right where the one is nearer than the other, or,
    without texts to be far, than all others' near ones.

    `pooling` says what of the last layer becomes the vector: the `mean` over the real tokens, or `cls`, the vector of
    [CLS] (Sentence-BERT, arXiv:1908.10084). With `normalize` it is brought to length 1.
    """

    task = "embedding"
    metrics = ("spearman", "pearson", "accuracy")
    heads = {EMBEDDING: EMBEDDING}
    activations = {EMBEDDING: "none"}
    onnx_outputs = {EMBEDDING: "sentence_embedding"}
    has_labels = False

    pooling: str = "mean"
    normalize: bool = True

    def __post_init__(self) -> None:
        check_setting(self.pooling in POOLINGS, "pooling", self.pooling, f"one of {', '.join(POOLINGS)}")

    def settings(self) -> dict[str, Any]:
        return {"pooling": self.pooling, "normalize": self.normalize}

    @classmethod
    def metrics_of(cls, data: Examples) -> tuple[str, ...]:
        return ("spearman", "pearson") if isinstance(data, ScoredTexts) else ("accuracy",)

    def main_metric_of(self, data: Examples) -> str:
        return self.metrics_of(data)[0]

    # --- data

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> Examples:
        """Reads pairs with scores, or else triplets or pairs of near texts: by the names of the columns."""
        names: list[str] = next((list(row) for _, row in read_rows(path, columns.names)), [])
        if _are_triplets(names, columns):
            return read_triplets(
                path, anchor_column=columns.text, positive_column=columns.text_b, columns=columns.names
            )
        data = read_scored_texts(
            path,
            text_column=columns.text,
            text_b_column=columns.text_b,
            score_column=columns.label,
            columns=columns.names,
        )
        if data.texts_b is None:
            raise InputError(
                f"{data.path}:{data.line_numbers[0]}: expected two texts and a score, or the columns anchor and "
                f"positive, the columns are {', '.join(names)}. Name that of the second text with --text-b-column"
            )
        return data

    @classmethod
    def labels_of(cls, data: Examples) -> list[str]:
        cls._check_worth(data)
        return []

    def check(self, data: Examples) -> None:
        self._check_worth(data)

    @classmethod
    def _check_worth(cls, data: Examples) -> None:
        """Raises InputError where nothing can be learnt or measured: all examples are alike."""
        if isinstance(data, ScoredTexts):
            if is_constant(data.scores):
                raise InputError(f"{data.path}: expected scores to order texts by, all are {data.scores[0]:g}")
        elif data.negatives is None and len(set(data.positives)) < 2:
            raise InputError(
                f"{data.path}: expected different positives to tell apart, all are the same. Without a column of "
                "negatives the positives of other rows take their place"
            )

    # --- tokens

    def encode(self, inputs: Sequence[Any]) -> TokenizedTexts:
        """A row for each text; those of a pair follow each other, and have one owner."""
        texts = [texts_of(given) for given in inputs]
        encodings = self.known_tokenizer().encode_batch([t for each in texts for t in each], max_length=self.max_length)
        owners = np.repeat(np.arange(len(texts), dtype="int32"), [len(each) for each in texts])
        cut = np.asarray([encoding.truncated for encoding in encodings], "bool")
        return dataclasses.replace(
            join_rows(encodings),
            owners=None if len(owners) == len(texts) else owners,
            truncated=len(np.unique(owners[cut])),
        )

    def encode_examples(self, data: Examples) -> TokenizedTexts:
        return self.encode_groups(data.inputs, data.scores if isinstance(data, ScoredTexts) else None)

    def encode_groups(self, inputs: Sequence[Any], scores: Sequence[float] | None = None) -> TokenizedTexts:
        """What the model learns from: inputs of one number of texts each, as a group of rows.

        The targets, float32, are the same for every row of a group: (rows, 1) its score; or without `scores`
        (rows, texts of a group) numbers that stand for its texts, equal for equal texts.
        """
        group = len(inputs[0])
        targets = _numbers(inputs) if scores is None else np.asarray(scores)[:, None]  # (examples, group or 1)
        return dataclasses.replace(
            self.encode(inputs), group=group, targets={EMBEDDING: np.repeat(targets, group, axis=0).astype("float32")}
        )

    # --- answers

    def decode(self, inputs: Sequence[Any], tokens: TokenizedTexts, outputs: Sequence[Outputs]) -> list[np.ndarray]:
        found = []
        for given, rows in zip(inputs, tokens.rows_by_owner(len(inputs)), strict=True):
            vectors = np.stack([outputs[row][EMBEDDING] for row in rows])
            found.append(vectors[0] if isinstance(given, str) else vectors)
        return found

    def to_dict(self, given: Any, answer: np.ndarray) -> dict[str, Any]:
        if answer.ndim == 1:
            return {**input_fields(given), EMBEDDING: [round(float(value), 6) for value in answer]}
        return {**input_fields(given), "cosine": round(nearness(answer), 6)}

    # --- scores

    def score(self, answers: Sequence[np.ndarray], data: Examples) -> dict[str, float]:
        if not isinstance(data, ScoredTexts):
            return {"accuracy": float(_rights(answers, data).mean())}
        found = _cosines_of_pairs(answers)
        if is_constant(found):
            # What says the same of all pairs orders none; training may come by it, and must not end there.
            return {"spearman": 0.0, "pearson": 0.0}
        scores = score_metrics(data.scores, found)
        return {name: scores[name] for name in self.metrics_of(data)}

    def counts(self, answers: Sequence[np.ndarray], data: Examples) -> np.ndarray:
        if not isinstance(data, ScoredTexts):
            right = _rights(answers, data)
            return np.stack([right, np.ones(len(right))], axis=1)
        found = _cosines_of_pairs(answers)
        if is_constant(found):
            return np.tile([1.0, *[0.0] * (CORRELATION_SUMS - 1)], (len(found), 1))
        return spearman_sums(data.scores, found)

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        if sums.shape[-1] == CORRELATION_SUMS:
            return np.nan_to_num(correlation(sums), nan=0.0)
        return np.asarray(sums[..., 0] / sums[..., 1])

    def same(self, one: np.ndarray, other: np.ndarray) -> bool:
        return bool((cosines(one, other) >= SAME_COSINE).all())

    def shift(self, one: np.ndarray, other: np.ndarray) -> float:
        """1 less the smallest cosine between the vectors of a text."""
        return 1.0 - float(cosines(one, other).min())

    def is_sound(self, answer: np.ndarray) -> bool:
        return bool(np.isfinite(answer).all())

    def nothing(self, answer: np.ndarray) -> np.ndarray:
        return np.zeros_like(answer)

    def say(self, answer: np.ndarray) -> str:
        return f"{answer.size} numbers" if answer.ndim == 1 else f"cosine {nearness(answer):.2f}{_beside(answer)}"

    def expected(self, data: Examples, index: int) -> str:
        if isinstance(data, ScoredTexts):
            return f"score {data.scores[index]:g}"
        return "nearer than the others"

    def confidence(self, answer: np.ndarray, of: np.ndarray) -> float:
        """The cosine of a pair; of one text, the cosine between the two answers."""
        return float(cosines(answer, of)) if answer.ndim == 1 else nearness(answer)


def texts_of(given: Any) -> tuple[str, ...]:
    """An input as its texts."""
    return (given,) if isinstance(given, str) else tuple(given)


def nearness(answer: np.ndarray) -> float:
    """The cosine of the first two vectors, (texts, hidden_dim) -> from -1 to 1."""
    return float(cosines(answer[0], answer[1]))


def _beside(answer: np.ndarray) -> str:
    return f" against {float(cosines(answer[0], answer[2])):.2f}" if len(answer) > 2 else ""


def _cosines_of_pairs(answers: Sequence[np.ndarray]) -> np.ndarray:
    """float64 (examples,)."""
    vectors = np.asarray(answers)  # (examples, 2, hidden_dim)
    return cosines(vectors[:, 0], vectors[:, 1])


def _rights(answers: Sequence[np.ndarray], data: Triplets) -> np.ndarray:
    return nearest_is_right(np.asarray(answers), _numbers(data.inputs))


def _numbers(inputs: Sequence[Sequence[str]]) -> np.ndarray:
    """A number for each different text: int64 (examples, texts)."""
    known: dict[str, int] = {}
    return np.asarray([[known.setdefault(text, len(known)) for text in given] for given in inputs])


def _are_triplets(names: Sequence[str], columns: ColumnNames = USUAL) -> bool:
    """Whether a table with these columns holds near texts rather than scores."""
    if columns.label is not None or any(name in SCORE_COLUMNS for name in names):
        return False
    named = (columns.text, columns.text_b)
    if None not in named:
        return set(names) <= {*named, *NEGATIVE_COLUMNS}
    return all(any(name in names for name in usual) for usual in (ANCHOR_COLUMNS, POSITIVE_COLUMNS))
