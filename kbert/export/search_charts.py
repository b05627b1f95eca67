"""The charts of a search for a mix of weight formats: what each group costs, and every mix that was tried."""

from collections.abc import Sequence
from typing import Any

from kbert.export.report import megabytes
from kbert.export.report_charts import Chart, draw, legend_inches
from kbert.export.report_svg import INK, SERIES
from kbert.export.search_report import Candidate, SearchReport


def search_charts(search: SearchReport, *, name: str) -> tuple[Chart, ...]:
    """Sensitivity and frontier of one search; `name` keeps the ids of two searches apart."""
    charts = []
    if search.sensitivities:
        charts.append(_sensitivity(search, name))
    if search.candidates:
        sizes = [candidate.size_bytes / 1e6 for candidate in search.candidates]
        charts.append(_frontier(search, f"{name}-size", "size", "MB", sizes, search.target_mb))
        latencies = [candidate.latency_ms for candidate in search.candidates]
        if any(latency is not None for latency in latencies):
            charts.append(_frontier(search, f"{name}-time", "latency", "ms", latencies, search.target_ms))
    return tuple(charts)


def best_so_far(places: Sequence[float | None], drops: Sequence[float]) -> list[int]:
    """The points that no other beats: none is as small and loses less. By place, from the left."""
    known = sorted(
        (place, drop, index) for index, (place, drop) in enumerate(zip(places, drops, strict=True)) if place is not None
    )
    found: list[int] = []
    for _, drop, index in known:
        if not found or drop < drops[found[-1]]:
            found.append(index)
    return found


def _sensitivity(search: SearchReport, name: str) -> Chart:
    groups = list(dict.fromkeys(entry.group for entry in search.sensitivities))
    formats = list(dict.fromkeys(entry.format for entry in search.sensitivities))

    def paint(axes: Any) -> None:
        thickness = 0.8 / len(formats)
        for number, format_ in enumerate(formats):
            entries = [entry for entry in search.sensitivities if entry.format == format_]
            rows = [groups.index(entry.group) - 0.4 + thickness * (number + 0.5) for entry in entries]
            axes.barh(
                rows,
                [entry.shift for entry in entries],
                height=thickness * 0.9,
                color=SERIES[number % len(SERIES)],
                label=format_,
            )
        axes.set_yticks(range(len(groups)), groups)
        axes.set_ylim(len(groups) - 0.4, -0.6)  # the first at the top
        axes.grid(visible=False, axis="y")

    title = "what each group of weights costs"
    height = 0.8 + len(groups) * max(0.22, 0.13 * len(formats)) + legend_inches(len(formats))
    svg = draw(paint, name=f"{name}-groups", title=title, x="mean shift of the probability", y="", height_inches=height)
    rows = tuple(
        (
            entry.group,
            entry.format,
            megabytes(entry.saved_bytes),
            f"{entry.drop_points:+.2f}",
            f"{entry.agreement:.2%}",
            f"{entry.shift:.4f}",
        )
        for entry in search.sensitivities
    )
    note = "Each group alone in a narrower format, the others as they were: the longer the bar, the more it needs bits."
    heads = ("group", "format", "saved", "drop", "agreement", "shift")
    return Chart(title=title, note=note, svg=svg, heads=heads, rows=rows)


def _frontier(
    search: SearchReport, name: str, what: str, unit: str, places: Sequence[float | None], target: float | None
) -> Chart:
    drops = [candidate.drop_points for candidate in search.candidates]

    def paint(axes: Any) -> None:
        tried = [(place, drop) for place, drop in zip(places, drops, strict=True) if place is not None]
        axes.plot(*zip(*tried, strict=True), "o", color=SERIES[0], markersize=4, alpha=0.6, label="tried")
        best = best_so_far(places, drops)
        line = [places[index] for index in best], [drops[index] for index in best]
        axes.plot(*line, drawstyle="steps-post", color=SERIES[0], linewidth=1.5, label="nothing better found")
        if places[search.chosen] is not None:
            axes.plot(
                [places[search.chosen]], [drops[search.chosen]], "*", color=SERIES[1], markersize=13, label="chosen"
            )
        allowed = f"drop allowed ({search.max_drop:g})"
        axes.axhline(search.max_drop, color=INK, linewidth=1, linestyle="--", label=allowed)
        if target is not None:
            axes.axvline(target, color=INK, linewidth=1, linestyle=":", label=f"{what} wanted ({target:g} {unit})")

    title = f"every mix tried, by {what}"
    svg = draw(paint, name=name, title=title, x=f"{what} ({unit})", y="drop (points)", height_inches=3.8)
    rows = tuple(_row(number, candidate, search) for number, candidate in enumerate(search.candidates))
    note = "A point a file that was made and scored. Better is further down and to the left."
    heads = ("tried", "size", "latency", "drop", "agreement", "shift", "formats")
    # One table does for both charts.
    return Chart(title=title, note=note, svg=svg, heads=heads, rows=rows if what == "size" else ())


def _row(number: int, candidate: Candidate, search: SearchReport) -> tuple[str, ...]:
    return (
        f"{number + 1}, chosen" if number == search.chosen else str(number + 1),
        megabytes(candidate.size_bytes),
        "" if candidate.latency_ms is None else f"{candidate.latency_ms:.2f} ms",
        f"{candidate.drop_points:+.2f}",
        f"{candidate.agreement:.2%}",
        f"{candidate.shift:.4f}",
        formats_text(candidate),
    )


def formats_text(candidate: Candidate) -> str:
    """The formats with the groups that have them, as in `int8: head; int4/32: layer 0 attention, embeddings`."""
    by_format: dict[str, list[str]] = {}
    for group, format_ in candidate.formats.items():
        by_format.setdefault(format_, []).append(group)
    return "; ".join(f"{format_}: {', '.join(groups)}" for format_, groups in by_format.items())
