"""`kbert predict`."""

import json

import click

from kbert.cli.options import text_column_option


@click.command()
@click.argument("model")
@click.argument("texts", nargs=-1)
@click.option("--input", "input_file", help="Texts: .tsv, .csv, .jsonl by column, any other file one a line.")
@text_column_option
@click.option("--top", type=int, help="For masked language models: so many tokens for each [MASK].  [default: 5]")
def command(
    model: str, texts: tuple[str, ...], input_file: str | None, text_column: str | None, top: int | None
) -> None:
    """Label TEXTS with MODEL, a run or an exported file; one JSON object a line.

    A masked language model, as pretraining leaves it, predicts the tokens behind every [MASK].
    """
    from kbert.data import read_texts

    if bool(texts) == bool(input_file):
        raise click.UsageError("give texts or --input FILE, and not both")
    given = list(texts) if texts else read_texts(str(input_file), text_column=text_column)

    from kbert.models import open_model
    from kbert.prediction import predictions, truncation_note

    opened = open_model(model)
    rows = predictions(opened, given, top=top)
    if note := truncation_note(opened, given):
        click.echo(f"note: {note}", err=True)
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))
