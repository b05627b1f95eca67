"""`kbert prune`."""

import sys
from typing import TYPE_CHECKING, Any

import click

from kbert.cli.options import command_line, data_options, overwrite_option, resume_option, seed_option

if TYPE_CHECKING:
    from kbert.data.column_names import ColumnNames
    from kbert.pruning.prune import PruneResult


@click.command()
@click.argument("run")
@click.option("--data", "data_file", required=True, help="Labelled data, held out: choose what goes, and measure.")
@click.option("--keep-heads", default=1.0, show_default=True, help="Share of attention heads kept in every layer.")
@click.option("--keep-ffn", default=1.0, show_default=True, help="Share of feed-forward neurons kept in every layer.")
@click.option("--drop-layers", default=0, show_default=True, help="Number of layers to leave out.")
@click.option("--train", "train_file", help="Labelled data to fine-tune on afterwards, to win back what was lost.")
@click.option("--epochs", type=int, help="Times that --train is seen.  [default: 3]")
@click.option("--learning-rate", type=float, help="The highest one of the fine-tuning.  [default: 5e-5]")
@click.option("--batch-size", type=int, help="Examples in a batch of the fine-tuning.  [default: 32]")
@click.option("--output", required=True, help="The run directory to write.")
@data_options
@seed_option
@resume_option
@overwrite_option
def command(
    run: str,
    data_file: str,
    keep_heads: float,
    keep_ffn: float,
    drop_layers: int,
    train_file: str | None,
    output: str,
    columns: "ColumnNames",
    seed: int,
    resume: bool,
    overwrite: bool,
    **training: Any,
) -> None:
    """Take the least important heads, feed-forward neurons and layers out of RUN, a fine-tuned model.

    Ctrl-C stops the fine-tuning after the step in hand and keeps the best and the last state; --resume goes on from
    there.

    \b
    kbert prune run --data dev.csv --train train.csv --keep-heads 0.5 --keep-ffn 0.5 --output smaller
    """
    from kbert.errors import InputError

    given = {name: value for name, value in training.items() if value is not None}
    if given and train_file is None:
        raise InputError(f"--{next(iter(given)).replace('_', '-')} is of the fine-tuning afterwards. Add --train FILE")
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint
    from kbert.finetune_settings import FinetuneSettings
    from kbert.problems.kinds import problem_class
    from kbert.pruning.prune import prune_checkpoint, task_of

    checkpoint = open_checkpoint(run)
    problem = problem_class(task_of(checkpoint))
    data = problem.read(data_file, columns)
    train = None if train_file is None else problem.read(train_file, columns)
    for read in (data, train):
        for line in getattr(read, "warnings", ()):
            click.echo(f"warning: {line}", err=True)
    result = prune_checkpoint(
        checkpoint,
        output,
        data,
        keep_heads=keep_heads,
        keep_ffn=keep_ffn,
        drop_layers=drop_layers,
        train=train,
        settings=FinetuneSettings(seed=seed, **given),
        seed=seed,
        resume=resume,
        overwrite=overwrite,
        show_progress=True,
        say=lambda line: click.echo(line, err=True),
        command=command_line(),
    )
    _print(result)
    if result.interrupted:
        click.echo(f"stopped; {output} holds the best state so far. Go on with the same command and --resume", err=True)
        sys.exit(130)


def _print(result: "PruneResult") -> None:
    from rich.table import Table

    from kbert.cli.screen import output_console

    config = result.pruned.checkpoint.config
    table = Table()
    for name in ("", "layers", "heads", "neurons", "parameters", "MB", result.metric):
        table.add_column(name, justify="right" if name else "left")
    rows = [("before", result.config_before, result.parameters_before, result.size_mb_before, result.metrics_before)]
    smaller = (config, result.parameters_after, result.size_mb_after)
    rows.append(("pruned", *smaller, result.metrics_after))
    if result.metrics_recovered is not None:
        rows.append(("fine-tuned", *smaller, result.metrics_recovered))
    for name, sizes, parameters, size_mb, metrics in rows:
        counts = (sizes.num_layers, sizes.num_heads, sizes.intermediate_dim)
        numbers = (f"{parameters:,}", f"{size_mb:,.1f}", f"{metrics[result.metric]:.4f}")
        table.add_row(name, *map(str, counts), *numbers)
    output_console().print(table)
    click.echo(f"{result.run}: layers {', '.join(map(str, result.pruned.layers))} of RUN")
