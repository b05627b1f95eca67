"""`kbert compress`."""

from typing import TYPE_CHECKING, Any

import click

from kbert.cli.options import batch_size_option, command_line, data_options, overwrite_option, seed_option

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command()
@click.argument("run")
@click.option("--train", "train_file", required=True, help="Labelled data for the students, as RUN was fine-tuned on.")
@click.option("--validation", "validation_file", required=True, help="Held-out labelled data to prove every file on.")
@click.option("--target-mb", type=float, help="How large the file may be, in MB.")
@click.option("--target-ms", type=float, help="How long a text may take, in mean milliseconds.")
@click.option("--max-drop", default=1.0, show_default=True, help="Points of the main metric that may be lost.")
@click.option("--output", required=True, help="The export directory to write.")
@data_options
@click.option("--epochs", default=10, show_default=True, help="Times that a student sees all texts.")
@click.option("--learning-rate", default=1e-4, show_default=True, help="The highest one, of a student.")
@batch_size_option
@seed_option
@overwrite_option
def command(
    run: str,
    train_file: str,
    validation_file: str,
    target_mb: float | None,
    target_ms: float | None,
    max_drop: float,
    output: str,
    columns: "ColumnNames",
    overwrite: bool,
    **settings: Any,
) -> None:
    """Make a TFLite file of RUN that fits a budget, by the cheapest steps that reach it.

    A trimmed vocabulary, 8 and 4 bits, narrower feed-forwards, fewer layers: every file is held against RUN on
    --validation. What was made stays in OUTPUT.ladder; the same command goes on where Ctrl-C ended it. Exit code 3: no
    step reaches the budget, and nothing was put in place.

    \b
    kbert compress run --train train.csv --validation dev.csv --target-mb 6 --max-drop 1 --output small
    """
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint
    from kbert.cli.screen import output_console
    from kbert.compression import LadderError, compress
    from kbert.compression.table import ladder_table
    from kbert.distillation import DistillSettings
    from kbert.problems.kinds import problem_class

    problem = problem_class(open_checkpoint(run).task or "text-classification")
    try:
        result = compress(
            run,
            problem.read(train_file, columns),
            problem.read(validation_file, columns),
            output,
            max_drop=max_drop,
            target_mb=target_mb,
            target_ms=target_ms,
            settings=DistillSettings(**settings),
            overwrite=overwrite,
            show_progress=True,
            say=lambda line: click.echo(line, err=True),
            command=command_line(),
        )
    except LadderError as error:
        output_console().print(ladder_table(error.rungs, error.report.chosen, metric=problem.metrics[0]))
        raise
    output_console().print(ladder_table(result.rungs, result.chosen, metric=result.metric))
    rung = result.rungs[result.chosen]
    click.echo(
        f"{output}: {rung.name}, {rung.parameters / 1e6:.2f} million weights, {rung.size_bytes / 1e6:.2f} MB, "
        f"{rung.latency_ms:.2f} ms, {result.metric} {rung.metric:.2%} of {result.full:.2%}"
    )
