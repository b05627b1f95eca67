"""Tokens a second of masked language modelling, against keras-hub's `BertMaskedLM`, and of the input alone.

python benchmarks/pretraining_speed.py --shards DIR [--preset mini] [--batch-size 32] [--precision float32]
    [--steps 30] [--rounds 3] VARIANT [VARIANT …]

Shards are those of `kbert prepare --sentence-objective none`. All variants take the same batches of masked texts: same
length, same masked positions, random weights of the preset's sizes, AdamW, clipping. Each runs in a process of its own,
the variants taking turns; the last column is the speed over the first one's. Variants:

  keras_hub      keras-hub's model, `fit`, XLA off
  keras_hub_xla  the same as keras-hub compiles by default
  kbert          the step of `kbert pretrain`
  input          kbert's batches alone, trained on by nobody: two whole epochs from the first batch on, whatever --steps
                 says, with all reading, unzipping and shuffling, and with the start of the pipeline
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any

VARIANTS = ("keras_hub", "keras_hub_xla", "kbert", "input")
WARM_UP_STEPS = 3


def measure(variant: str, arguments: argparse.Namespace) -> float:
    """Trains for so many steps after a warm-up, or reads two epochs: tokens a second."""
    from kbert.data.masking import MaskingSettings
    from kbert.data.pretraining_batches import PretrainingBatches
    from kbert.data.shards import open_shards

    shards = open_shards(arguments.shards)
    source = PretrainingBatches(shards=shards, batch_size=arguments.batch_size, masking=MaskingSettings(), seed=0)
    steps = 2 * source.batches_per_epoch if variant == "input" else arguments.steps
    tokens = steps * arguments.batch_size * shards.max_length
    if variant == "input":
        # A few batches would come out of a block of records that is unzipped and shuffled already.
        started = time.perf_counter()
        for _ in source.read(count=steps):
            pass
        return tokens / (time.perf_counter() - started)
    train = (_kbert if variant == "kbert" else _keras_hub)(variant, shards, arguments)
    train(source.dataset().take(WARM_UP_STEPS))
    started = time.perf_counter()
    train(source.dataset(WARM_UP_STEPS).take(arguments.steps))
    return tokens / (time.perf_counter() - started)


def _kbert(variant: str, shards: Any, arguments: argparse.Namespace) -> Any:
    from kbert.backbone import BertBackbone
    from kbert.config import preset_config
    from kbert.pretrainer import BertPretrainer
    from kbert.pretraining import PretrainSettings
    from kbert.pretraining.step import PretrainingStep

    config = preset_config(arguments.preset).replace(vocabulary_size=shards.tokenizer().vocabulary_size)
    model = BertPretrainer(BertBackbone(config, dtype=arguments.precision), next_sentence=False)
    step = PretrainingStep(model, PretrainSettings(precision=arguments.precision))

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
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("variants", nargs="+", choices=VARIANTS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.variants[0], arguments)))
        return
    found: dict[str, list[float]] = {variant: [] for variant in arguments.variants}
    options = sys.argv[1 : -len(arguments.variants)]
    for _ in range(arguments.rounds):
        for variant in arguments.variants:
            done = subprocess.run(
                [sys.executable, __file__, *options, "--one", variant], capture_output=True, text=True
            )
            if done.returncode:
                sys.exit(f"{variant}: {done.stderr.strip().splitlines()[-1]}")
            found[variant].append(json.loads(done.stdout.strip().splitlines()[-1]))
    medians = {variant: statistics.median(values) for variant, values in found.items()}
    print(f"{arguments.preset}, {arguments.precision}, batches of {arguments.batch_size}, {arguments.rounds} rounds")
    for variant, median in medians.items():
        print(f"{variant:14s} {median:9,.0f} tokens/s  {median / medians[arguments.variants[0]]:5.2f}x")


if __name__ == "__main__":
    main()
