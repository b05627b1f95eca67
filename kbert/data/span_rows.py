"""Objects of `.jsonl` files with marked spans, or with tokens and tags."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from kbert.data.conll import Sentence
from kbert.data.spans import LabelledSpan, tag_words
from kbert.data.tables import Row, json_text, shown, text_field
from kbert.data.words import Span
from kbert.errors import InputError

SPAN_FIELDS = ("entities", "spans", "slots")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpanRows:
    """Texts, the (start, end) of their words, the words' BIO tags, and what had to be repaired."""

    texts: list[str]
    words: list[list[Span]]
    tags: list[list[str]]
    warnings: tuple[str, ...]


def read_span_rows(path: str, rows: Sequence[tuple[int, Row]]) -> SpanRows:
    """Texts with spans, the field of which is one of `SPAN_FIELDS`.

    Raises:
        InputError: a row lacks a field, a span is malformed, or `tag_words` refuses it; with file and line number.
    """
    texts, words, tags = [], [], []
    trimmed, first = 0, ""
    names = {name for _, row in rows for name in row}
    field = next((name for name in SPAN_FIELDS if name in names), None)
    if field is None:
        raise InputError(
            f"{path}:{rows[0][0]}: expected the field 'text' with one of {', '.join(SPAN_FIELDS)}, or tokens and tags, "
            f"got {', '.join(rows[0][1]) or 'none'}"
        )
    for line_number, row in rows:
        place = f"{path}:{line_number}"
        text = text_field(path, line_number, row, "text")
        found_words, found_tags, outside = tag_words(text, list(_spans(path, line_number, row, field)), place)
        texts.append(text)
        words.append(found_words)
        tags.append(found_tags)
        first = first or (place if outside else "")
        trimmed += outside
    warning = f"{first}: {trimmed} {'spans begin or end' if trimmed > 1 else 'span begins or ends'} outside of words"
    return SpanRows(
        texts=texts,
        words=words,
        tags=tags,
        warnings=(f"{warning}, the first here, as in white space; what is outside was left out",) if trimmed else (),
    )


def read_token_rows(path: str, rows: Sequence[tuple[int, Row]]) -> Iterator[Sentence]:
    """Sentences from `tokens` and `tags`.

    Raises:
        InputError: a row lacks a field, its lists differ in length, or hold anything but strings that are not empty.
    """
    for line_number, row in rows:
        tokens, tags = (_strings(path, line_number, row, name) for name in ("tokens", "tags"))
        if len(tokens) != len(tags) or not tokens:
            raise InputError(
                f"{path}:{line_number}: expected as many tags as tokens, at least one, got {len(tags)} tags for "
                f"{len(tokens)} tokens"
            )
        yield Sentence(tokens=tokens, tags=tags, line_numbers=[line_number] * len(tokens))


def _strings(path: str, line_number: int, row: Row, name: str) -> list[str]:
    values = _list(path, line_number, row, name)
    for value in values:
        if not isinstance(value, str) or not value.strip():
            raise InputError(
                f"{path}:{line_number}: expected strings in {name!r}, none of them empty, got {shown(value)}"
            )
    return [json_text(path, line_number, name, value) for value in values]


def _list(path: str, line_number: int, row: Row, name: str) -> list[Any]:
    if name not in row:
        raise InputError(f"{path}:{line_number}: expected the field {name!r}, got {', '.join(row) or 'none'}")
    if not isinstance(row[name], list):
        raise InputError(f"{path}:{line_number}: expected a list in {name!r}, got {shown(row[name])}")
    return row[name]


def _spans(path: str, line_number: int, row: Row, name: str) -> Iterator[LabelledSpan]:
    for value in _list(path, line_number, row, name):
        parts = [value.get(key) for key in ("start", "end", "label")] if isinstance(value, dict) else value
        if not isinstance(parts, list) or [type(part) for part in parts] != [int, int, str] or not parts[2].strip():
            raise InputError(
                f"{path}:{line_number}: expected [start, end, label] in {name!r}, two whole numbers and a string, or "
                f"an object with these names, got {shown(value)}"
            )
        yield LabelledSpan(start=parts[0], end=parts[1], label=json_text(path, line_number, name, parts[2]))
