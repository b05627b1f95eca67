"""CoNLL files: a token and its tag in each line, and a blank line between sentences."""

import dataclasses
import re
from collections.abc import Iterator, Sequence

from kbert.data.tables import TSV_HINT, read_text_file, shown
from kbert.errors import InputError

TOKEN_COLUMNS = ("token", "word", "form", "text")
TAG_COLUMNS = ("tag", "ner", "ner_tag", "pos", "upos", "label")
_KEY = re.compile(r"#\s*[\w.-]+\s*=")
DOCUMENT_START = "-DOCSTART-"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sentence:
    """The tokens of a sentence, their tags, and the number (from 1) of each one's line."""

    tokens: list[str]
    tags: list[str]
    line_numbers: list[int]


def read_conll(path: str, columns: Sequence[str] | None = None) -> Iterator[Sentence]:
    """The sentences of a file, in order.

    Columns are separated by tabs, or by spaces in a file without tabs. Where they have no names, the first is the
    token and the last its tag. Lines of white space end a sentence, as -DOCSTART- does. Comments begin with # and hold
    no tab; in a file with spaces they are not as wide as its rows, or `# key = value`.

    Args:
        path: the file.
        columns: the names of its columns, of which one is token (or word, form, text) and one tag (or ner, pos, upos,
            label).

    Raises:
        InputError: the file cannot be read, a line is wider or narrower than the first, or a token or tag is empty;
            with file and line number.
    """
    lines = [line.removesuffix("\r") for line in read_text_file(path).split("\n")]
    filled = [line for line in lines if line.strip()]
    tabs = any("\t" in line for line in filled)
    first = next((line for line in filled if not _may_be_comment(line) and not _ends_document(line)), "")
    width = len(columns) if columns is not None else max(len(_fields(first, tabs)), 2) if first else 0
    token_column, tag_column = (0, -1) if columns is None else _named(path, list(columns))
    tokens: list[str] = []
    tags: list[str] = []
    line_numbers: list[int] = []
    for line_number, line in enumerate([*lines, ""], start=1):
        fields = _fields(line, tabs)
        if not line.strip() or _ends_document(line):
            if tokens:
                yield Sentence(tokens=tokens, tags=tags, line_numbers=line_numbers)
                tokens, tags, line_numbers = [], [], []
            continue
        if _may_be_comment(line) and (tabs or len(fields) != width or _KEY.match(line)):
            continue
        if line is first and columns is None and _is_header(fields):
            continue
        if len(fields) != width:
            raise InputError(
                f"{path}:{line_number}: expected {width} columns separated by {'tabs' if tabs else 'spaces'}, a token "
                f"and last its tag, got {len(fields)} in {shown(line)}" + (f". {TSV_HINT}" if tabs else "")
            )
        token, tag = fields[token_column], fields[tag_column].strip()
        if not token.strip() or not tag:
            raise InputError(f"{path}:{line_number}: expected a token and its tag, one is empty in {shown(line)}")
        tokens.append(token)
        tags.append(tag)
        line_numbers.append(line_number)


def _fields(line: str, tabs: bool) -> list[str]:
    # Not split(): a token may hold a no-break space.
    return line.split("\t") if tabs else re.split(" +", line.strip(" "))


def _may_be_comment(line: str) -> bool:
    return line.startswith("#") and "\t" not in line


def _ends_document(line: str) -> bool:
    return line.startswith(DOCUMENT_START)


def _is_header(fields: Sequence[str]) -> bool:
    return fields[0].lower() in TOKEN_COLUMNS and fields[-1].lower() in TAG_COLUMNS


def _named(path: str, columns: list[str]) -> tuple[int, int]:
    places = []
    for candidates in (TOKEN_COLUMNS, TAG_COLUMNS):
        name = next((name for name in candidates if name in columns), None)
        if name is None:
            raise InputError(
                f"{path}: columns must name one of {', '.join(candidates)}. Received: {', '.join(columns)}"
            )
        places.append(columns.index(name))
    return places[0], places[1]
