"""`README.md` of an export: the model card that Hugging Face and people read first."""

import re
from collections.abc import Iterator, Sequence

from kbert.export.html_report import origin
from kbert.export.measurement import Measurement
from kbert.export.report import ExportReport, interval_text, megabytes, threads_text
from kbert.export.task_words import TASK_WORDS, model_text
from kbert.export.usage import Snippet, longest, snippets
from kbert.export.verify import Verdict

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$!])")
_LINE_START = re.compile(r"^(\s*)([-+=:]|\d+[.)])")
SHOWN_LABELS = 100


def to_model_card(report: ExportReport) -> str:
    """The card as Markdown, with the front matter of https://huggingface.co/docs/hub/model-cards."""
    from huggingface_hub import ModelCardData

    formats = list(dict.fromkeys(file.format for file in report.files))
    # What the hub writes its own code for: it knows transformers.js, whose layout the ONNX files have.
    words = TASK_WORDS[report.task]
    in_browser = "onnx" in formats and words.pipeline is not None
    library = "transformers.js" if in_browser else "tflite" if "tflite" in formats else None
    data = ModelCardData(
        library_name=library,
        pipeline_tag=words.hub_tag,
        language=report.language,
        base_model=_hub_name(report.base_model),
        metrics=[report.files[0].verdict.metric],
        tags=["kbert", "bert", *formats],
    )
    return f"---\n{data.to_yaml()}\n---\n\n" + "\n\n".join(_sections(report)) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, in one line and in the cell of a table too."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", line)


def _hub_name(reference: str | None) -> str | None:
    """ORG/NAME of `hf:ORG/NAME`; the hub knows no other."""
    return reference.removeprefix("hf:") if reference and reference.startswith("hf:") else None


def _sections(report: ExportReport) -> Iterator[str]:
    verdict = report.files[0].verdict
    yield f"# {escaped(report.model)}"
    yield (
        f"{model_text(report.task, len(report.labels), pairs=report.pairs)}, exported by kbert and tried, file by "
        f"file, on {verdict.examples:,} {'pairs' if report.pairs else 'texts'} of {escaped(report.validation)}."
    )
    if report.labels and report.task != "regression":
        more = len(report.labels) - SHOWN_LABELS
        shown = ", ".join(escaped(label) for label in report.labels[:SHOWN_LABELS])
        yield f"Labels: {shown}{f' and {more} more in labels.txt' if more > 0 else ''}."
    yield "## Full against exported"
    yield _table(*_comparison(report))
    yield (
        f"Drop: percentage points of {verdict.metric} lost. Agreement: {TASK_WORDS[report.task].answers} equal to the "
        f"full model's. Latency: mean of one text at a time, {threads_text(report.files[0].measurement.threads)}"
        f"{_on_machine(report)}. More in `report.html` and `report.json`."
    )
    yield "## Files"
    yield _table(("file", "what it is", "size"), _files(report))
    yield "## Use"
    for snippet in snippets(report):
        yield _code(snippet)
    yield "## Limits"
    yield "\n".join(f"- {limit}" for limit in _limits(report))
    yield "## Made with"
    yield "\n".join(f"- {name}: {escaped(value)}" for name, value in origin(report))


def _comparison(report: ExportReport) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    verdict = report.files[0].verdict
    heads = ("file", verdict.metric, "drop", "95 % interval", "agreement", "size", "latency", "cold start", "memory")
    times = _times(report.full_measurement) if report.full_measurement else [""] * 3
    rows = [["full model", f"{verdict.full:.2%}", "", "", "", megabytes(report.full_size_bytes), *times]]
    for file in report.files:
        rows.append([f"`{file.file}`", *_scores(file.verdict), megabytes(file.size_bytes), *_times(file.measurement)])
        rows += [[escaped(name), *_scores(verdict), *[""] * 4] for name, verdict in file.elsewhere.items()]
    return heads, rows


def _scores(verdict: Verdict) -> list[str]:
    return [
        f"{verdict.exported:.2%}",
        f"{verdict.drop_points:+.2f}",
        interval_text(verdict),
        f"{verdict.agreement:.2%}",
    ]


def _times(measurement: Measurement) -> list[str]:
    return [
        f"{measurement.latency_ms:.2f} ms",
        f"{measurement.cold_start_ms:.0f} ms",
        f"{measurement.memory_mb:.0f} MB",
    ]


def _files(report: ExportReport) -> list[list[str]]:
    files = [
        [f"`{file.file}`", f"{file.format}, {file.scheme}, run by {escaped(file.runtime)}", megabytes(file.size_bytes)]
        for file in report.files
    ]
    return [
        *files,
        ["`vocab.txt`, `tokenizer.json`, …", "the tokenizer", ""],
        _sizes(report),
        *([["`task.json`", "settings of the task, as in the files themselves", ""]] if report.settings else []),
        ["`tokenizer_golden.json`", "texts with the tokens that a device's tokenizer must give", ""],
        ["`report.html`, `report.json`", "all that was measured", ""],
    ]


def _sizes(report: ExportReport) -> list[str]:
    if report.labels:
        return ["`labels.txt`, `config.json`", "labels, in the order of the outputs; sizes", ""]
    return ["`config.json`", "sizes", ""]


def _limits(report: ExportReport) -> Iterator[str]:
    verdict = report.files[0].verdict
    worth = (
        f"; one changed label of them is worth {verdict.resolution_points:.2f} points"
        if verdict.metric == "accuracy"
        else ""
    )
    yield (
        f"The numbers hold for {'pairs' if report.pairs else 'texts'} like the {verdict.examples:,} of "
        f"{escaped(report.validation)}{worth}. At most {report.recipe.max_drop:g} points were allowed to be lost."
    )
    in_mediapipe = TASK_WORDS[report.task].mediapipe and not report.pairs
    tflite = any(file.format == "tflite" for file in report.files)
    if most := longest(report):
        as_trained = ", as in training" if report.recipe.length is None else ""
        mediapipe = "; MediaPipe cuts none" if in_mediapipe and tflite else ""
        yield f"A text is cut after {most} tokens{as_trained}{mediapipe}."
    yield (
        "Files ran on the processor of the machine that exported them. Few-bit kernels differ between processors, so a "
        "phone may answer a few texts otherwise."
    )
    if tflite and not in_mediapipe:
        reason = "it takes single texts" if report.pairs else "it is for classifiers"
        yield f"MediaPipe's TextClassifier cannot use the TFLite files: {reason}."
    elif tflite:
        yield (
            "MediaPipe's tokenizer lower-cases ASCII only and strips no accents: compare it with "
            "`tokenizer_golden.json` for other than plain English."
        )
    yield from (f"{escaped(note)}." for note in report.notes)


def _on_machine(report: ExportReport) -> str:
    processor = report.machine.get("processor")
    return f" on {escaped(str(processor))}" if processor else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _code(snippet: Snippet) -> str:
    """A fenced block; a label inside may hold a fence of its own."""
    longest = max((len(run) for run in re.findall(r"`+", snippet.code)), default=0)
    fence = "`" * max(3, longest + 1)
    return (
        f"### {escaped(snippet.title)}\n\n{escaped(snippet.note)}\n\n{fence}{snippet.language}\n{snippet.code}\n{fence}"
    )
