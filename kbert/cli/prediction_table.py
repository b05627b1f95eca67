"""Answers as a table for people."""

import json
from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

# Long or nested answers say more in JSON.
_HIDDEN = ("probabilities",)


def prediction_table(rows: Sequence[dict[str, Any]]) -> Table:
    """A row an answer, or a row an entity, or a tagged word, where answers have several."""
    flat = [line for row in rows for line in _lines(row)]
    names = list(dict.fromkeys(name for line in flat for name in line))
    table = Table()
    for name in names:
        table.add_column(name, overflow="fold")
    for line in flat:
        table.add_row(*(escape(_cell(line.get(name))) for name in names))
    return table


def _lines(row: dict[str, Any]) -> list[dict[str, Any]]:
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    entities = shown.pop("entities", shown.pop("tags", None))
    if entities is None:
        return [shown]
    text = shown.pop("text")
    first = {"in": text, **shown}
    blank = dict.fromkeys(first, "")
    return [{**(blank if number else first), **entity} for number, entity in enumerate(entities)] or [first]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
