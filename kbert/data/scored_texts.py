"""Texts, or pairs of texts, with a number each: for regression, and for the likeness of two texts."""

import dataclasses
import math
import os
import re
from collections.abc import Iterator, Sequence

from kbert.data.columns import Columns, choose_columns
from kbert.data.data_set import TextInput, length_prefixed, pair_up
from kbert.data.tables import read_rows, shown, text_field
from kbert.errors import InputError

SCORE_COLUMNS = ("score", "similarity", "rating", "value", "label")
# Python's float() also takes 1_000, nan and infinity.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoredTexts:
    """Texts and their scores in the order of the file. `line_numbers` (from 1) say where each row ends.

    `texts_b` are the second texts of pairs, or None.
    """

    path: str
    texts: list[str]
    scores: list[float]
    line_numbers: list[int]
    texts_b: list[str] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def inputs(self) -> list[TextInput]:
        return pair_up(self.texts, self.texts_b)

    def describe(self) -> str:
        """How many rows there are, and where the scores lie: one line for a person."""
        rows = "rows" if self.texts_b is None else "pairs"
        mean = math.fsum(self.scores) / len(self)
        return f"{len(self)} {rows}, scores from {min(self.scores):g} to {max(self.scores):g}, {mean:.4g} on average"

    def fingerprint_rows(self) -> Iterator[str]:
        texts_b: Sequence[str | None] = self.texts_b or [None] * len(self)
        for text, text_b, score in zip(self.texts, texts_b, self.scores, strict=True):
            texts = (text,) if text_b is None else (text, text_b)
            yield f"score {len(texts)} {length_prefixed(*texts, repr(score))}"


def read_scored_texts(
    path: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    text_b_column: str | None = None,
    score_column: str | None = None,
    columns: Sequence[str] | None = None,
) -> ScoredTexts:
    """Reads texts or pairs with scores from a `.tsv`, `.csv` or `.jsonl`; columns as `read_labelled_texts` finds them.

    Args:
        path: the file.
        text_column: the column of the text.
        text_b_column: the column of the second text of a pair.
        score_column: the column of the score.
        columns: the names of the columns of a `.tsv` or `.csv` that has no header line.

    Raises:
        InputError: as `read_labelled_texts`, or a score is no finite number; with file and line number.
    """
    path = os.fspath(path)
    texts, texts_b, scores, line_numbers = [], [], [], []
    chosen: Columns | None = None
    for line_number, row in read_rows(path, columns):
        if chosen is None:
            chosen = choose_columns(
                path,
                list(row),
                text=text_column,
                text_b=text_b_column,
                target=score_column,
                what="score",
                candidates=SCORE_COLUMNS,
            )
        texts.append(text_field(path, line_number, row, chosen.text))
        if chosen.text_b is not None:
            texts_b.append(text_field(path, line_number, row, chosen.text_b))
        scores.append(_score(f"{path}:{line_number}", chosen.target, text_field(path, line_number, row, chosen.target)))
        line_numbers.append(line_number)
    if chosen is None:
        raise InputError(f"{path}: expected rows of text and score after the header, found none")
    return ScoredTexts(
        path=path,
        texts=texts,
        texts_b=None if chosen.text_b is None else texts_b,
        scores=scores,
        line_numbers=line_numbers,
    )


def _score(place: str, column: str, text: str) -> float:
    if _NUMBER.fullmatch(text.strip()):
        score = float(text)
        if math.isfinite(score):
            return score
    raise InputError(f"{place}: expected a finite number such as 3.5 in column {column!r}, got {shown(text)}")
