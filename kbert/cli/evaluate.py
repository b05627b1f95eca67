"""`kbert evaluate`."""

import json
from typing import TYPE_CHECKING

import click

from kbert.cli.options import data_options, task_option

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command()
@click.argument("model")
@click.option("--data", required=True, help="Labelled data as the task takes it; or raw text.")
@task_option
@data_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, data: str, task: str | None, columns: "ColumnNames", as_json: bool) -> None:
    """Score MODEL, a run or an exported file, on labelled data of its task.

    A masked language model, as pretraining leaves it, is scored on raw text.
    """
    from kbert.evaluation import evaluate
    from kbert.models import is_masked_language_model, open_model
    from kbert.prediction import truncation_note

    # The model first: whether the file fits depends on what the model is.
    opened = open_model(model, task)
    if is_masked_language_model(opened):
        from kbert.pretraining.evaluation import evaluate_pretrainer

        evaluation = evaluate_pretrainer(opened, [data])
    else:
        examples = opened.problem.read(data, columns)
        evaluation = evaluate(opened, examples)
        if note := truncation_note(opened, examples.inputs):
            click.echo(f"note: {note}", err=True)
    if as_json:
        click.echo(json.dumps(evaluation.to_dict()))
        return
    width = max(10, *map(len, evaluation.metrics))
    for name, value in evaluation.metrics.items():
        click.echo(f"{name:{width}s} {value:.4f}")
    click.echo(f"{evaluation.examples} texts", err=True)
