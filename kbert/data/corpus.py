"""Raw text for pretraining: files to documents of sentences, as a stream, in units that can be read one by one."""

import codecs
import dataclasses
import gzip
import itertools
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from kbert.data.sentences import split_sentences
from kbert.errors import InputError
from kbert.tokenizer import is_unicode

DOCUMENTS = ("blank-line", "file")
SUFFIXES = (".txt", ".jsonl", ".gz")
# No more than this of a line of plain text is held at a time.
PIECE_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class Unit:
    """Bytes `start` to `end` of a file: whole documents. `documents` says what ends one in plain text."""

    path: str
    start: int
    end: int
    documents: str


def corpus_files(inputs: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """The files of a corpus in order: files as given, and of each folder all `.txt`, `.jsonl` and `.gz`, sorted.

    Raises:
        InputError: there is no such file, or a folder holds none.
    """
    files: list[Path] = []
    for path in map(Path, inputs):
        if not path.is_dir():
            if not path.exists():
                raise InputError(f"{path}: expected a file or folder of text, found none")
            files.append(path)
            continue
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        if not found:
            raise InputError(f"{path}: expected files called {', '.join(f'*{s}' for s in SUFFIXES)} in it, found none")
        files += found
    return files


def plan_units(files: Sequence[str | os.PathLike[str]], documents: str, unit_bytes: int) -> list[Unit]:
    """Cuts files into units of about `unit_bytes` or less, which begin where a document begins.

    Together and in order the units hold every document once. A document longer than `unit_bytes` stays whole, as does
    a compressed file, and with `documents="file"` every file of plain text.

    Raises:
        InputError: a file cannot be opened, or `documents` or `unit_bytes` is out of range.
    """
    if documents not in DOCUMENTS:
        raise InputError(f"documents must be one of {', '.join(DOCUMENTS)}. Received: {documents}")
    if unit_bytes < 1:
        raise InputError(f"unit_bytes must be at least 1. Received: {unit_bytes}")
    units = []
    for path in [os.fspath(file) for file in files]:
        with _open(path, compressed=False) as file:
            size = file.seek(0, os.SEEK_END)
            whole = _is_compressed(path) or (documents == "file" and not _is_jsonl(path))
            starts = [] if whole else list(_document_starts(file, size, unit_bytes, _is_jsonl(path)))
        edges = [0, *starts, size]
        units += [Unit(path, start, end, documents) for start, end in itertools.pairwise(edges) if start < end]
    return units


def read_sentences(unit: Unit) -> Iterator[tuple[int, str]]:
    """The sentences of a unit, each with the number of its document in the unit.

    In plain text a line is a paragraph: its end is the end of a sentence. A blank line ends the document, unless every
    file is one. A line of `.jsonl` is a document, the text in its field `text`. No more than a line of a document is
    held at a time, and no more than about 1 MiB of a line of plain text.

    Raises:
        InputError: the file cannot be opened, is damaged, not UTF-8, holds NUL bytes, or a line of `.jsonl` is no
            object with a `text`; with file and line number.
    """
    return _read_jsonl(unit) if _is_jsonl(unit.path) else _read_plain(unit)


def corpus_sentences(files: Sequence[str | os.PathLike[str]]) -> Iterator[str]:
    """All sentences of some files in order; see `read_sentences`."""
    for path in files:
        for unit in plan_units([path], "file", 1 << 62):
            for _, sentence in read_sentences(unit):
                yield sentence


def _read_plain(unit: Unit) -> Iterator[tuple[int, str]]:
    document, begun = 0, False  # whether the document has a sentence
    rest, blank = "", True  # of the line in hand: its unfinished sentence, and whether it is blank so far
    for _, text, ends in _lines(unit, PIECE_BYTES):
        sentences = list(split_sentences(rest + text))
        rest = "" if ends or not sentences else _unfinished(sentences, text)
        for sentence in sentences:
            yield document, sentence
        blank = blank and not sentences and not rest
        begun = begun or not blank
        if ends:
            if blank and begun and unit.documents == "blank-line":
                document, begun = document + 1, False
            blank = True


def _unfinished(sentences: list[str], text: str) -> str:
    """Takes the last sentence off the list: the line's next piece may go on with it. Of an endless one only a word."""
    last = sentences.pop() + (" " if text[-1].isspace() else "")
    if len(last) < PIECE_BYTES:
        return last
    cut = last.rfind(" ") + 1 or len(last)
    sentences.append(last[:cut].strip())
    return last[cut:]


def _read_jsonl(unit: Unit) -> Iterator[tuple[int, str]]:
    for document, (line_number, line, _) in enumerate(_lines(unit, -1)):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            _fail(unit, line_number, f"expected a JSON object, could not read it ({error})")
        if not isinstance(row, dict):
            _fail(unit, line_number, f"expected a JSON object, got {type(row).__name__}")
        if "text" not in row:
            _fail(unit, line_number, f"expected the field 'text', got {', '.join(map(repr, row)) or 'none'}")
        if not isinstance(row["text"], str):
            _fail(unit, line_number, f"expected a string in 'text', got {type(row['text']).__name__}")
        if not is_unicode(row["text"]):
            _fail(unit, line_number, "expected Unicode text in 'text', found half a surrogate pair")
        for paragraph in row["text"].split("\n"):
            for sentence in split_sentences(paragraph):
                yield document, sentence


def _lines(unit: Unit, limit: int) -> Iterator[tuple[int, str, bool]]:
    """Lines as (number in the unit, text, True); one of more than `limit` bytes in pieces, of which the last has True.

    The text keeps its line feed.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    line_number, position, ends = 1, unit.start, True
    with _open(unit.path, compressed=_is_compressed(unit.path)) as file:
        file.seek(unit.start)
        while position < unit.end or _is_compressed(unit.path):
            try:
                piece = file.readline(limit)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                _fail(unit, line_number, f"expected gzip data, it is damaged ({error}). Compress the file again")
            if not piece:
                break
            first, position = position == 0, position + len(piece)
            ends = piece.endswith(b"\n")
            text = _decode(decoder, piece, ends, unit, line_number)
            yield line_number, text.removeprefix("\ufeff") if first else text, ends
            line_number += ends
    if not ends:
        yield line_number, _decode(decoder, b"", True, unit, line_number), True


def _decode(decoder: codecs.IncrementalDecoder, piece: bytes, ends: bool, unit: Unit, line_number: int) -> str:
    try:
        text = decoder.decode(piece, ends)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        _fail(unit, line_number, f"expected UTF-8, byte 0x{byte:02x} is not. Save the file as UTF-8")
    if "\0" in text:
        _fail(unit, line_number, "expected UTF-8 text, found a NUL byte. Save the file as UTF-8")
    return text


def _fail(unit: Unit, line_number: int, message: str) -> NoReturn:
    """Raises with the line's number in the file; only now is it worth counting the lines before the unit."""
    before = 0
    with open(unit.path, "rb") as file:
        while file.tell() < unit.start:
            before += file.read(min(PIECE_BYTES, unit.start - file.tell())).count(b"\n")
    raise InputError(f"{unit.path}:{before + line_number}: {message}") from None


def _open(path: str, *, compressed: bool) -> BinaryIO:
    try:
        return cast("BinaryIO", gzip.open(path)) if compressed else open(path, "rb")
    except FileNotFoundError:
        raise InputError(f"{path}: expected a file of text, found no such file") from None
    except OSError as error:
        raise InputError(f"{path}: expected a file of text, could not read it ({error.strerror})") from None


def _document_starts(file: BinaryIO, size: int, unit_bytes: int, jsonl: bool) -> Iterator[int]:
    """Where to cut: behind the first line feed (`jsonl`) or blank line after every `unit_bytes`."""
    # Units of one size: the last one is no small rest.
    step = -(-size // max(1, -(-size // unit_bytes)))
    position = step
    while position < size:
        file.seek(position - 1)
        _skip_line(file)
        if not jsonl:
            while not _skip_line(file):
                pass
        if file.tell() >= size:
            return
        yield file.tell()
        position = file.tell() + step


def _skip_line(file: BinaryIO) -> bool:
    """Moves behind the line's end; whether it was blank. At the end of the file it was."""
    blank = True
    while piece := file.readline(PIECE_BYTES):
        blank = blank and not piece.strip()
        if piece.endswith(b"\n"):
            break
    return blank


def _is_compressed(path: str) -> bool:
    return path.lower().endswith(".gz")


def _is_jsonl(path: str) -> bool:
    return path.lower().removesuffix(".gz").endswith(".jsonl")
