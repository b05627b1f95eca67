"""What a search tried, as the screen shows it."""

import io

from rich.console import Console

from kbert.export.search_report import Candidate, SearchReport
from kbert.export.search_table import search_table


def candidate(size_bytes: int, latency_ms: float | None, drop_points: float, *formats: str) -> Candidate:
    return Candidate(
        formats={f"layer {i} attention": format_ for i, format_ in enumerate(formats)},
        size_bytes=size_bytes,
        latency_ms=latency_ms,
        drop_points=drop_points,
        agreement=0.9875,
        shift=0.01,
    )


def shown(*candidates: Candidate, chosen: int) -> list[list[str]]:
    """The cells of each row."""
    report = SearchReport(
        max_drop=0.5, target_mb=12.0, target_ms=None, sensitivities=(), candidates=candidates, chosen=chosen
    )
    out = io.StringIO()
    Console(file=out, width=120).print(search_table(report))
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in out.getvalue().splitlines() if "│" in line]


def test_a_row_for_every_file_with_the_chosen_one_marked():
    rows = shown(
        candidate(23_456_000, 5.678, -0.125, "int8", "int8", "int8"),
        candidate(11_990_000, None, 0.25, "int8", "int4/32", "int4/32"),
        chosen=1,
    )
    assert rows == [
        ["", "23.46 MB", "5.68 ms", "-0.12", "98.75%", "3 int8"],
        ["→", "11.99 MB", "", "+0.25", "98.75%", "2 int4/32, 1 int8"],
    ]
