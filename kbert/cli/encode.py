"""`kbert encode`."""

from pathlib import Path

import click

from kbert.cli.options import overwrite_option, reference_help


@click.command()
@click.argument("checkpoint")
@click.argument("texts", nargs=-1, required=True)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "npz"]),
    default="table",
    show_default=True,
    help="A table for the eye, one JSON object a line, or NumPy arrays.",
)
@click.option("--output", help="File to write; needed for npz.")
@click.option("--max-length", type=int, help="Tokens a text is cut to.  [default: what the checkpoint takes]")
@click.option("--vocab", "vocabulary", help="Vocabulary, for a preset, which has none of its own.")
@overwrite_option
def command(
    checkpoint: str,
    texts: tuple[str, ...],
    format_: str,
    output: str | None,
    max_length: int | None,
    vocabulary: str | None,
    overwrite: bool,
) -> None:
    """Print tokens, ids and hidden states that CHECKPOINT gives TEXTS."""
    if format_ == "npz" and output is None:
        raise click.UsageError("--format npz needs --output FILE")
    if output is not None:
        from kbert.files import check_output_file

        check_output_file(output, overwrite=overwrite)
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.cli import encoded_texts
    from kbert.encode import TextEncoder

    encoded = TextEncoder(checkpoint, vocabulary=vocabulary).encode(texts, max_length=max_length)
    if format_ == "npz":
        assert output is not None
        encoded_texts.write_npz(Path(output), encoded)
    elif output is not None:
        encoded_texts.write_text(Path(output), encoded_texts.to_text(encoded, format_))
    else:
        click.echo(encoded_texts.to_text(encoded, format_))


command.help = f"{command.help}\n\nCHECKPOINT is {reference_help}."
