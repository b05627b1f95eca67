"""`kbert evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kbert.cli.options import data_options, task_option

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames
    from kbert.evaluation import Evaluation


@click.command()
@click.argument("model")
@click.option("--data", required=True, help="Labelled data as the task takes it; or raw text.")
@task_option
@data_options
@click.option("--details", is_flag=True, help="Tell of every class, of confusions and of calibration too.")
@click.option("--worst", default=0, show_default=True, help="Show so many of the most wrong and the slowest examples.")
@click.option("--confusion", help="Draw the confusion matrix to this .png file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    model: str,
    data: str,
    task: str | None,
    columns: "ColumnNames",
    details: bool,
    worst: int,
    confusion: str | None,
    as_json: bool,
) -> None:
    """Score MODEL, a run or an exported file, on labelled data of its task.

    A masked language model, as pretraining leaves it, is scored on raw text.
    """
    from kbert.evaluation import evaluate
    from kbert.models import is_masked_language_model, open_model
    from kbert.prediction import truncation_note

    if confusion is not None:
        _check_picture(confusion)
    # The model first: whether the file fits depends on what the model is.
    opened = open_model(model, task)
    if is_masked_language_model(opened):
        from kbert.pretraining.evaluation import evaluate_pretrainer

        _print(evaluate_pretrainer(opened, [data]), as_json)
        return
    examples = opened.problem.read(data, columns)
    for line in getattr(examples, "warnings", ()):
        click.echo(f"warning: {line}", err=True)
    evaluation = evaluate(opened, examples, report=details or confusion is not None, worst=worst)
    if worst:
        evaluation = _with_slowest(evaluation, model, opened, examples.inputs, worst)
    if note := truncation_note(opened, examples.inputs):
        click.echo(f"note: {note}", err=True)
    if confusion is not None:
        _draw(evaluation, confusion)
    _print(evaluation, as_json)


def _print(evaluation: "Evaluation", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(evaluation.to_dict(), ensure_ascii=False))
        return
    width = max(10, *map(len, evaluation.metrics))
    for name, value in evaluation.metrics.items():
        click.echo(f"{name:{width}s} {value:.4f}")
    if evaluation.report is not None:
        from kbert.cli.screen import output_console
        from kbert.evaluation_report import report_tables

        for part in report_tables(evaluation.report):
            output_console().print(part)
    click.echo(f"{evaluation.examples} examples", err=True)


def _with_slowest(evaluation: "Evaluation", reference: str, opened: Any, inputs: list[Any], count: int) -> "Evaluation":
    from kbert.evaluation import with_slowest
    from kbert.export.full_model import FullModel
    from kbert.export.runtime import default_threads, is_artefact

    runner = opened if is_artefact(reference) else FullModel(reference, num_threads=default_threads(), model=opened)
    return with_slowest(evaluation, runner, inputs, count)


def _check_picture(path: str) -> None:
    """What drawing would show after minutes of work must show before them."""
    from kbert.extras import require
    from kbert.files import check_output_file

    require("matplotlib", extra="report")
    check_output_file(path, overwrite=True)


def _draw(evaluation: "Evaluation", path: str) -> None:
    from kbert.errors import InputError
    from kbert.evaluation_report import draw_confusion

    if evaluation.report is None or evaluation.report.confusion is None:
        raise InputError(f"--confusion needs a task with one label for each example, this one is {evaluation.task}")
    draw_confusion(evaluation.report.confusion, Path(path))
