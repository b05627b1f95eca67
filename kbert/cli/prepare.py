"""`kbert prepare`."""

import shlex
import sys

import click

from kbert.cli.options import command_line, overwrite_option
from kbert.cli.text_inputs import TextCommand, case_option, documents_option, input_option, sentence_objective_option


@click.command(cls=TextCommand)
@input_option
@click.option("--vocab", "vocabulary", required=True, help="Vocabulary, one token a line.")
@case_option
@click.option("--output", required=True, help="The folder of shards to write.")
@click.option("--max-length", default=128, show_default=True, help="Tokens of a training example.")
@sentence_objective_option
@documents_option
@click.option("--processes", default=1, show_default=True, help="How many work at a time.")
@click.option("--shard-mb", default=8.0, show_default=True, help="Megabytes of text in a shard.")
@click.option("--beam", is_flag=True, help="Work on Apache Beam instead.")
@click.option("--beam-options", default="", help='Options of its pipeline, such as "--runner=FlinkRunner".')
@overwrite_option
def command(
    text: tuple[str, ...],
    vocabulary: str,
    lowercase: bool | None,
    output: str,
    max_length: int,
    sentence_objective: str,
    documents: str,
    processes: int,
    shard_mb: float,
    beam: bool,
    beam_options: str,
    overwrite: bool,
) -> None:
    """Turn TEXT into shards of token ids for pretraining.

    Ctrl-C keeps the finished shards; the same command goes on from there.

    \b
    kbert prepare --input books/*.txt --vocab vocab.txt --output shards --processes 4
    """
    from kbert.data.prepare import prepare_shards
    from kbert.tokenizer import BertTokenizer

    tokenizer = BertTokenizer.from_vocabulary(vocabulary, lowercase=lowercase)
    try:
        shards = prepare_shards(
            text,
            tokenizer,
            output,
            max_length=max_length,
            sentence_objective=sentence_objective,
            documents=documents,
            processes=processes,
            shard_mb=shard_mb,
            beam_options=shlex.split(beam_options) if beam or beam_options else None,
            overwrite=overwrite,
            show_progress=True,
            command=command_line(),
        )
    except KeyboardInterrupt:
        click.echo(f"stopped; {output} keeps the finished shards. Go on with the same command", err=True)
        sys.exit(130)
    totals = shards.totals
    counts = ", ".join(f"{totals[name]:,} {name}" for name in ("documents", "sentences", "tokens", "windows"))
    speed = f"{shards.mb_per_second:.1f} MB/s" if shards.mb_per_second else "finished before"
    click.echo(f"{output}: {counts} in {len(shards.shards)} shards ({speed})")
