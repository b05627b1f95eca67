"""`kbert bench`."""

import json
from typing import TYPE_CHECKING

import click

from kbert.cli.options import data_options

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command()
@click.argument("models", nargs=-1, required=True)
@click.option("--data", help="What to measure with, as kbert predict --input takes it.")
@data_options
@click.option("--threads", default=2, show_default=True, help="Threads that the runtime may use.")
@click.option("--count", default=200, show_default=True, help="Inputs taken from --data.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
def command(
    models: tuple[str, ...], data: str | None, columns: "ColumnNames", threads: int, count: int, as_json: bool
) -> None:
    """Measure MODELS, runs or exported files: latency, cold start, memory; each in a process of its own."""
    from kbert.errors import InputError
    from kbert.export.golden_texts import TEXTS
    from kbert.export.measurement import measure
    from kbert.models import is_masked_language_model, open_model

    opened = open_model(models[0])
    if is_masked_language_model(opened):
        raise InputError(f"{models[0]}: has no head of a task to measure. Fine-tune it first")
    problem = opened.problem
    texts = (problem.sample(TEXTS) if data is None else problem.read_inputs(data, columns))[:count]
    sizes = {name: size for model in models for name, size in _sizes(model).items()}
    results = {name: measure(name, texts, num_threads=threads) for name in sizes}
    if as_json:
        import dataclasses

        for name, result in results.items():
            click.echo(json.dumps({"file": name, "size_bytes": sizes[name], **dataclasses.asdict(result)}))
        return
    from rich.markup import escape
    from rich.table import Table

    from kbert.cli.screen import output_console
    from kbert.export.report import megabytes

    table = Table(title=f"{len(texts)} texts, one at a time, {threads} threads")
    for column in ("file", "size", "mean", "95th percentile", "cold start", "memory", "speed"):
        table.add_column(column, justify="left" if column == "file" else "right", no_wrap=column != "file")
    first = next(iter(results.values()))
    for name, result in results.items():
        table.add_row(
            escape(name),
            megabytes(sizes[name]),
            f"{result.latency_ms:.2f} ms",
            f"{result.latency_p95_ms:.2f} ms",
            f"{result.cold_start_ms:.0f} ms",
            f"{result.memory_mb:.0f} MB",
            f"{first.latency_ms / result.latency_ms:.2f}x",
        )
    output_console().print(table)


def _sizes(model: str) -> dict[str, int]:
    """What a model's name stands for, with sizes in bytes: the exported files in a folder, or a run by its weights."""
    from kbert.checkpoints import open_checkpoint
    from kbert.export.runtime import artefact_files, is_artefact

    if is_artefact(model):
        return {str(file): file.stat().st_size for file in artefact_files(model)}
    return {model: sum(weight.nbytes for weight in open_checkpoint(model).weights.values())}
