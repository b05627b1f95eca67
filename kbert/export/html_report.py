"""The report as a page: `report.html`, one file that needs no other."""

import html
from collections.abc import Iterator

from kbert.export.measurement import Measurement
from kbert.export.report import ExportReport, FileReport, interval_text, megabytes, threads_text
from kbert.export.report_charts import report_charts
from kbert.export.report_parts import code, facts, figures, sentence, table, tiles
from kbert.export.report_style import STYLE
from kbert.export.report_svg import has_matplotlib
from kbert.export.report_texts import LEGEND, worst_texts
from kbert.export.search_charts import search_charts
from kbert.export.task_words import TASK_WORDS
from kbert.export.usage import snippets
from kbert.export.verify import Verdict


def to_html(report: ExportReport) -> str:
    """The page of an export: verdict, full against exported, charts, the worst texts, contents, use, origin.

    Charts need matplotlib (`pip install 'kbert[report]'`); without it the page says so and has their numbers alone.
    """
    title = html.escape(f"{report.model}: export report")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style>"
    )
    body = "\n".join(_sections(report))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body><main>\n{body}\n</main></body></html>\n'


def _sections(report: ExportReport) -> Iterator[str]:
    verdict = report.files[0].verdict
    yield f"<h1>{html.escape(report.model)}</h1>"
    given = "pairs" if report.pairs else "texts"
    yield sentence(f"{report.task}, tried on {verdict.examples:,} {given} of {report.validation}", "faint")
    yield _verdict(report)
    yield _tiles(report)
    yield "<h2>Full against exported</h2>"
    yield comparison(report)
    yield sentence(_how_measured(report), "faint")
    for note in report.notes:
        yield sentence(f"Note: {note}.")
    yield "<h2>Charts</h2>"
    if not has_matplotlib():
        yield sentence("The charts were left out, as matplotlib is not installed: pip install 'kbert[report]'.")
    yield figures(report_charts(report))
    for number, (file, search) in enumerate(report.searches.items()):
        yield f"<h2>The search behind {html.escape(file)}</h2>"
        yield figures(search_charts(search, name=f"search-{number}"))
    yield from _worst(report)
    yield "<h2>What is inside</h2>"
    for entry in report.files:
        yield _contents(entry)
    yield "<h2>Use</h2>"
    for snippet in snippets(report):
        yield f"<h3>{html.escape(snippet.title)}</h3>{sentence(snippet.note)}{code(snippet.code)}"
    yield "<h2>Made with</h2>"
    yield facts(origin(report))


def _verdict(report: ExportReport) -> str:
    worst = max(report.files, key=lambda file: file.verdict.drop_points).verdict
    count = f"all {len(report.files)} files" if len(report.files) > 1 else "the file"
    refused = [file.file for file in report.files if not file.passed]
    if worst.drop_points > 0:
        lost = f"at most {worst.drop_points:.2f} points of {worst.metric} lost"
    else:
        lost = f"no {worst.metric} lost"
    interval = f"95 % interval of the drop {interval_text(worst)}"
    allowed = f"{report.recipe.max_drop:g} were allowed"
    if refused:
        said, kind, word = f"{', '.join(refused)}: {lost} ({interval}); {allowed}.", "refused", "Refused."
    else:
        said, kind, word = f"{count[0].upper()}{count[1:]} passed: {lost} ({interval}); {allowed}.", "passed", "Passed."
    return f'<p class="verdict {kind}"><strong>{word}</strong> {html.escape(said)}</p>'


def _tiles(report: ExportReport) -> str:
    """The first file in four numbers."""
    file = report.files[0]
    verdict = file.verdict
    return tiles(
        [
            (f"{verdict.exported:.2%}", f"{verdict.metric} of {file.file}; the full model has {verdict.full:.2%}"),
            (f"{verdict.agreement:.2%}", f"of its {TASK_WORDS[report.task].answers} are the full model's"),
            (megabytes(file.size_bytes), f"in size; the full model has {megabytes(report.full_size_bytes)}"),
            (f"{file.measurement.latency_ms:.2f} ms", f"a text, on {threads_text(file.measurement.threads)}"),
        ]
    )


def comparison(report: ExportReport) -> str:
    """The table of the full model and every file."""
    metric = report.files[0].verdict.metric
    heads = (
        "file\nscheme, runtime",
        metric,
        "drop\n95 % interval",
        "agreement",
        "largest shift",
        "size",
        "latency\n95th percentile",
        "cold start",
        "memory",
    )
    times = _times(report.full_measurement) if report.full_measurement else [""] * 3
    size = megabytes(report.full_size_bytes)
    rows = [["full model\nfloat32, Keras", f"{report.files[0].verdict.full:.2%}", "", "", "", size, *times]]
    for file in report.files:
        measured = [megabytes(file.size_bytes), *_times(file.measurement)]
        rows.append([f"{file.file}\n{file.scheme}, {file.runtime}", *_scores(file.verdict), *measured])
        rows += [[f"{file.file}\n{name}", *_scores(verdict), *[""] * 4] for name, verdict in file.elsewhere.items()]
    return table(heads, rows, numbers=range(1, 9), label="full model against exported files")


def _scores(verdict: Verdict) -> list[str]:
    return [
        f"{verdict.exported:.2%}",
        f"{verdict.drop_points:+.2f}\n{interval_text(verdict)}",
        f"{verdict.agreement:.2%}",
        f"{verdict.largest_shift:.3f}",
    ]


def _times(measurement: Measurement) -> list[str]:
    return [
        f"{measurement.latency_ms:.2f} ms\n{measurement.latency_p95_ms:.2f} ms",
        f"{measurement.cold_start_ms:.0f} ms",
        f"{measurement.memory_mb:.0f} MB",
    ]


def _how_measured(report: ExportReport) -> str:
    file, words = report.files[0], TASK_WORDS[report.task]
    measured = f"{file.measurement.texts:,} texts, one at a time, {threads_text(file.measurement.threads)}"
    return (
        f"Drop in percentage points of {file.verdict.metric}; agreement is the share of {words.answers} equal "
        f"to the full model's, largest shift {words.shift}. Latency: mean over {measured}, tokenizing not included. "
        "Memory: the most that the process held, with Python and the runtime in it."
    )


def _worst(report: ExportReport) -> Iterator[str]:
    files = [file for file in report.files if file.verdict.worst]
    if not files:
        return
    yield "<h2>Where the files differ most</h2>"
    answer = TASK_WORDS[report.task].answer
    known = files[0].verdict.worst[0].full_probability is not None
    numbers = f"Probabilities are those of the full model's {answer}. " if known else ""
    yield sentence(f"{numbers}Texts whose {answer} changed have a red edge.")
    if any(file.attributions for file in files):
        yield LEGEND
    for number, file in enumerate(files):
        opened = " open" if number == 0 else ""
        summary = f"<summary><strong>{html.escape(file.file)}</strong></summary>"
        yield f"<details{opened}>{summary}{worst_texts(file)}</details>"


def _contents(file: FileReport) -> str:
    name, contents = html.escape(file.file), file.contents
    if not contents:
        return f"<h3>{name}</h3>{sentence(f'{file.format}, {file.scheme}, {megabytes(file.size_bytes)}')}"
    tensors = [
        [entry["name"], side, entry["dtype"], " × ".join("any" if axis == -1 else str(axis) for axis in entry["shape"])]
        for side, key in (("input", "inputs"), ("output", "outputs"))
        for entry in contents[key]
    ]
    versions = contents.get("operator_versions", {})
    operators = [[op, f"{count:,}", str(versions.get(op, ""))] for op, count in contents["operators"].items()]
    weights = [
        [dtype, f"{entry['tensors']:,}", f"{entry['bytes']:,}"] for dtype, entry in contents.get("weights", {}).items()
    ]
    packed = [[packed_name, f"{size:,}"] for packed_name, size in contents.get("packed", {}).items()]
    opset = ", ".join(f"{domain} {version}" for domain, version in contents.get("opset", {}).items())
    of_operators = ["operator", "times", "version"] if versions else ["operator", "times"]
    of_tensors = [
        table(["tensor", "", "type", "shape"], tensors, numbers=(), label=f"tensors of {file.file}"),
        # A SavedModel has them in files of its own.
        table(["weights", "tensors", "bytes"], weights, numbers=(1, 2), label=f"weights of {file.file}")
        if weights
        else "",
        table(["packed inside", "bytes"], packed, numbers=(1,), label=f"files inside {file.file}") if packed else "",
        sentence(f"Opset: {opset}.") if opset else "",
    ]
    cut = [row[: len(of_operators)] for row in operators]
    all_operators = table(of_operators, cut, numbers=(1, 2), label=f"operators of {file.file}")
    summary = f"<summary><strong>{name}</strong>: {sum(contents['operators'].values()):,} operators</summary>"
    return (
        f'<details>{summary}<div class="charts"><div class="stack">{"".join(of_tensors)}</div>'
        f'<div class="stack">{all_operators}</div></div></details>'
    )


def origin(report: ExportReport) -> list[tuple[str, str]]:
    """What the export was made with, as names and values; what is not known is left out."""
    found = [
        ("base model", report.base_model),
        ("validation", report.validation),
        ("recipe", f"{', '.join(report.recipe.formats)}; {', '.join(report.recipe.schemes)}"),
        ("versions", ", ".join(f"{name} {version}" for name, version in report.versions.items())),
        ("machine", ", ".join(f"{name} {value}" for name, value in report.machine.items())),
        ("seed", None if report.seed is None else str(report.seed)),
        ("command", report.command),
        ("date", report.date),
    ]
    return [(name, value) for name, value in found if value]
