"""Files of rows, `.tsv`, `.csv`, `.jsonl` and `.json`: read, and checked line by line."""

import csv
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kbert.data.labels import one_line
from kbert.errors import InputError

TSV_HINT = "A tab separates columns and cannot stand in one"
CSV_HINT = "Quote fields that hold the separator"
TABLES = (".tsv", ".csv", ".jsonl")
# What changes the place in a JSON file: strings as a whole, the ends of objects, and line feeds.
_JSON_PARTS = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\n]')

# The fields of a row by name: strings, but of JSON any value.
Row = Mapping[str, Any]


class JsonObject(dict[str, Any]):
    """An object of a JSON file. `line_number` (from 1) is where it begins."""

    line_number: int


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


def read_lines(path: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers; raises what `read_text_file` does."""
    for line_number, line in enumerate(read_text_file(path).split("\n"), start=1):
        if line.strip():
            yield line_number, line.removesuffix("\r")


def read_rows(
    path: str | os.PathLike[str], columns: Sequence[str] | None = None, suffixes: Sequence[str] = TABLES
) -> Iterator[tuple[int, Row]]:
    """The rows of a table with the numbers of their lines: where they end, or where an object of `.json` begins.

    Args:
        path: a `.tsv` or `.csv`, a `.jsonl` with an object a line, or a `.json` with a list of objects.
        columns: the names of the columns of a `.tsv` or `.csv` that has no header line.
        suffixes: the kinds of files that are taken.

    Raises:
        InputError: the file is of another kind or cannot be read, or a row is malformed; with the line number.
    """
    path = os.fspath(path)
    suffix = Path(path).suffix.lower()
    if suffix not in suffixes:
        raise InputError(f"{path}: expected a file called {_alternatives([f'*{name}' for name in suffixes])}")
    if suffix in (".jsonl", ".json"):
        if columns is not None:
            raise InputError(f"{path}: columns name those of a .tsv or .csv without a header; JSON has its own names")
        return _jsonl_rows(path) if suffix == ".jsonl" else _json_rows(path)
    return _table_rows(path, None if columns is None else list(columns), tabs=suffix == ".tsv")


def read_objects(path: str, columns: Sequence[str] | None = None) -> list[tuple[int, Row]]:
    """All objects of a `.jsonl` with the numbers of their lines, at least one; raises what `read_rows` does."""
    rows = list(read_rows(path, columns, (".jsonl",)))
    if not rows:
        raise InputError(f"{path}: expected a JSON object in each line, found none")
    return rows


def read_json(path: str) -> Any:
    """A whole JSON file; its objects are `JsonObject`s.

    Raises:
        InputError: what `read_text_file` raises, or it is no JSON; with the line number.
    """
    text = read_text_file(path)
    line_numbers = iter(_object_lines(text))

    def located(pairs: list[tuple[str, Any]]) -> JsonObject:
        found = JsonObject(pairs)
        found.line_number = next(line_numbers)
        return found

    try:
        return json.loads(text, object_pairs_hook=located)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: expected JSON, could not read it ({error})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: expected JSON, could not read it ({error})") from None


def text_field(path: str, line_number: int, row: Row, name: str) -> str:
    """A field as text; JSON's null is the empty text, and other values of JSON are taken as they are written."""
    if name not in row:
        raise InputError(f"{path}:{line_number}: expected the field {name!r}, got {', '.join(row) or 'none'}")
    return json_text(path, line_number, name, row[name])


def json_text(path: str, line_number: int, name: str, value: Any) -> str:
    """A value of JSON as text, as `text_field` takes it."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        message = f"{path}:{line_number}: expected Unicode text in {name!r}, found half a surrogate pair"
        raise InputError(message) from None
    return text


def shown(value: Any) -> str:
    """A value as a message shows it: in one line, and not without end."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _table_rows(path: str, header: list[str] | None, *, tabs: bool) -> Iterator[tuple[int, Row]]:
    given = header is not None
    if header is not None:
        header = _header(path, header)
    for line_number, fields in _tsv_fields(path) if tabs else _csv_fields(path):
        if header is None:
            header = _header(path, fields)
        elif given and fields == header:
            raise InputError(
                f"{path}:{line_number}: columns are for a file without a header, and here is one. Leave them out"
            )
        elif len(fields) != len(header):
            hint = TSV_HINT if tabs else CSV_HINT
            names = ", ".join(header)
            raise InputError(
                f"{path}:{line_number}: expected {len(header)} columns ({names}), got {len(fields)}. {hint}"
            )
        else:
            yield line_number, dict(zip(header, fields, strict=True))


def _tsv_fields(path: str) -> Iterator[tuple[int, list[str]]]:
    # A tab cannot stand in a field, so nothing needs quotes and a quotation mark is text.
    for line_number, line in read_lines(path):
        yield line_number, line.split("\t")


def _csv_fields(path: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(read_text_file(path), newline=""), strict=True)
    try:
        for fields in reader:
            if fields:  # else a blank line
                yield reader.line_num, fields
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: expected CSV, could not read it ({error})") from None


def _jsonl_rows(path: str) -> Iterator[tuple[int, Row]]:
    for line_number, line in read_lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{line_number}: expected a JSON object, could not read it ({error})") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{line_number}: expected a JSON object, got {type(row).__name__}")
        yield line_number, row


def _json_rows(path: str) -> Iterator[tuple[int, Row]]:
    rows = read_json(path)
    if not isinstance(rows, list):
        raise InputError(f"{path}: expected a list of JSON objects, got {shown(rows)}")
    for index, row in enumerate(rows):
        if not isinstance(row, JsonObject):
            raise InputError(f"{path}: expected a list of JSON objects, item {index + 1} is {shown(row)}")
        yield row.line_number, row


def _object_lines(text: str) -> list[int]:
    """The lines on which the objects of a JSON text begin, in the order in which they end."""
    line_number, opened, closed = 1, [], []
    for part in _JSON_PARTS.finditer(text):
        match part[0]:
            case "\n":
                line_number += 1
            case "{":
                opened.append(line_number)
            case "}":
                # A text that is no JSON may close what it never opened: the parser tells, in its own words.
                closed.append(opened.pop() if opened else line_number)
    return closed


def _header(path: str, fields: list[str]) -> list[str]:
    names = [one_line(field.strip()) for field in fields]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InputError(f"{path}:1: expected distinct column names, {repeated[0]!r} stands twice")
    return names


def _alternatives(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
