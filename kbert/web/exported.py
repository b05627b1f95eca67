"""What an export directory has for the page, checked as far as it can be without a runtime."""

import mmap
import os
from collections.abc import Iterator
from pathlib import Path

from kbert.errors import InputError
from kbert.export import onnx

# What the page reads besides models.
OTHER_FILES = ("tokenizer_golden.json",)
# Of the tasks those that src/answers.ts knows.
SHOWN_TASKS = ("text-classification", "multi-label", "regression", "token-classification", "intent-slots", "embedding")
_GRAPH, _PROPERTIES = 7, 14  # fields of onnx.proto's ModelProto
_KEY, _VALUE = 1, 2  # of its StringStringEntryProto
_VARINT, _BYTES = 0, 2


def exported_files(export: str | os.PathLike[str]) -> dict[str, Path]:
    """The files for the page by their path in the export directory, with `/`; ONNX files first.

    Raises:
        InputError: there is no such directory, or no ONNX file in it; one is damaged, none that kbert exported, or for
            a task that the page does not show.
    """
    folder = Path(export)
    if not folder.is_dir():
        came = "it is a file" if folder.exists() else "found no such folder"
        raise InputError(f"{export}: expected an export directory, {came}")
    models = sorted(folder.rglob("*.onnx"))
    if not models:
        raise InputError(
            f"{export}: expected an .onnx file inside, found none. Make one: kbert export RUN --recipe browser"
        )
    for path in models:
        task = onnx.read_facts(metadata_properties(path), str(path)).task
        if task not in SHOWN_TASKS:
            raise InputError(
                f"{path}: the page shows {', '.join(SHOWN_TASKS)}, this file is for {task}. Ask it with kbert predict"
            )
    others = [folder / name for name in OTHER_FILES if (folder / name).is_file()]
    return {path.relative_to(folder).as_posix(): path for path in [*models, *others]}


def metadata_properties(path: Path) -> dict[str, str]:
    """The metadata properties of an ONNX file, without the onnx package: a page needs no extra.

    Raises:
        InputError: the file is no ONNX file, or cut short.
    """
    if not path.stat().st_size:
        raise InputError(f"{path}: expected an ONNX file, it is empty")
    found: dict[str, str] = {}
    has_graph = False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            for number, start, end in _fields(data, 0, len(data)):
                has_graph |= number == _GRAPH
                if number == _PROPERTIES:
                    entry = {key: data[first:last].decode() for key, first, last in _fields(data, start, end)}
                    found[entry[_KEY]] = entry.get(_VALUE, "")
        except (ValueError, IndexError, KeyError):
            has_graph = False
    if not has_graph:
        raise InputError(f"{path}: expected a whole ONNX file, this one is damaged or cut short. Copy it again")
    return found


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(number, start, end) of each field of a protocol buffer; ValueError where one reaches beyond the end."""
    while at < end:
        key, at = _varint(data, at)
        size = {1: 8, 5: 4}.get(key & 7, 0)
        if key & 7 == _VARINT:
            _, at = _varint(data, at)
        elif key & 7 == _BYTES:
            size, at = _varint(data, at)
        elif not size:
            raise ValueError(f"wire type {key & 7}")
        if at + size > end:
            raise ValueError("a field beyond the end")
        yield key >> 3, at, at + size
        at += size


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    """A number, and where the next field begins; IndexError where the file ends in it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("a number without an end")
