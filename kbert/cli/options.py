"""Options that several commands share."""

from pathlib import Path

import click

reference_help = "a folder, hf:ORG/NAME, package:NAME or preset:NAME"

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace what the output holds.")
labels_option = click.option("--labels", help="Labels in order: a file with one a line, or a comma-separated list.")
text_column_option = click.option("--text-column", help="Name of the text's column.  [default: text, or its synonyms]")
label_column_option = click.option(
    "--label-column", help="Name of the label's column.  [default: label, or its synonyms]"
)

# Of all training.
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
