"""Options that several commands share."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kbert.task_names import METRICS, TASKS

reference_help = "a folder, hf:ORG/NAME, package:NAME or preset:NAME"

resume_option = click.option("--resume", is_flag=True, help="Go on with the interrupted run in --output.")
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace what the output holds.")
labels_option = click.option("--labels", help="Labels in order: a file with one a line, or a comma-separated list.")
task_option = click.option(
    "--task",
    type=click.Choice(TASKS),
    help="What to take a checkpoint for; embedding needs no head.  [default: what its head is for]",
)
text_column_option = click.option("--text-column", help="Name of the text's column.  [default: text, or its synonyms]")
text_b_column_option = click.option("--text-b-column", help="Name of the column of a pair's second text.")
columns_option = click.option(
    "--columns", "names", help="Comma-separated names of the columns of a .tsv or .csv file without a header."
)
_DATA_OPTIONS = (
    text_column_option,
    text_b_column_option,
    click.option("--label-column", help="Name of the label's, or score's, column.  [default: label, or its synonyms]"),
    click.option("--separator", default=",", show_default=True, help="Between the labels of a field with several."),
    columns_option,
)


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say where in a file texts and labels are; the command gets them as `columns`."""

    @functools.wraps(command)
    def with_columns(
        *,
        text_column: str | None,
        text_b_column: str | None,
        label_column: str | None,
        separator: str,
        names: str | None,
        **others: Any,
    ) -> Any:
        from kbert.data.column_names import ColumnNames

        columns = ColumnNames(
            text=text_column,
            text_b=text_b_column,
            label=label_column,
            separator=separator,
            names=None if names is None else tuple(name.strip() for name in names.split(",")),
        )
        return command(columns=columns, **others)

    for option in reversed(_DATA_OPTIONS):
        with_columns = option(with_columns)
    return with_columns


# Of all training.
batch_size_option = click.option("--batch-size", default=32, show_default=True, help="Texts in a batch.")
warmup_option = click.option(
    "--warmup", default=0.1, show_default=True, help="Share of the steps in which the learning rate rises."
)
metric_option = click.option(
    "--metric",
    type=click.Choice(METRICS),
    help="What the best epoch is chosen by.  [default: the task's main metric]",
)
patience_option = click.option(
    "--patience", type=int, help="Stop after so many epochs without a better validation metric."
)
weight_decay_option = click.option(
    "--weight-decay", default=0.01, show_default=True, help="Not on biases and LayerNorm."
)
clip_norm_option = click.option(
    "--clip-norm", default=1.0, show_default=True, help="Bound on the norm of all gradients together."
)
gradient_accumulation_option = click.option(
    "--gradient-accumulation", default=1, show_default=True, help="Batches added up for one update."
)
precision_option = click.option(
    "--precision",
    type=click.Choice(["float32", "mixed_bfloat16", "mixed_float16"]),
    default="float32",
    show_default=True,
    help="Number format of the computation; weights stay float32.",
)
seed_option = click.option("--seed", default=0, show_default=True, help="Same seed, same run.")
tensorboard_option = click.option("--tensorboard", help="Folder for TensorBoard's event files.")


def read_list(value: str | None) -> list[str] | None:
    """The value of an option that takes a list: the lines of a file, or the parts between commas."""
    if value is None:
        return None
    if Path(value).is_file():
        from kbert.data.readers import read_text_file

        return [line.strip() for line in read_text_file(value).splitlines() if line.strip()]
    return [part.strip() for part in value.split(",")]


def command_line() -> str:
    """The command as the user gave it, for the record of what it makes."""
    line: str = click.get_current_context().obj
    return line
