"""What an export came to: `report.json`, and a table for the screen."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from kbert.export.attribution import TokenAttribution
from kbert.export.measurement import Measurement
from kbert.export.recipe import Recipe
from kbert.export.search_report import SearchReport
from kbert.export.verify import Verdict


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileReport:
    """One exported file: what it is, how it scored, how fast it is.

    `elsewhere` has its verdicts on other machines, by what ran it there. `contents` is what `file_contents` finds
    inside. `attributions[i]` are the tokens of `verdict.worst[i]`.
    """

    file: str
    format: str
    scheme: str
    runtime: str
    size_bytes: int
    verdict: Verdict
    measurement: Measurement
    elsewhere: Mapping[str, Verdict] = dataclasses.field(default_factory=dict)
    contents: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    attributions: tuple[tuple[TokenAttribution, ...], ...] = ()

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in (self.verdict, *self.elsewhere.values()))


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExportReport:
    """The whole export. It passed if every file did.

    `labels` are in the order of the outputs, `settings` are the task's own, `pairs` says whether it was tried on pairs
    of texts, `max_length` is in tokens. `language` is a code as in `en`, `base_model` the reference of what was
    fine-tuned. `full_measurement` is the full model's; `searches` has what was tried for a file, by its name. There is
    no date unless one is given, so that the same export writes the same report.
    """

    task: str
    model: str
    validation: str
    recipe: Recipe
    full_size_bytes: int
    files: tuple[FileReport, ...]
    versions: dict[str, str]
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    pairs: bool = False
    max_length: int | None = None
    language: str | None = None
    base_model: str | None = None
    full_measurement: Measurement | None = None
    searches: Mapping[str, SearchReport] = dataclasses.field(default_factory=dict)
    machine: Mapping[str, str | int] = dataclasses.field(default_factory=dict)
    seed: int | None = None
    command: str | None = None
    date: str | None = None

    @property
    def passed(self) -> bool:
        return all(file.passed for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """As written to `report.json`; shares from 0 to 1, sizes in bytes, times in milliseconds."""
        report = dataclasses.asdict(self)
        for entry, file in zip(report["files"], self.files, strict=True):
            entry["verdict"]["passed"] = file.verdict.passed
            for name, verdict in file.elsewhere.items():
                entry["elsewhere"][name]["passed"] = verdict.passed
        return {"passed": self.passed, **report}


def to_table(report: ExportReport) -> Table:
    """The report as a table: a row a file, the full model first."""
    verdict = report.files[0].verdict
    # Names of files may hold brackets, which rich reads as colours.
    title = escape(f"{report.model} on {report.validation}, {verdict.examples} texts")
    table = Table(title=title)
    columns = ("file", verdict.metric, "drop", "agreement", "size", "latency", "cold start", "gate")
    for name in columns:
        table.add_column(name, justify="left" if name in ("file", "gate") else "right", no_wrap=True)
    table.add_row("full model", f"{verdict.full:.2%}", "", "", megabytes(report.full_size_bytes), "", "", "")
    for file in report.files:
        table.add_row(
            escape(file.file),
            f"{file.verdict.exported:.2%}",
            f"{file.verdict.drop_points:+.2f}\n[dim]{interval_text(file.verdict)}[/]",
            f"{file.verdict.agreement:.2%}",
            megabytes(file.size_bytes),
            f"{file.measurement.latency_ms:.2f} ms",
            f"{file.measurement.cold_start_ms:.0f} ms",
            _gate(file.verdict),
        )
        for name, elsewhere in file.elsewhere.items():
            table.add_row(
                f"[dim]  {escape(name.rpartition(', ')[2])}[/]",
                f"{elsewhere.exported:.2%}",
                f"{elsewhere.drop_points:+.2f}\n[dim]{interval_text(elsewhere)}[/]",
                f"{elsewhere.agreement:.2%}",
                "",
                "",
                "",
                _gate(elsewhere),
            )
    return table


def _gate(verdict: Verdict) -> str:
    return "[green]passed[/]" if verdict.passed else "[red]refused[/]"


def interval_text(verdict: Verdict) -> str:
    """The drop's 95 % interval, in points."""
    low, high = verdict.drop_interval
    return f"{low:+.2f} to {high:+.2f}"


def refusal_lines(report: ExportReport) -> Sequence[str]:
    """Why an export was refused, file by file, with the worst examples."""
    lines = []
    for file in report.files:
        for name, verdict in {file.file: file.verdict, **_named(file)}.items():
            if not verdict.passed:
                lines += _refusal(name, verdict)
    return lines


def _named(file: FileReport) -> dict[str, Verdict]:
    return {f"{file.file} on {name}": verdict for name, verdict in file.elsewhere.items()}


def _refusal(name: str, verdict: Verdict) -> list[str]:
    lines = []
    if verdict.broken:
        lines.append(f"{name}: its answers to {verdict.broken} of {verdict.examples} texts are no numbers")
    lines.append(
        f"{name}: {verdict.metric} fell by {verdict.drop_points:.2f} points, from {verdict.full:.2%} to "
        f"{verdict.exported:.2%}; at most {verdict.max_drop_points:g} are allowed"
    )
    lines += [
        f"  {example.full}{_in_brackets(example.full_probability)} became {example.exported}: {example.text[:90]}"
        for example in verdict.worst
        if example.full != example.exported
    ]
    return lines


def _in_brackets(probability: float | None) -> str:
    return "" if probability is None else f" ({probability:.2f})"


def megabytes(size: int) -> str:
    """A size in bytes as people read it."""
    return f"{size / 1e6:.1f} MB"


def threads_text(threads: int) -> str:
    """A number of threads as people read it."""
    return f"{threads} thread{'s' if threads > 1 else ''}"
