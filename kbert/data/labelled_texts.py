"""Texts, or pairs of texts, with one label each; and texts and pairs without labels."""

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from kbert.data.columns import PAIR_COLUMNS, TEXT_COLUMNS, Columns, check_named, choose_columns, named_column
from kbert.data.data_set import TextInput, length_prefixed, pair_up
from kbert.data.labels import LabelIds, describe_imbalance, sorted_labels
from kbert.data.tables import TABLES, read_lines, read_rows, text_field
from kbert.errors import InputError


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledTexts:
    """Texts and their labels in the order of the file. `line_numbers` (from 1) say where each row ends.

    `texts_b` are the second texts of pairs, or None.
    """

    path: str
    texts: list[str]
    labels: list[str]
    line_numbers: list[int]
    texts_b: list[str] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def inputs(self) -> list[TextInput]:
        return pair_up(self.texts, self.texts_b)

    def label_counts(self) -> dict[str, int]:
        """How often each label occurs, in `label_set` order."""
        counts = Counter(self.labels)
        return {label: counts[label] for label in self.label_set()}

    def label_set(self) -> list[str]:
        """The distinct labels, sorted; as numbers where all are numbers."""
        return sorted_labels(self.labels)

    def describe(self) -> str:
        """How many rows and labels there are, and how unequal: one line for a person."""
        counts = self.label_counts()
        rows = "rows" if self.texts_b is None else "pairs"
        imbalance = describe_imbalance(counts, " (macro_f1 tells more than accuracy)")
        return f"{len(self)} {rows}, {len(counts)} labels{imbalance}"

    def label_ids(self, labels: Sequence[str]) -> list[int]:
        """The labels as positions in `labels`.

        Raises:
            InputError: a row has a label that is not among them; says which row.
        """
        ids = LabelIds(labels)
        rows = zip(self.labels, self.line_numbers, strict=True)
        return [ids.of(label, f"{self.path}:{line_number}") for label, line_number in rows]

    def fingerprint_rows(self) -> Iterator[str]:
        if self.texts_b is None:
            yield from map(length_prefixed, self.texts, self.labels)
        else:
            # No length begins with a letter: two single texts are never taken for a pair.
            for parts in zip(self.texts, self.texts_b, self.labels, strict=True):
                yield f"pair {length_prefixed(*parts)}"


def read_labelled_texts(
    path: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    text_b_column: str | None = None,
    label_column: str | None = None,
    columns: Sequence[str] | None = None,
) -> LabelledTexts:
    """Reads `.tsv` and `.csv` with a header line, or `.jsonl` with one object a line.

    Without `text_column` and `label_column` the columns called text and label (or their common synonyms) are taken; of
    two columns, the one that is not the text is the label. Pairs are read where `text_b_column` names the second text,
    or where two columns are called text and text_b, sentence1 and sentence2, premise and hypothesis, or question1 and
    question2, and `text_column` does not name one of them alone.

    Args:
        path: the file.
        text_column: the column of the text.
        text_b_column: the column of the second text of a pair.
        label_column: the column of the label.
        columns: the names of the columns of a `.tsv` or `.csv` that has no header line.

    Raises:
        InputError: the file is missing, empty, not UTF-8, holds NUL bytes, lacks a column, or has a row of another
            width; with file and line number.
    """
    path = os.fspath(path)
    texts, texts_b, labels, line_numbers = [], [], [], []
    chosen: Columns | None = None
    for line_number, row in read_rows(path, columns):
        if chosen is None:
            chosen = choose_columns(path, list(row), text=text_column, text_b=text_b_column, target=label_column)
        text = text_field(path, line_number, row, chosen.text)
        if chosen.text_b is not None:
            texts_b.append(text_field(path, line_number, row, chosen.text_b))
        label = text_field(path, line_number, row, chosen.target)
        if label == "":
            raise InputError(f"{path}:{line_number}: expected a label in column {chosen.target!r}, it is empty")
        texts.append(text)
        labels.append(label)
        line_numbers.append(line_number)
    if chosen is None:
        raise InputError(f"{path}: expected rows of text and label after the header, found none")
    return LabelledTexts(
        path=path,
        texts=texts,
        texts_b=None if chosen.text_b is None else texts_b,
        labels=labels,
        line_numbers=line_numbers,
    )


def read_texts(
    path: str | os.PathLike[str], *, text_column: str | None = None, columns: Sequence[str] | None = None
) -> list[str]:
    """Reads texts without labels: a `.tsv`, `.csv` or `.jsonl` as above, or any other file as one text a line.

    Raises:
        InputError: as `read_labelled_texts`.
    """
    path = os.fspath(path)
    if Path(path).suffix.lower() not in TABLES:
        return [line for _, line in read_lines(path)]
    texts = []
    for line_number, row in read_rows(path, columns):
        if text_column is None:
            text_column = named_column(path, list(row), "text", TEXT_COLUMNS)
        texts.append(text_field(path, line_number, row, text_column))
    if not texts:
        raise InputError(f"{path}: expected rows of text after the header, found none")
    return texts


def has_pair_columns(path: str | os.PathLike[str], columns: Sequence[str] | None = None) -> bool:
    """Whether a table has two columns that are called as those of pairs are; training would take them for one.

    Raises:
        InputError: as `read_labelled_texts`.
    """
    path = os.fspath(path)
    if Path(path).suffix.lower() not in TABLES:
        return False
    names = next((row.keys() for _, row in read_rows(path, columns)), ())
    return any(first in names and second in names for first, second in PAIR_COLUMNS)


def read_pairs(
    path: str | os.PathLike[str],
    *,
    first_column: str | None = None,
    second_column: str | None = None,
    columns: Sequence[str] | None = None,
) -> list[tuple[str, str]]:
    """Reads pairs without labels, such as questions with their contexts, from a `.tsv`, `.csv` or `.jsonl`.

    Without names the columns question and context are taken, or two that are called as those of pairs are.

    Raises:
        InputError: as `read_labelled_texts`; or one column of the two is named without the other.
    """
    path = os.fspath(path)
    if (first_column is None) != (second_column is None):
        raise InputError(f"{path}: expected the names of both columns of a pair, or of none, got one")
    pairs: list[tuple[str, str]] = []
    chosen: tuple[str, str] | None = None
    for line_number, row in read_rows(path, columns):
        if chosen is None:
            chosen = _pair_columns(path, list(row), first_column, second_column)
        first, second = (text_field(path, line_number, row, name) for name in chosen)
        pairs.append((first, second))
    if not pairs:
        raise InputError(f"{path}: expected rows of two texts after the header, found none")
    return pairs


def _pair_columns(path: str, names: list[str], first: str | None, second: str | None) -> tuple[str, str]:
    if first is not None and second is not None:
        check_named(path, names, {"first": first, "second": second})
        return first, second
    known = (("question", "context"), *PAIR_COLUMNS)
    for pair in known:
        if pair[0] in names and pair[1] in names:
            return pair
    raise InputError(
        f"{path}:1: expected columns called {' or '.join(map(' and '.join, known))}, the columns are "
        f"{', '.join(names) or 'none'}. Name yours"
    )
