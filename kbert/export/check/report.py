"""Verdicts as a table for the screen."""

from collections.abc import Sequence
from typing import Any

from kbert.export.check.artefact import other_format
from kbert.export.check.verdict import RuntimeVerdict


def to_table(title: str, verdicts: Sequence[RuntimeVerdict]) -> Any:
    """A `rich.table.Table`: a row a runtime of the file's format, each reason and remark on a line of its own."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), show_lines=True)
    table.add_column("runtime", no_wrap=True)
    table.add_column("accepted", no_wrap=True)
    table.add_column("why")
    for verdict in verdicts:
        if not other_format(verdict):
            lines = [*verdict.reasons, *verdict.remarks, f"({verdict.verified})"]
            table.add_row(verdict.title, accepted(verdict), escape("\n".join(lines)))
    return table


def accepted(verdict: RuntimeVerdict) -> str:
    """`yes`, `no`, or `yes, with remarks`."""
    if not verdict.accepted:
        return "no"
    return "yes, with remarks" if verdict.remarks else "yes"
