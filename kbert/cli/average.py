"""`kbert average`."""

from typing import TYPE_CHECKING

import click

from kbert.cli.options import command_line, data_options, overwrite_option
from kbert.task_names import METRICS

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--output", required=True, help="The run directory to write.")
@click.option("--validation", "validation_file", help="Labelled texts: average only those runs that help there.")
@click.option(
    "--metric",
    type=click.Choice(METRICS),
    help="What an average is judged by on --validation.  [default: the task's main metric]",
)
@data_options
@overwrite_option
def command(
    runs: tuple[str, ...],
    output: str,
    validation_file: str | None,
    metric: str | None,
    columns: "ColumnNames",
    overwrite: bool,
) -> None:
    """Average RUNS, fine-tuned from one checkpoint with several seeds or settings, into one run.

    \b
    kbert average run-1 run-2 run-3 --validation dev.csv --output averaged
    """
    from pathlib import Path

    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.fine_tuning.soup import average_checkpoints

    score = None
    if validation_file is not None:
        from kbert.evaluation import evaluate
        from kbert.models import open_model

        problem = open_model(runs[0]).problem
        examples = problem.read(validation_file, columns)
        metric = metric or problem.main_metric_of(examples)

        def score(run: Path) -> float:
            return evaluate(open_model(run), examples).metrics[metric]

    soup = average_checkpoints(runs, output, score=score, overwrite=overwrite, command=command_line())
    for run, value in zip(runs, soup.scores or (), strict=False):
        click.echo(f"{run}: {metric} {value:.4f}", err=True)
    members = ", ".join(map(str, soup.members))
    click.echo(f"{soup.run}: the average of {members}" + (f", {metric} {soup.score:.4f}" if soup.scores else ""))
