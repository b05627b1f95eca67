"""`kbert finetune`."""

import sys
from typing import TYPE_CHECKING, Any

import click

from kbert.cli.fine_tuning_options import fine_tuning_options, read_fine_tuning_options
from kbert.cli.options import (
    batch_size_option,
    clip_norm_option,
    command_line,
    data_options,
    gradient_accumulation_option,
    labels_option,
    metric_option,
    overwrite_option,
    patience_option,
    precision_option,
    read_list,
    reference_help,
    resume_option,
    seed_option,
    tensorboard_option,
    warmup_option,
    weight_decay_option,
)
from kbert.task_names import TASKS

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames


@click.command()
@click.option(
    "--task",
    type=click.Choice(TASKS),
    default="text-classification",
    show_default=True,
    help="What to learn.",
)
@click.option("--checkpoint", required=True, help=f"Where to start from: {reference_help}.")
@click.option("--train", "train_file", required=True, help="Labelled texts: .tsv, .csv (with a header) or .jsonl.")
@click.option("--validation", "validation_file", help="Labelled texts that choose the best epoch.")
@click.option("--output", required=True, help="The run directory to write.")
@data_options
@labels_option
@click.option("--new-head", is_flag=True, help="Ignore the classification head that the checkpoint has.")
@click.option("--vocab", "vocabulary", help="Vocabulary, for a checkpoint without one, such as a preset.")
@click.option("--epochs", default=3, show_default=True, help="Times that all texts are seen.")
@click.option("--learning-rate", default=5e-5, show_default=True, help="The highest one, at the end of the warm-up.")
@batch_size_option
@click.option("--max-length", type=int, help="Tokens a text is cut to.  [default: 128; question-answering 384]")
@warmup_option
@weight_decay_option
@clip_norm_option
@click.option("--dropout", type=float, help="Share of activations dropped.  [default: the checkpoint's]")
@gradient_accumulation_option
@metric_option
@patience_option
@precision_option
@seed_option
@click.option(
    "--compact-vocabulary/--whole-vocabulary",
    default=True,
    show_default=True,
    help="Train only the embedding rows that the data touches: the same result, faster.",
)
@click.option(
    "--probe-head/--random-head",
    default=True,
    show_default=True,
    help="Fit a new head to the frozen encoder before training, or start it from random weights.",
)
@fine_tuning_options
@tensorboard_option
@click.option(
    "--search", "trials", type=int, help="Try so many settings and keep the best run; --validation judges them."
)
@resume_option
@overwrite_option
def command(
    task: str,
    checkpoint: str,
    train_file: str,
    validation_file: str | None,
    output: str,
    columns: "ColumnNames",
    labels: str | None,
    vocabulary: str | None,
    new_head: bool,
    tensorboard: str | None,
    trials: int | None,
    resume: bool,
    overwrite: bool,
    **settings: Any,
) -> None:
    """Fine-tune a checkpoint for a task on labelled data.

    Ctrl-C stops after the step in hand and keeps the best and the last state; --resume goes on from there.

    \b
    kbert finetune --checkpoint hf:google-bert/bert-base-uncased --train train.csv --validation dev.csv --output run
    """
    from kbert.problems.kinds import problem_class

    problem = problem_class(task)
    train = problem.read(train_file, columns)
    validation = None if validation_file is None else problem.read(validation_file, columns)
    for data in (train, validation):
        for line in getattr(data, "warnings", ()):
            click.echo(f"warning: {line}", err=True)
    click.echo(f"{train.path}: {train.describe()}", err=True)

    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.training import FinetuneSettings, finetune

    chosen = FinetuneSettings(**read_fine_tuning_options(settings))
    options: dict[str, Any] = {
        "task": task,
        "validation": validation,
        "labels": read_list(labels),
        "vocabulary": vocabulary,
        "new_head": new_head,
        "overwrite": overwrite,
        "show_progress": True,
        "command": command_line(),
    }
    if trials is not None:
        from kbert.cli.screen import output_console
        from kbert.fine_tuning.search_finetune import search_finetune
        from kbert.fine_tuning.search_report import settings_table

        found = search_finetune(
            checkpoint, train, output, chosen, trials, say=lambda line: click.echo(line, err=True), **options
        )
        output_console().print(settings_table(found))
        click.echo(f"{output}: {found.metric} {found.best.score:.4f}, trial {found.best.number} of {output}.search")
        return
    result = finetune(checkpoint, train, output, chosen, resume=resume, tensorboard=tensorboard, **options)
    if result.truncated:
        click.echo(f"{result.truncated} texts were longer than {result.max_length} tokens and were cut", err=True)
    if result.interrupted:
        click.echo(
            f"stopped; {result.run} holds the best state so far. Go on with the same command and --resume", err=True
        )
        sys.exit(130)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result.metrics.items())
    click.echo(f"{result.run}: {scores} ({result.sentences_per_second:.0f} sentences a second)")
