"""What the steps of a ladder came to, for the screen."""

from collections.abc import Sequence

from rich.table import Table

from kbert.compression.workshop import Rung


def ladder_table(rungs: Sequence[Rung], chosen: int, *, metric: str) -> Table:
    """A row for every step that was tried, in their order; the chosen one, or the nearest, is marked."""
    table = Table(title="from the whole model down, the cheapest steps first")
    for name in ("", "step", "weights", "size", "latency", metric, "drop"):
        table.add_column(name, justify="left" if name in ("", "step") else "right", no_wrap=name != "step")
    for i, rung in enumerate(rungs):
        table.add_row(
            "→" if i == chosen else "",
            rung.name,
            f"{rung.parameters / 1e6:.2f} M",
            f"{rung.size_bytes / 1e6:.2f} MB",
            f"{rung.latency_ms:.2f} ms",
            f"{rung.metric:.2%}",
            f"{rung.drop:+.2f}",
        )
    return table
