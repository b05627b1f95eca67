"""Raw text as commands take it: `--input A B C`, or `--input A --input B`."""

import click

input_option = click.option(
    "--input",
    "first",
    required=True,
    multiple=True,
    metavar="TEXT",
    help="Files and folders of text: .txt, .jsonl with a field text, either with .gz. More may follow it.",
)
# An option of click takes one value: those that follow it, as a shell's wildcard gives them, arrive as arguments.
more_argument = click.argument("text", nargs=-1)
sentence_objective_option = click.option(
    "--sentence-objective",
    type=click.Choice(["nsp", "sop", "none"]),
    default="nsp",
    show_default=True,
    help="What is learnt about pairs: next sentence, order of sentences, or nothing.",
)
documents_option = click.option(
    "--documents",
    type=click.Choice(["blank-line", "file"]),
    default="blank-line",
    show_default=True,
    help="What ends a document in plain text. A line of .jsonl is always one.",
)
