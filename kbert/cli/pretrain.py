"""`kbert pretrain`."""

import sys

import click

from kbert.cli.options import (
    clip_norm_option,
    command_line,
    gradient_accumulation_option,
    overwrite_option,
    precision_option,
    reference_help,
    seed_option,
    tensorboard_option,
    weight_decay_option,
)
from kbert.cli.text_inputs import TextCommand, case_option, documents_option, sentence_objective_option


@click.command(cls=TextCommand)
@click.option("--corpus", multiple=True, metavar="TEXT", help="Files and folders of text. More may follow it.")
@click.option("--shards", help="What kbert prepare wrote, in place of --corpus.")
@click.option("--long-shards", help="Shards of the greater length, for --long-share.")
@click.option("--validation", multiple=True, metavar="TEXT", help="Held-out text. More may follow it.")
@click.option("--output", required=True, help="The run directory to write.")
@click.option("--vocab", "vocabulary", help="Vocabulary for a preset.  [default: that of the shards]")
@case_option
@click.option("--preset", help="Random weights of a named size: tiny, mini, small, medium, base, large.")
@click.option("--checkpoint", help=f"Weights to go on from: {reference_help}.")
@click.option("--num-layers", type=int, help="Layers, if other than the preset's.")
@click.option("--hidden-dim", type=int, help="Width of the encoder.")
@click.option("--num-heads", type=int, help="Attention heads.")
@click.option("--intermediate-dim", type=int, help="Width of the feed-forward layers.")
@click.option("--max-sequence-length", type=int, help="Rows of the position table.")
@click.option("--initializer-range", type=float, help="Standard deviation of random weights.")
@click.option(
    "--start",
    type=click.Choice(["random", "corpus"]),
    default="random",
    show_default=True,
    help="Random weights, or those that counts of the text give: a short run gets further.",
)
@click.option("--dropout", type=float, help="Share of activations dropped; 0 learns most in a short run.")
@click.option("--max-length", default=128, show_default=True, help="Tokens of a text from --corpus.")
@click.option("--long-max-length", default=512, show_default=True, help="Tokens of a text in the last steps.")
@click.option("--long-share", default=0.0, show_default=True, help="Share of the steps with long texts, at the end.")
@click.option("--long-batch-size", type=int, help="Texts in a batch then.  [default: as many tokens as before]")
@sentence_objective_option
@documents_option
@click.option("--processes", default=1, show_default=True, help="How many prepare --corpus at a time.")
@click.option("--steps", default=10_000, show_default=True, help="Updates of the weights.")
@click.option("--batch-size", default=64, show_default=True, help="Texts in a batch, over all workers.")
@gradient_accumulation_option
@click.option(
    "--optimizer",
    type=click.Choice(["adamw", "lamb"]),
    default="adamw",
    show_default=True,
    help="AdamW, or LAMB for batches of thousands.",
)
@click.option("--learning-rate", default=1e-4, show_default=True, help="The highest one, at the end of the warm-up.")
@click.option("--warmup", default=0.05, show_default=True, help="Share of the steps in which the learning rate rises.")
@click.option("--decay-power", default=1.0, show_default=True, help="How it falls: 1 is linear, else polynomial.")
@weight_decay_option
@clip_norm_option
@click.option("--mask-share", default=0.15, show_default=True, help="Share of the tokens that are predicted.")
@click.option("--max-predictions", default=20, show_default=True, help="Predicted tokens of a text at most.")
@click.option("--whole-words", is_flag=True, help="Mask all pieces of a word together.")
@click.option("--max-span", default=1, show_default=True, help="Mask up to so many neighbouring words together.")
@precision_option
@click.option("--jit-compile/--no-jit-compile", default=None, help="Compile with XLA.  [default: on one GPU]")
@click.option(
    "--distribution",
    type=click.Choice(["none", "mirrored", "multi-worker"]),
    default="none",
    show_default=True,
    help="One device, all GPUs of this machine, or all workers of TF_CONFIG or --worker-hosts.",
)
@click.option("--worker-hosts", help="HOST:PORT of every worker, separated by commas; the same on all.")
@click.option("--worker-index", type=int, help="Which of them this one is, from 0.")
@click.option("--log-every", default=50, show_default=True, help="Steps between lines of metrics.jsonl.")
@click.option("--evaluate-every", default=1000, show_default=True, help="Steps between evaluations.")
@click.option("--save-every", default=1000, show_default=True, help="Steps between saved states.")
@click.option("--keep", default=2, show_default=True, help="Saved states to keep, beside the best.")
@seed_option
@tensorboard_option
@click.option("--resume", is_flag=True, help="Go on with the unfinished run in --output.")
@overwrite_option
def command(
    corpus: tuple[str, ...],
    shards: str | None,
    long_shards: str | None,
    validation: tuple[str, ...],
    output: str,
    vocabulary: str | None,
    lowercase: bool | None,
    preset: str | None,
    checkpoint: str | None,
    max_length: int,
    long_max_length: int,
    sentence_objective: str,
    documents: str,
    processes: int,
    distribution: str,
    worker_hosts: str | None,
    worker_index: int | None,
    tensorboard: str | None,
    resume: bool,
    overwrite: bool,
    **options: object,
) -> None:
    """Pretrain a model on the raw text in TEXT, from a preset or from a checkpoint.

    Ctrl-C stops after the step in hand and keeps the state; --resume goes on from there.

    \b
    kbert pretrain --corpus books/*.txt --vocab vocab.txt --preset mini --output run
    """
    if (preset is None) == (checkpoint is None):
        raise click.UsageError("give --preset or --checkpoint, and not both")
    if not (corpus or shards) or (corpus and shards):
        raise click.UsageError("give --corpus or --shards, and not both")
    names = ["num_layers", "hidden_dim", "num_heads", "intermediate_dim", "max_sequence_length"]
    names += ["initializer_range", "dropout"]
    sizes = {name: value for name in names if (value := options.pop(name)) is not None}
    if "dropout" in sizes:
        sizes["attention_dropout"] = sizes["dropout"]

    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.distributed import find_worker
    from kbert.pretraining import PretrainSettings, TextSource, pretrain

    settings = PretrainSettings(**options)  # type: ignore[arg-type]
    source = TextSource(
        shards=shards,
        long_shards=long_shards,
        corpus=corpus,
        max_length=max_length,
        long_max_length=long_max_length,
        sentence_objective=sentence_objective,
        documents=documents,
        processes=processes,
    )
    hosts = None if worker_hosts is None else [host.strip() for host in worker_hosts.split(",")]
    try:
        result = pretrain(
            f"preset:{preset}" if preset else str(checkpoint),
            source,
            output,
            settings,
            validation=validation,
            vocabulary=vocabulary,
            lowercase=lowercase,
            sizes=sizes,
            worker=find_worker(distribution, hosts, worker_index),
            resume=resume,
            overwrite=overwrite,
            tensorboard=tensorboard,
            show_progress=True,
            command=command_line(),
        )
    except KeyboardInterrupt:
        click.echo("stopped; go on with the same command and --resume", err=True)
        sys.exit(130)
    if result.interrupted:
        click.echo(f"stopped after step {result.steps_done}; go on with the same command and --resume", err=True)
        sys.exit(130)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result.metrics.items())
    click.echo(f"{result.run}: {scores or 'done'} ({result.tokens_per_second:,.0f} tokens a second)")
