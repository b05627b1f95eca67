"""`kbert average`."""

import click

from kbert.cli.options import command_line, label_column_option, overwrite_option, text_column_option


@click.command()
@click.argument("runs", nargs=-1, required=True)
@click.option("--output", required=True, help="The run directory to write.")
@click.option("--validation", "validation_file", help="Labelled texts: average only those runs that help there.")
@click.option(
    "--metric",
    type=click.Choice(["accuracy", "macro_f1"]),
    default="accuracy",
    show_default=True,
    help="What an average is judged by on --validation.",
)
@text_column_option
@label_column_option
@overwrite_option
def command(
    runs: tuple[str, ...],
    output: str,
    validation_file: str | None,
    metric: str,
    text_column: str | None,
    label_column: str | None,
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
        from kbert.data import read_labelled_texts
        from kbert.evaluation import evaluate_classifier
        from kbert.tasks import TextClassifier

        texts = read_labelled_texts(validation_file, text_column=text_column, label_column=label_column)

        def score(run: Path) -> float:
            return evaluate_classifier(TextClassifier.from_checkpoint(run), texts).metrics[metric]

    soup = average_checkpoints(runs, output, score=score, overwrite=overwrite, command=command_line())
    for run, value in zip(runs, soup.scores or (), strict=False):
        click.echo(f"{run}: {metric} {value:.4f}", err=True)
    members = ", ".join(map(str, soup.members))
    click.echo(f"{soup.run}: the average of {members}" + (f", {metric} {soup.score:.4f}" if soup.scores else ""))
