"""How `kbert encode` shows its result: a table, JSON, or NumPy's .npz."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from kbert.files import explained_disk_errors, new_file

if TYPE_CHECKING:
    from kbert.encode import EncodedText


def to_text(encoded: Sequence["EncodedText"], format_: str) -> str:
    """All texts as JSON lines, or as tables."""
    return "\n".join(_to_json(one) if format_ == "json" else _to_table(one) for one in encoded)


def write_npz(path: Path, encoded: Sequence["EncodedText"]) -> None:
    """Arrays `token_ids_0`, `hidden_states_0` (layers + 1, length, hidden_dim), `pooled_output_0`, `token_ids_1`, …"""
    arrays = {}
    for i, one in enumerate(encoded):
        arrays[f"token_ids_{i}"] = np.asarray(one.encoding.token_ids, "int32")
        arrays[f"hidden_states_{i}"] = one.hidden_states
        arrays[f"pooled_output_{i}"] = one.pooled_output
    with explained_disk_errors(path), new_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def write_text(path: Path, text: str) -> None:
    """All texts as one, with a line feed at the end."""
    with explained_disk_errors(path), new_file(path) as temporary:
        temporary.write_text(text + "\n", "utf-8")


def _to_json(one: "EncodedText") -> str:
    value = {
        "text": one.text,
        "tokens": one.encoding.tokens,
        "token_ids": one.encoding.token_ids,
        "segment_ids": one.encoding.segment_ids,
        "offsets": one.encoding.offsets,
        "hidden_states": one.hidden_states.tolist(),
        "sequence_output": one.sequence_output.tolist(),
        "pooled_output": one.pooled_output.tolist(),
    }
    return json.dumps(value, ensure_ascii=False)


def _to_table(one: "EncodedText") -> str:
    table = Table(title=one.text[:80], caption=f"pooled_output  {_shown(one.pooled_output)}")
    for name in ("position", "token", "id", "offsets", "sequence_output"):
        table.add_column(name, no_wrap=True)
    rows = zip(one.encoding.tokens, one.encoding.token_ids, one.encoding.offsets, one.sequence_output, strict=True)
    for position, (token, token_id, offsets, vector) in enumerate(rows):
        table.add_row(str(position), token, str(token_id), f"{offsets[0]}-{offsets[1]}", _shown(vector))
    console = Console(width=110, record=True, file=open(os.devnull, "w"), markup=False)  # noqa: SIM115
    console.print(table)
    return console.export_text().rstrip()


def _shown(vector: np.ndarray) -> str:
    """The first and the last number of a vector."""
    start = "  ".join(f"{value:+.4f}" for value in vector[:4])
    return f"{start}  …  {vector[-1]:+.4f}  ({len(vector)})"
