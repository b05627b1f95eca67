"""What the report's charts show, as numbers; `report_svg` draws them where matplotlib is installed."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from kbert.export.report import ExportReport, FileReport
from kbert.export.report_svg import INK, SERIES, has_matplotlib, inline_svg

MARKERS = ("o", "s", "^", "D", "v", "P")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart. `svg` is None without matplotlib; `heads` and `rows` are its numbers, if no other table has them."""

    title: str
    note: str
    svg: str | None
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def report_charts(report: ExportReport) -> tuple[Chart, ...]:
    """The charts of the files: what they cost in accuracy, size and time. Those of searches are in `search_charts`."""
    metric = report.files[0].verdict.metric
    full = report.full_measurement
    charts = [
        _against(
            report,
            "size",
            f"{metric} against size",
            "size (MB)",
            [file.size_bytes / 1e6 for file in report.files],
            report.full_size_bytes / 1e6,
        ),
        _against(
            report,
            "latency",
            f"{metric} against latency",
            "mean latency of a text (ms)",
            [file.measurement.latency_ms for file in report.files],
            full.latency_ms if full else None,
        ),
    ]
    timed = [(number, file) for number, file in enumerate(report.files) if file.measurement.latency_by_length]
    return (*charts, _by_length(timed)) if timed else tuple(charts)


def draw(
    paint: Callable[[Any], None], *, name: str, title: str, x: str, y: str, height_inches: float = 3.0
) -> str | None:
    """A chart as SVG, or None without matplotlib."""
    if not has_matplotlib():
        return None

    def paint_all(axes: Any) -> None:
        paint(axes)
        axes.set_xlabel(x)
        axes.set_ylabel(y)

    return inline_svg(paint_all, name=name, label=f"{title}: {x} by {y}" if y else title, height_inches=height_inches)


def series(number: int) -> dict[str, Any]:
    """The colour and marker of a series; after six the colours come again with other markers."""
    turn = number // len(SERIES)
    return {"color": SERIES[number % len(SERIES)], "marker": MARKERS[(number + turn) % len(MARKERS)]}


def legend_inches(entries: int) -> float:
    """The room that a legend of one entry a line takes."""
    return 0.2 * entries


def _against(
    report: ExportReport, name: str, title: str, unit: str, places: Sequence[float], full_place: float | None
) -> Chart:
    """A point a file, with the 95 % interval of its drop; the full model as a point, or a line if it has no place."""
    verdict = report.files[0].verdict

    def paint(axes: Any) -> None:
        for number, (file, place) in enumerate(zip(report.files, places, strict=True)):
            low, high = file.verdict.drop_interval
            score = 100 * file.verdict.exported
            # The interval is one of the paired drop: it says where this score lies beside the full model's.
            ends = (max(0.0, score - (100 * verdict.full - high)), max(0.0, 100 * verdict.full - low - score))
            axes.errorbar(
                [place], [score], [[ends[0]], [ends[1]]], label=file.file, linestyle="", capsize=3, **series(number)
            )
        if full_place is None:
            axes.axhline(100 * verdict.full, color=INK, linewidth=1, label="full model")
        else:
            axes.plot([full_place], [100 * verdict.full], "*", color=INK, markersize=10, label="full model")
        _keep_sensible(axes)
        low, high = axes.get_ylim()
        least = 100 * verdict.full - report.recipe.max_drop
        if least > low - (high - low):  # a line further down would press the points together
            axes.axhline(least, color=INK, linewidth=1, linestyle="--", label=f"least allowed ({least:.2f} %)")
            axes.set_ylim(min(low, least - 0.05 * (high - low)), high)
        axes.set_xlim(0, 1.1 * max(*places, full_place or 0))
        axes.ticklabel_format(axis="y", useOffset=False)

    height = 2.6 + legend_inches(len(report.files) + 2)
    svg = draw(paint, name=name, title=title, x=unit, y=f"{verdict.metric} (%)", height_inches=height)
    note = "Bars are 95 % intervals of the drop. Better is further up and to the left."
    return Chart(title=title, note=note, svg=svg)


def _keep_sensible(axes: Any) -> None:
    """Scores that are all the same would fill the axis with billionths; there is none above 100."""
    low, high = axes.get_ylim()
    if high - low < 0.5:
        low, high = low - 1, high + 1
    axes.set_ylim(low, min(high, 100 + 0.04 * (high - low)))


def _by_length(timed: Sequence[tuple[int, FileReport]]) -> Chart:
    def paint(axes: Any) -> None:
        for number, file in timed:
            tokens, times = zip(*file.measurement.latency_by_length, strict=True)
            axes.plot(tokens, times, label=file.file, markersize=4, **series(number))
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)

    title = "latency by length"
    height = 2.6 + legend_inches(len(timed))
    svg = draw(paint, name="length", title=title, x="tokens of a text", y="latency (ms)", height_inches=height)
    lengths = sorted({tokens for _, file in timed for tokens, _ in file.measurement.latency_by_length})
    times = [dict(file.measurement.latency_by_length) for _, file in timed]
    rows = tuple(
        (str(length), *(f"{of_file[length]:.2f}" if length in of_file else "" for of_file in times))
        for length in lengths
    )
    heads = ("tokens", *(f"{file.file} (ms)" for _, file in timed))
    note = "One text at a time, each at its own length: short texts cost little because nothing is padded."
    return Chart(title=title, note=note, svg=svg, heads=heads, rows=rows)
