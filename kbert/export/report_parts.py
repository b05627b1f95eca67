"""The pieces of `report.html` that know nothing of reports: elements with their text escaped."""

import html
from collections.abc import Collection, Sequence

from kbert.export.report_charts import Chart


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Collection[int], label: str) -> str:
    """A table that scrolls sideways where the screen is narrow; the first cell of a row is its head.

    Args:
        heads: the names of the columns.
        rows: their cells, as plain text; what follows a line feed is set small under the rest.
        numbers: the columns that are set right.
        label: what the table shows, for screen readers.
    """
    kinds = [' class="number"' if column in numbers else "" for column in range(len(heads))]
    head = "".join(f'<th scope="col"{kind}>{_cell(name)}</th>' for name, kind in zip(heads, kinds, strict=True))
    body = []
    for first, *others in rows:
        cells = "".join(f"<td{kind}>{_cell(cell)}</td>" for cell, kind in zip(others, kinds[1:], strict=True))
        body.append(f'<tr><th scope="row"{kinds[0]}>{_cell(first)}</th>{cells}</tr>')
    # Something that scrolls has to be reached by the keyboard too.
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{html.escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(body) + "\n</tbody></table></div>"
    )


def figures(charts: Sequence[Chart]) -> str:
    """Charts side by side where there is room, each with its numbers to unfold."""
    return '<div class="charts">\n' + "\n".join(_figure(chart) for chart in charts) + "\n</div>"


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and what they are, as a list."""
    return "<dl>" + "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in pairs) + "</dl>"


def tiles(pairs: Sequence[tuple[str, str]]) -> str:
    """A few numbers in large type, each with what it is."""
    boxes = (f"<li><b>{html.escape(number)}</b> {html.escape(what)}</li>" for number, what in pairs)
    return f'<ul class="tiles">{"".join(boxes)}</ul>'


def sentence(text: str, kind: str = "") -> str:
    """A paragraph."""
    return f'<p class="{kind}">{html.escape(text)}</p>' if kind else f"<p>{html.escape(text)}</p>"


def code(text: str) -> str:
    """A block of code."""
    return f'<pre tabindex="0"><code>{html.escape(text)}</code></pre>'


def _cell(text: str) -> str:
    main, *below = text.split("\n", 1)
    return html.escape(main) + "".join(f"<small>{html.escape(line)}</small>" for line in below)


def _figure(chart: Chart) -> str:
    caption = f"<figcaption>{html.escape(chart.title)}<span>{html.escape(chart.note)}</span></figcaption>"
    numbers = ""
    if chart.rows:
        # The words are at the left; what follows them are numbers.
        right = [column for column, name in enumerate(chart.heads) if name not in ("group", "format", "formats")]
        numbers = (
            "<details><summary>the numbers</summary>"
            + table(chart.heads, chart.rows, numbers=right, label=chart.title)
            + "</details>"
        )
    return f"<figure>{caption}{chart.svg or ''}{numbers}</figure>"
