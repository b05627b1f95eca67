"""`kbert trim`."""

import sys

import click

from kbert.cli.options import command_line, overwrite_option, reference_help
from kbert.cli.text_inputs import TextCommand


@click.command(cls=TextCommand)
@click.argument("checkpoint")
@click.option(
    "--corpus",
    required=True,
    multiple=True,
    metavar="TEXT",
    help="Files and folders of text: .txt, .jsonl with a field text, either with .gz; files of .tsv and .csv. More may "
    "follow it.",
)
@click.option("--output", required=True, help="The folder to write.")
@click.option("--min-count", default=1, show_default=True, help="Tokens that TEXT uses more rarely go.")
@click.option("--keep", help="File of tokens to keep besides, one a line.")
@click.option(
    "--text-column",
    "text_columns",
    multiple=True,
    help="Column of .tsv, .csv and .jsonl files to read. More may follow it.  [default: text, or its synonyms]",
)
@overwrite_option
def command(
    checkpoint: str,
    corpus: tuple[str, ...],
    output: str,
    min_count: int,
    keep: str | None,
    text_columns: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Keep only those tokens of CHECKPOINT's vocabulary that TEXT uses, and their rows of the token table.

    A text whose tokens were all kept gets the same output as before, whatever the checkpoint is for. Special tokens and
    single characters always stay.

    \b
    kbert trim run --corpus texts/*.txt --output smaller
    """
    from kbert.quiet import load_tensorflow
    from kbert.tokenizer import read_vocabulary

    tokens = [token for token in read_vocabulary(keep) if token] if keep else []
    load_tensorflow()
    from kbert.trim import trim_vocabulary

    result = trim_vocabulary(
        checkpoint,
        corpus,
        output,
        min_count=min_count,
        keep=tokens,
        text_columns=text_columns,
        overwrite=overwrite,
        show_progress=sys.stderr.isatty(),
        command=command_line(),
    )
    if result.tokens_after == result.tokens_before:
        click.echo("note: every token of the vocabulary is used or always kept: nothing was left out", err=True)
    click.echo(
        f"{output}: {result.tokens_after:,} of {result.tokens_before:,} tokens kept; token table "
        f"{result.table_mb_after:,.1f} of {result.table_mb_before:,.1f} MB in float32"
    )
    click.echo(
        f"corpus: {result.corpus_tokens:,} tokens in {result.corpus_texts:,} texts; of the tokens "
        f"{result.changed_tokens_percent:.2f} % change, of the texts {result.changed_texts_percent:.2f} %"
    )


command.help = f"{command.help}\n\nCHECKPOINT is {reference_help}."
