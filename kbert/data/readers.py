"""Labelled text from TSV, CSV and JSONL files, checked line by line."""

import csv
import dataclasses
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kbert.errors import InputError

TEXT_COLUMNS = ("text", "sentence", "utterance")
LABEL_COLUMNS = ("label", "category", "intent", "class")
TSV_HINT = "A tab separates columns and cannot stand in one"
CSV_HINT = "Quote fields that hold the separator"
# From here on accuracy hides what happens to the rare labels.
IMBALANCED = 3
_WHOLE_NUMBER = re.compile("-?[0-9]{1,18}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledTexts:
    """Texts and their labels in the order of the file. `line_numbers` (from 1) say where each row ends."""

    path: str
    texts: list[str]
    labels: list[str]
    line_numbers: list[int]

    def __len__(self) -> int:
        return len(self.texts)

    def label_counts(self) -> dict[str, int]:
        """How often each label occurs, in `label_set` order."""
        counts = Counter(self.labels)
        return {label: counts[label] for label in self.label_set()}

    def label_set(self) -> list[str]:
        """The distinct labels, sorted; as numbers where all are numbers."""
        found = sorted(set(self.labels))
        if all(_WHOLE_NUMBER.fullmatch(label) for label in found):
            return sorted(found, key=int)
        return found

    def describe_labels(self) -> str:
        """How many rows and labels there are, and how unequal: one line for a person."""
        counts = self.label_counts()
        most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        line = f"{len(self)} rows, {len(counts)} labels"
        if counts[most] >= IMBALANCED * counts[least]:
            line += f"; imbalanced: {most!r} has {counts[most]} rows, {least!r} {counts[least]}"
            line += " (macro_f1 tells more than accuracy)"
        return line

    def label_ids(self, labels: Sequence[str]) -> list[int]:
        """The labels as positions in `labels`.

        Raises:
            InputError: a row has a label that is not among them; says which row.
        """
        ids = {label: index for index, label in enumerate(labels)}
        for label, line_number in zip(self.labels, self.line_numbers, strict=True):
            if label not in ids:
                raise InputError(
                    f"{self.path}:{line_number}: label {label!r} is unknown to the model. Expected one of: "
                    f"{_shortened(labels)}"
                )
        return [ids[label] for label in self.labels]


def read_labelled_texts(
    path: str | os.PathLike[str], *, text_column: str | None = None, label_column: str | None = None
) -> LabelledTexts:
    """Reads `.tsv` and `.csv` with a header line, or `.jsonl` with one object a line.

    Without `text_column` and `label_column` the columns called text and label (or their common synonyms) are taken; of
    two columns, the one that is not the text is the label.

    Raises:
        InputError: the file is missing, empty, not UTF-8, holds NUL bytes, lacks a column, or has a row of another
            width; with file and line number.
    """
    path = os.fspath(path)
    texts, labels, line_numbers = [], [], []
    columns: tuple[str, str] | None = None
    for line_number, row in _rows(path):
        if columns is None:
            columns = _choose_columns(path, list(row), text_column, label_column)
        text, label = (_field(path, line_number, row, name) for name in columns)
        if label == "":
            raise InputError(f"{path}:{line_number}: expected a label in column {columns[1]!r}, it is empty")
        texts.append(text)
        labels.append(label)
        line_numbers.append(line_number)
    if not texts:
        raise InputError(f"{path}: expected rows of text and label after the header, found none")
    return LabelledTexts(path=path, texts=texts, labels=labels, line_numbers=line_numbers)


def read_texts(path: str | os.PathLike[str], *, text_column: str | None = None) -> list[str]:
    """Reads texts without labels: a `.tsv`, `.csv` or `.jsonl` as above, or any other file as one text a line.

    Raises:
        InputError: as `read_labelled_texts`.
    """
    path = os.fspath(path)
    if Path(path).suffix.lower() not in _READERS:
        return [line for _, line in _lines(path)]
    texts = []
    for line_number, row in _rows(path):
        if text_column is None:
            text_column = _named_column(path, list(row), "text", TEXT_COLUMNS)
        texts.append(_field(path, line_number, row, text_column))
    if not texts:
        raise InputError(f"{path}: expected rows of text after the header, found none")
    return texts


def read_text_file(path: str) -> str:
    """A whole file as text.

    Raises:
        InputError: missing, empty, not UTF-8 or with NUL bytes; with the line number.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: expected a data file, found no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: expected a data file, it is a folder") from None
    if not data.strip():
        raise InputError(f"{path}: expected rows of text, the file is empty")
    nul = data.find(b"\0")
    if nul >= 0:
        line_number = data.count(b"\n", 0, nul) + 1
        raise InputError(f"{path}:{line_number}: expected UTF-8 text, found a NUL byte. Save the file as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_number = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        message = f"{path}:{line_number}: expected UTF-8, byte 0x{byte:02x} is not. Save the file as UTF-8"
        raise InputError(message) from None


Row = dict[str, str]


def _rows(path: str) -> Iterator[tuple[int, Row]]:
    suffix = Path(path).suffix.lower()
    if suffix not in _READERS:
        raise InputError(f"{path}: expected a file called *.tsv, *.csv or *.jsonl")
    return _READERS[suffix](path)


def _lines(path: str) -> Iterator[tuple[int, str]]:
    for line_number, line in enumerate(read_text_file(path).split("\n"), start=1):
        if line.strip():
            yield line_number, line.removesuffix("\r")


def _read_tsv(path: str) -> Iterator[tuple[int, Row]]:
    # A tab cannot stand in a field, so nothing needs quotes and a quotation mark is text.
    header: list[str] | None = None
    for line_number, line in _lines(path):
        fields = line.split("\t")
        if header is None:
            header = _header(path, fields)
        else:
            yield (
                line_number,
                _row(path, line_number, header, fields, TSV_HINT),
            )


def _read_csv(path: str) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(read_text_file(path), newline=""), strict=True)
    header: list[str] | None = None
    try:
        for fields in reader:
            if not fields:  # a blank line
                continue
            if header is None:
                header = _header(path, fields)
            else:
                yield reader.line_num, _row(path, reader.line_num, header, fields, CSV_HINT)
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: expected CSV, could not read it ({error})") from None


def _read_jsonl(path: str) -> Iterator[tuple[int, Row]]:
    for line_number, line in _lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{line_number}: expected a JSON object, could not read it ({error})") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{line_number}: expected a JSON object, got {type(row).__name__}")
        yield line_number, {key: _json_text(path, line_number, key, value) for key, value in row.items()}


def _json_text(path: str, line_number: int, key: str, value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        message = f"{path}:{line_number}: expected Unicode text in {key!r}, found half a surrogate pair"
        raise InputError(message) from None
    return text


_READERS = {".tsv": _read_tsv, ".csv": _read_csv, ".jsonl": _read_jsonl}


def _header(path: str, fields: list[str]) -> list[str]:
    names = [_one_line(field.strip()) for field in fields]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InputError(f"{path}:1: expected distinct column names, {repeated[0]!r} stands twice")
    return names


def _row(path: str, line_number: int, header: list[str], fields: list[str], hint: str) -> Row:
    if len(fields) != len(header):
        raise InputError(
            f"{path}:{line_number}: expected {len(header)} columns ({', '.join(header)}), got {len(fields)}. {hint}"
        )
    return dict(zip(header, fields, strict=True))


def _field(path: str, line_number: int, row: Row, name: str) -> str:
    if name not in row:
        raise InputError(f"{path}:{line_number}: expected the field {name!r}, got {', '.join(row) or 'none'}")
    return row[name]


def _choose_columns(path: str, names: list[str], text: str | None, label: str | None) -> tuple[str, str]:
    for name in (text, label):
        if name is not None and name not in names:
            raise InputError(f"{path}:1: expected a column called {name!r}, the columns are {', '.join(names)}")
    if text is not None and text == label:
        raise InputError(f"{path}:1: expected text and label in two columns, both are to be {text!r}")
    if len(names) == 2 and label in names and text is None:
        text = next(name for name in names if name != label)
    text = text or _named_column(path, names, "text", TEXT_COLUMNS)
    others = [name for name in names if name != text]
    if label is None and len(others) == 1:
        label = others[0]
    return text, label or _named_column(path, others, "label", LABEL_COLUMNS)


def _named_column(path: str, names: list[str], what: str, candidates: Sequence[str]) -> str:
    for name in candidates:
        if name in names:
            return name
    raise InputError(
        f"{path}:1: expected a column called {candidates[0]!r}, the columns are {', '.join(names) or 'none'}. "
        f"Name yours with --{what}-column"
    )


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _shortened(labels: Sequence[str]) -> str:
    shown = ", ".join(_one_line(label) for label in labels[:5])
    return shown if len(labels) <= 5 else f"{shown}, … ({len(labels)} in all)"
