"""What a search tried, for the screen."""

from collections import Counter

from rich.table import Table

from kbert.export.search_report import Candidate, SearchReport


def search_table(report: SearchReport) -> Table:
    """A row for every file that was tried, the chosen one marked."""
    table = Table(title=f"search for a mix of weight formats, {len(report.sensitivities)} sensitivities measured")
    for name in ("", "size", "latency", "drop", "agreement", "groups of weights by format"):
        table.add_column(name, justify="left" if name[:6] in ("", "groups") else "right")
    for i, candidate in enumerate(report.candidates):
        latency = "" if candidate.latency_ms is None else f"{candidate.latency_ms:.2f} ms"
        table.add_row(
            "→" if i == report.chosen else "",
            f"{candidate.size_bytes / 1e6:.2f} MB",
            latency,
            f"{candidate.drop_points:+.2f}",
            f"{candidate.agreement:.2%}",
            _formats(candidate),
        )
    return table


def _formats(candidate: Candidate) -> str:
    counts = Counter(candidate.formats.values())
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
