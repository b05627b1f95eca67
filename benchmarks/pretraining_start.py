"""How far the same batches take models that start differently: random weights of two sizes, and counts of the text.

python benchmarks/pretraining_start.py --shards SHARDS [--preset tiny] [--steps 600] [--batch-size 16]
    [--learning-rate 1e-3] [--seed 0]

The shards are made with `--sentence-objective none`. Prints the mean training loss (nats) of every hundred steps.
"""

import argparse

import keras

from kbert.backbone import BertBackbone
from kbert.config import preset_config
from kbert.data.pretraining_batches import PretrainingBatches
from kbert.data.shards import open_shards
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import PretrainSettings
from kbert.pretraining.corpus_start import start_from_corpus
from kbert.pretraining.step import PretrainingStep

STARTS = {"random, 0.02": 0.02, "random, 0.06": 0.06, "corpus, 0.02": 0.02, "corpus, 0.06": 0.06}
SHOWN = 100  # steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--preset", default="tiny")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    shards = open_shards(arguments.shards)
    settings = PretrainSettings(
        steps=arguments.steps,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
    )
    steps, losses = {}, {}
    for name, initializer_range in STARTS.items():
        keras.utils.set_random_seed(arguments.seed)
        config = preset_config(arguments.preset).replace(
            vocabulary_size=len(shards.tokenizer().vocabulary),
            dropout=0.0,
            attention_dropout=0.0,
            initializer_range=initializer_range,
        )
        model = BertPretrainer(BertBackbone(config), shards.tokenizer(), next_sentence=False)
        if name.startswith("corpus"):
            start_from_corpus(model, shards)
        steps[name], losses[name] = PretrainingStep(model, settings), []
    batches = PretrainingBatches(
        shards=shards, batch_size=settings.batch_size, masking=settings.masking(), seed=settings.seed
    )
    for number, batch in enumerate(batches.read(count=settings.steps), 1):
        for name, step in steps.items():
            sums, _ = step([batch])
            losses[name].append(sums.mlm_loss_sum / sums.mlm_weight_sum)
        if number % SHOWN == 0:
            means = {name: sum(values[-SHOWN:]) / SHOWN for name, values in losses.items()}
            print(f"step {number}:", "; ".join(f"{name}: {mean:.3f}" for name, mean in means.items()), flush=True)


if __name__ == "__main__":
    main()
