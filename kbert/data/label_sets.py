"""Texts, or pairs of texts, with any number of labels each."""

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from kbert.data.columns import Columns, choose_columns
from kbert.data.data_set import TextInput, length_prefixed, pair_up
from kbert.data.labels import LabelIds, describe_imbalance, sorted_labels
from kbert.data.tables import Row, json_text, read_rows, shown, text_field
from kbert.errors import InputError

LABEL_SET_COLUMNS = ("labels", "intents", "label", "intent", "categories", "category", "class")
SUFFIXES = (".json", ".jsonl", ".csv", ".tsv")


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelSets:
    """Texts and their labels, which may be none, in the order of the files.

    Row i ends (in `.json`: begins) in line `line_numbers[i]` (from 1) of the file `paths[i]`; `path` is what was read,
    a file or a folder. `texts_b` are the second texts of pairs, or None.
    """

    path: str
    paths: list[str]
    texts: list[str]
    label_sets: list[tuple[str, ...]]
    line_numbers: list[int]
    texts_b: list[str] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def inputs(self) -> list[TextInput]:
        return pair_up(self.texts, self.texts_b)

    def label_counts(self) -> dict[str, int]:
        """In how many rows each label occurs, in `label_set` order."""
        counts = Counter(label for labels in self.label_sets for label in labels)
        return {label: counts[label] for label in self.label_set()}

    def label_set(self) -> list[str]:
        """The distinct labels, sorted; as numbers where all are numbers."""
        return sorted_labels(label for labels in self.label_sets for label in labels)

    def describe(self) -> str:
        """How many rows and labels there are, how many a row, and how unequal: one line for a person."""
        counts = self.label_counts()
        rows = "rows" if self.texts_b is None else "pairs"
        line = f"{len(self)} {rows}, {len(counts)} labels, {sum(counts.values()) / len(self):.1f} a row"
        without = sum(not labels for labels in self.label_sets)
        return line + (f", {without} rows without any" if without else "") + describe_imbalance(counts)

    def label_ids(self, labels: Sequence[str]) -> list[list[int]]:
        """The labels of each row as positions in `labels`.

        Raises:
            InputError: a row has a label that is not among them; says which row.
        """
        ids = LabelIds(labels)
        rows = zip(self.label_sets, self.paths, self.line_numbers, strict=True)
        return [[ids.of(label, f"{path}:{number}") for label in found] for found, path, number in rows]

    def fingerprint_rows(self) -> Iterator[str]:
        texts_b: Sequence[str | None] = self.texts_b or [None] * len(self)
        for text, text_b, labels in zip(self.texts, texts_b, self.label_sets, strict=True):
            texts = (text,) if text_b is None else (text, text_b)
            yield f"set {len(texts)} {len(labels)} {length_prefixed(*texts, *sorted(labels))}"


def read_label_sets(
    path: str | os.PathLike[str],
    *,
    text_column: str | None = None,
    text_b_column: str | None = None,
    label_column: str | None = None,
    separator: str = ",",
    columns: Sequence[str] | None = None,
) -> LabelSets:
    """Reads texts with sets of labels from a file, or from all files of a folder in the order of their names.

    A `.jsonl` has an object a line, a `.json` a list of objects; their labels are a list, or a string as in tables,
    and an object without the field has none. In a `.csv` or `.tsv` the labels stand in one column with a separator
    between them. Columns are found as `read_labelled_texts` does.

    Args:
        path: the file, or a folder of such files.
        text_column: the column of the text.
        text_b_column: the column of the second text of a pair.
        label_column: the column of the labels.
        separator: what stands between two labels in one string.
        columns: the names of the columns of a `.tsv` or `.csv` that has no header line.

    Raises:
        InputError: as `read_labelled_texts`; a folder without such files; a label that is empty, no string or number,
            or stands twice in a row; with file and line number.
    """
    if not separator:
        raise InputError("separator must be at least one character. Received: ''")
    path = os.fspath(path)
    paths: list[str] = []
    texts: list[str] = []
    texts_b: list[str] = []
    label_sets: list[tuple[str, ...]] = []
    line_numbers: list[int] = []
    for file in _files(path):
        rows = list(read_rows(file, columns, SUFFIXES))
        # A field that the first object lacks is there all the same.
        names = list(dict.fromkeys(name for _, row in rows for name in row))
        if not rows:
            raise InputError(f"{file}: expected rows of text and labels, found none")
        chosen = choose_columns(
            file,
            names,
            text=text_column,
            text_b=text_b_column,
            target=label_column,
            candidates=LABEL_SET_COLUMNS,
        )
        for line_number, row in rows:
            paths.append(file)
            texts.append(text_field(file, line_number, row, chosen.text))
            if chosen.text_b is not None:
                texts_b.append(text_field(file, line_number, row, chosen.text_b))
            label_sets.append(_labels(file, line_number, row, chosen, separator))
            line_numbers.append(line_number)
        if len(texts_b) not in (0, len(texts)):
            raise InputError(f"{file}: expected single texts in all files of {path} or pairs in all, found both")
    return LabelSets(
        path=path,
        paths=paths,
        texts=texts,
        texts_b=texts_b or None,
        label_sets=label_sets,
        line_numbers=line_numbers,
    )


def _files(path: str) -> list[str]:
    if not Path(path).is_dir():
        return [path]
    files = sorted(str(file) for file in Path(path).iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise InputError(f"{path}: expected files called {', '.join(f'*{name}' for name in SUFFIXES)} in it, got none")
    return files


def _labels(path: str, line_number: int, row: Row, columns: Columns, separator: str) -> tuple[str, ...]:
    value = row.get(columns.target)
    place = f"{path}:{line_number}"
    if value is None:
        return ()
    if isinstance(value, list):
        wrong = [item for item in value if isinstance(item, (list, dict)) or item is None]
        if wrong:
            raise InputError(f"{place}: expected labels as strings in {columns.target!r}, got {shown(wrong[0])}")
        labels = [json_text(path, line_number, columns.target, item) for item in value]
    elif isinstance(value, dict):
        raise InputError(f"{place}: expected a list of labels in {columns.target!r}, got {shown(value)}")
    else:
        text = json_text(path, line_number, columns.target, value)
        labels = [label.strip() for label in text.split(separator)] if text.strip() else []
    if "" in labels:
        raise InputError(f"{place}: expected labels in {columns.target!r}, one of them is empty")
    for label, count in Counter(labels).items():
        if count > 1:
            raise InputError(f"{place}: expected every label once, {label!r} stands {count} times. Remove the others")
    return tuple(labels)
