"""`kbert vocab`."""

import dataclasses
import json
import sys

import click

from kbert.cli.options import read_list
from kbert.cli.text_inputs import TextCommand, input_option


@click.command(cls=TextCommand)
@input_option
@click.option("--size", default=8000, show_default=True, help="Tokens of the vocabulary.")
@click.option("--output", required=True, help="The file to write, such as vocab.txt.")
@click.option("--cased", is_flag=True, help="Keep case and accents; without it both go.")
@click.option("--min-frequency", default=2, show_default=True, help="How often two pieces must meet to become one.")
@click.option("--reserved", help="Tokens behind the special ones: a file with one a line, or a comma-separated list.")
@click.option(
    "--coverage",
    default=1.0,
    show_default=True,
    help="Share of the text's characters that stay spellable; the rarest may go.",
)
@click.option("--held-out", multiple=True, metavar="TEXT", help="Text to try the vocabulary on. More may follow it.")
@click.option("--overwrite", is_flag=True, help="Replace the output file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    text: tuple[str, ...],
    size: int,
    output: str,
    cased: bool,
    min_frequency: int,
    reserved: str | None,
    coverage: float,
    held_out: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
) -> None:
    """Train a WordPiece vocabulary on TEXT.

    The same text gives the same vocabulary. Words are spelled with the characters seen: none of them becomes [UNK].

    \b
    kbert vocab --input books/*.txt --size 8000 --output vocab.txt
    """
    from kbert.data.corpus import corpus_files, corpus_sentences
    from kbert.errors import InputError
    from kbert.files import check_output_file
    from kbert.tokenizer import BertTokenizer
    from kbert.vocabulary import train_vocabulary, vocabulary_report, write_vocabulary

    check_output_file(output, overwrite=overwrite)
    held_out_files = corpus_files(held_out)
    names = ", ".join(held_out)
    # Read now: training takes long, and what cannot be read, or says nothing, is told before.
    if held_out and not sum(1 for _ in corpus_sentences(held_out_files)):
        raise InputError(f"{names}: expected text to try the vocabulary on, found no sentence. Give other files")
    tokens = train_vocabulary(
        text,
        size=size,
        lowercase=not cased,
        min_frequency=min_frequency,
        reserved=read_list(reserved) or [],
        coverage=coverage,
        # The library's progress bars leave empty lines on stdout.
        show_progress=sys.stdout.isatty() and sys.stderr.isatty(),
    )
    write_vocabulary(output, tokens)
    report = None
    if held_out_files:
        report = vocabulary_report(BertTokenizer(tokens, lowercase=not cased), corpus_sentences(held_out_files))
    if cased and BertTokenizer.from_vocabulary(output).lowercase:
        click.echo("no token has a capital letter: tell the commands that take this vocabulary --cased", err=True)
    if as_json:
        found = {"vocabulary": output, "size": len(tokens), "lowercase": not cased}
        click.echo(json.dumps({**found, "held_out": report and {"files": held_out, **dataclasses.asdict(report)}}))
        return
    line = f"{output}: {len(tokens)} tokens, {'cased' if cased else 'uncased'}"
    if len(tokens) < size:
        line += f" (no more pairs occur {min_frequency} times)"
    if report:
        line += f"; {names}: {report.tokens_per_word:.3f} tokens a word, {report.unknown_percent:.2f} % [UNK]"
    click.echo(line)
