"""Texts with one that means the same, and perhaps one that does not: for sentence embeddings."""

import dataclasses
import os
from collections.abc import Iterator, Sequence

from kbert.data.columns import check_named, named_column
from kbert.data.data_set import TextInput, length_prefixed
from kbert.data.tables import read_rows, text_field
from kbert.errors import InputError

ANCHOR_COLUMNS = ("anchor", "query", "question")
POSITIVE_COLUMNS = ("positive", "pos", "answer")
NEGATIVE_COLUMNS = ("negative", "neg")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Triplets:
    """Texts, for each one that is to be near, and one that is to be far, or None for plain pairs.

    `line_numbers` (from 1) say where each row ends.
    """

    path: str
    anchors: list[str]
    positives: list[str]
    negatives: list[str] | None
    line_numbers: list[int]

    def __len__(self) -> int:
        return len(self.anchors)

    @property
    def inputs(self) -> list[TextInput]:
        """Each anchor with its positive, and its negative where there are any."""
        columns = [self.anchors, self.positives, *([] if self.negatives is None else [self.negatives])]
        return [*zip(*columns, strict=True)]

    def describe(self) -> str:
        """How many rows there are: one line for a person."""
        return f"{len(self)} {'pairs' if self.negatives is None else 'triplets'}"

    def fingerprint_rows(self) -> Iterator[str]:
        negatives: Sequence[str | None] = self.negatives or [None] * len(self)
        for anchor, positive, negative in zip(self.anchors, self.positives, negatives, strict=True):
            texts = (anchor, positive) if negative is None else (anchor, positive, negative)
            yield f"triplet {len(texts)} {length_prefixed(*texts)}"


def read_triplets(
    path: str | os.PathLike[str],
    *,
    anchor_column: str | None = None,
    positive_column: str | None = None,
    negative_column: str | None = None,
    columns: Sequence[str] | None = None,
) -> Triplets:
    """Reads triplets, or pairs where there is no column of negatives, from a `.tsv`, `.csv` or `.jsonl`.

    Args:
        path: the file.
        anchor_column: the column of the text itself; by default anchor, query or question.
        positive_column: the column of the text that is to be near; by default positive, pos or answer.
        negative_column: the column of the text that is to be far; by default negative or neg, if there is one.
        columns: the names of the columns of a `.tsv` or `.csv` that has no header line.

    Raises:
        InputError: as `read_labelled_texts`, or a text is empty; with file and line number.
    """
    path = os.fspath(path)
    texts: list[list[str]] = []
    line_numbers: list[int] = []
    chosen: list[str] = []
    for line_number, row in read_rows(path, columns):
        if not chosen:
            names = list(row)
            check_named(
                path, names, {"anchor": anchor_column, "positive": positive_column, "negative": negative_column}
            )
            chosen = [
                anchor_column or named_column(path, names, "anchor", ANCHOR_COLUMNS),
                positive_column or named_column(path, names, "positive", POSITIVE_COLUMNS),
            ]
            negative = negative_column or next((name for name in NEGATIVE_COLUMNS if name in names), None)
            if negative is not None:
                chosen.append(negative)
        texts.append([text_field(path, line_number, row, name) for name in chosen])
        for name, text in zip(chosen, texts[-1], strict=True):
            if not text.strip():
                raise InputError(f"{path}:{line_number}: expected a text in column {name!r}, it is empty")
        line_numbers.append(line_number)
    if not texts:
        raise InputError(f"{path}: expected rows of texts after the header, found none")
    anchors, positives, *negatives = ([*column] for column in zip(*texts, strict=True))
    return Triplets(
        path=path,
        anchors=anchors,
        positives=positives,
        negatives=negatives[0] if negatives else None,
        line_numbers=line_numbers,
    )
