"""Tokens a second of masked language modelling, against keras-hub's `BertMaskedLM`, and of the input alone.

python benchmarks/pretraining_speed.py --shards DIR [--preset mini] [--batch-size 32] [--precision float32]
    [--steps 4] [--rounds 5] VARIANT [VARIANT …]

Shards are those of `kbert prepare --sentence-objective none`. All variants take the same batches of masked texts: same
length, same masked positions, random weights of the preset's sizes, AdamW, clipping. Each has a process of its own,
which waits while the others have their turns of --steps batches, read beforehand. Printed are the median and the best
of the rounds, each with its ratio to the first variant's. Variants:

  keras_hub      keras-hub's model, `fit`, XLA off
  keras_hub_xla  the same as keras-hub compiles by default
  kbert          the step of `kbert pretrain`, XLA off
  kbert_xla      the same with --jit-compile
  input          kbert's batches alone, trained on by nobody: two whole epochs from the first batch on, whatever --steps
                 says, with all reading, unzipping and shuffling, and with the start of the pipeline
"""

import argparse
import statistics
import subprocess
import sys
import time
from typing import Any

VARIANTS = ("keras_hub", "keras_hub_xla", "kbert", "kbert_xla", "input")


def take_turns(variant: str, arguments: argparse.Namespace) -> None:
    """For every line on standard input, trains on the same few batches and prints the tokens a second."""
    from kbert.data.masking import MaskingSettings
    from kbert.data.pretraining_batches import PretrainingBatches
    from kbert.data.shards import open_shards

    shards = open_shards(arguments.shards)
    source = PretrainingBatches(shards=shards, batch_size=arguments.batch_size, masking=MaskingSettings(), seed=0)
    if variant == "input":
        # A few batches would come out of a block of records that is unzipped and shuffled already.
        steps = 2 * source.batches_per_epoch
        batches, train = source.dataset().take(steps), _read
    else:
        steps = arguments.steps
        batches = source.dataset().take(steps).cache()
        train = (_kbert if variant.startswith("kbert") else _keras_hub)(variant, shards, arguments)
        train(batches)  # traces, compiles, fills the cache
    print("ready", flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        train(batches)
        seconds = time.perf_counter() - started
        print(steps * arguments.batch_size * shards.max_length / seconds, flush=True)


def _read(batches: Any) -> None:
    for _ in batches:
        pass


def _kbert(variant: str, shards: Any, arguments: argparse.Namespace) -> Any:
    from kbert.backbone import BertBackbone
    from kbert.config import preset_config
    from kbert.pretrainer import BertPretrainer
    from kbert.pretraining import PretrainSettings
    from kbert.pretraining.step import PretrainingStep

    config = preset_config(arguments.preset).replace(vocabulary_size=shards.tokenizer().vocabulary_size)
    model = BertPretrainer(BertBackbone(config, dtype=arguments.precision), next_sentence=False)
    settings = PretrainSettings(precision=arguments.precision, jit_compile=variant.endswith("xla"))
    step = PretrainingStep(model, settings)

    def train(batches: Any) -> None:
        for batch in batches:
            step([batch])

    return train


def _keras_hub(variant: str, shards: Any, arguments: argparse.Namespace) -> Any:
    import keras
    import keras_hub

    from kbert.config import preset_config

    config = preset_config(arguments.preset)
    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=shards.tokenizer().vocabulary_size,
        num_layers=config.num_layers,
        num_heads=config.num_heads,
        hidden_dim=config.hidden_dim,
        intermediate_dim=config.intermediate_dim,
        dropout=config.dropout,
        max_sequence_length=config.max_sequence_length,
        dtype=arguments.precision,
    )
    model = keras_hub.models.BertMaskedLM(backbone, preprocessor=None)
    model.compile(
        keras.optimizers.AdamW(1e-4, weight_decay=0.01, global_clipnorm=1.0),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile="auto" if variant.endswith("xla") else False,
    )

    def theirs(features: dict, labels: dict, weights: dict) -> tuple[dict, Any, Any]:
        return features, labels["mlm_logits"], weights["mlm_logits"]

    return lambda batches: keras.Model.fit(model, batches.map(theirs), verbose=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--preset", default="mini")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("variants", nargs="+", choices=VARIANTS)
    arguments = parser.parse_args()
    if arguments.one:
        take_turns(arguments.variants[0], arguments)
        return
    options = sys.argv[1 : -len(arguments.variants)]
    workers = {variant: _start(variant, options) for variant in arguments.variants}
    found: dict[str, list[float]] = {variant: [] for variant in arguments.variants}
    for _ in range(arguments.rounds):
        for variant, worker in workers.items():
            found[variant].append(float(_ask(variant, worker)))
    for worker in workers.values():
        worker.communicate()
    print(f"{arguments.preset}, {arguments.precision}, batches of {arguments.batch_size}, {arguments.rounds} rounds")
    first = found[arguments.variants[0]]
    for variant, values in found.items():
        columns = [(f(values), f(values) / f(first)) for f in (statistics.median, max)]
        print(f"{variant:14s}", "".join(f"{speed:9,.0f} tokens/s {ratio:5.2f}x" for speed, ratio in columns))


def _start(variant: str, options: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, *options, "--one", variant]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _answer(variant, worker)
    return worker


def _ask(variant: str, worker: "subprocess.Popen[str]") -> str:
    assert worker.stdin is not None
    worker.stdin.write("\n")
    worker.stdin.flush()
    return _answer(variant, worker)


def _answer(variant: str, worker: "subprocess.Popen[str]") -> str:
    assert worker.stdout is not None
    assert worker.stderr is not None
    line = worker.stdout.readline()
    if not line:
        sys.exit(f"{variant}: {worker.stderr.read().strip().splitlines()[-1]}")
    return line


if __name__ == "__main__":
    main()
