"""The report as a page: `report.html`, one file that needs no other."""

import html
from collections.abc import Iterable

from kbert.export.report import ExportReport, FileReport, interval_text, megabytes

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2330 }
h1 { font-size: 1.6rem; margin-bottom: 0.2rem } h2 { font-size: 1.15rem; margin-top: 2rem }
.verdict { padding: 0.8rem 1rem; border-radius: 0.5rem; background: #e5f6ea; border: 1px solid #7cc491 }
table { border-collapse: collapse; width: 100% } th, td { padding: 0.35rem 0.6rem; border-bottom: 1px solid #d8dde6 }
th { text-align: left; font-weight: 600; color: #55607a }
td.number, th.number { text-align: right; white-space: nowrap }
.changed { color: #b3261e } code, pre { background: #f2f4f8; border-radius: 0.3rem } pre { padding: 0.7rem }
@media (prefers-color-scheme: dark) {
  body { background: #12161e; color: #dfe5f0 } .verdict { background: #15301f; border-color: #2f6b45 }
  th { color: #9aa7c0 } th, td { border-color: #2b3342 } code, pre { background: #1d2431 } .changed { color: #ff8a80 }
}
"""


def to_html(report: ExportReport) -> str:
    """The page of an export that passed: verdict, full against exported, the worst texts, and how to use the files."""
    verdict = report.files[0].verdict
    worst = max(file.verdict.drop_points for file in report.files)
    lost = f"At most {worst:.2f} points of {verdict.metric} lost" if worst > 0 else f"No {verdict.metric} lost"
    parts = [
        f"<h1>{html.escape(report.model)}</h1>",
        f"<p>{html.escape(report.task)}, tried on {verdict.examples:,} texts of {html.escape(report.validation)}</p>",
        f'<p class="verdict"><strong>Passed.</strong> {lost}; {report.recipe.max_drop:g} were allowed.</p>',
        "<h2>Full against exported</h2>",
        _comparison(report),
        *(f"<p>Note: {html.escape(note)}.</p>" for note in report.notes),
        *(part for file in report.files for part in _worst_texts(file)),
        "<h2>Use</h2>",
        *(_use(file) for file in report.files),
        "<h2>Made with</h2>",
        f"<p>{html.escape(', '.join(f'{name} {version}' for name, version in report.versions.items()))}</p>",
    ]
    title = html.escape(f"{report.model}: export report")
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f'<!doctype html>\n<html lang="en">{head}<style>{STYLE}</style>\n' + "\n".join(parts) + "\n</html>\n"


def _comparison(report: ExportReport) -> str:
    verdict = report.files[0].verdict
    heads = [
        "file",
        verdict.metric,
        "drop",
        "95 % interval",
        "agreement",
        "largest shift",
        "size",
        "latency",
        "cold start",
        "runtime",
    ]
    rows = [["full model", f"{verdict.full:.2%}", "", "", "", "", megabytes(report.full_size_bytes), "", "", "Keras"]]
    rows += [
        [
            f"{file.file} ({file.scheme})",
            f"{file.verdict.exported:.2%}",
            f"{file.verdict.drop_points:+.2f}",
            interval_text(file.verdict),
            f"{file.verdict.agreement:.2%}",
            f"{file.verdict.largest_shift:.3f}",
            megabytes(file.size_bytes),
            f"{file.measurement.latency_ms:.2f} ms",
            f"{file.measurement.cold_start_ms:.0f} ms",
            file.runtime,
        ]
        for file in report.files
    ]
    return _table(heads, rows, numbers=range(1, 9))


def _worst_texts(file: FileReport) -> list[str]:
    rows = [
        [
            example.text[:200],
            example.expected,
            f"{example.full} ({example.full_probability:.2f})",
            f"{example.exported} ({example.exported_probability:.2f})",
        ]
        for example in file.verdict.worst
    ]
    changed = {i for i, example in enumerate(file.verdict.worst) if example.full != example.exported}
    heads = ["text", "expected", "full", "exported"]
    title = f"<h2>Where {html.escape(file.file)} differs most</h2>"
    note = "<p>Probabilities are those of the full model's label; changed labels are coloured.</p>"
    return [title, note, _table(heads, rows, coloured=changed)]


def _use(file: FileReport) -> str:
    command = f'kbert predict {file.file} "…"'
    where = {
        "tflite": "On Android or iOS with LiteRT, or as it is with MediaPipe's TextClassifier.",
        "onnx": "On servers with ONNX Runtime, in a browser with transformers.js.",
    }[file.format]
    return f"<p><code>{html.escape(file.file)}</code>: {where}</p><pre>{html.escape(command)}</pre>"


def _table(
    heads: list[str], rows: list[list[str]], *, numbers: Iterable[int] = (), coloured: Iterable[int] = ()
) -> str:
    kinds = [' class="number"' if column in set(numbers) else "" for column in range(len(heads))]
    head = "".join(f"<th{kind}>{html.escape(name)}</th>" for name, kind in zip(heads, kinds, strict=True))
    body = []
    for number, row in enumerate(rows):
        cells = "".join(f"<td{kind}>{html.escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
        body.append(f'<tr class="changed">{cells}</tr>' if number in set(coloured) else f"<tr>{cells}</tr>")
    return f"<table><tr>{head}</tr>{''.join(body)}</table>"
