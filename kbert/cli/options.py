"""Options that several commands share."""

from pathlib import Path

import click

reference_help = "a folder, hf:ORG/NAME, package:NAME or preset:NAME"

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace what the output folder holds.")
labels_option = click.option("--labels", help="Labels in order: a file with one a line, or a comma-separated list.")
text_column_option = click.option("--text-column", help="Name of the text's column.  [default: text, or its synonyms]")
label_column_option = click.option(
    "--label-column", help="Name of the label's column.  [default: label, or its synonyms]"
)


def read_labels(labels: str | None) -> list[str] | None:
    """The value of `--labels`: the lines of a file, or the parts of a list."""
    if labels is None:
        return None
    if Path(labels).is_file():
        from kbert.data.readers import read_text_file

        return [line.strip() for line in read_text_file(labels).splitlines() if line.strip()]
    return [label.strip() for label in labels.split(",")]
