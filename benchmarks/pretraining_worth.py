"""What pretraining is worth: a run fine-tuned on labelled texts, and the same architecture from random weights.

python benchmarks/pretraining_worth.py RUN --train F --validation F --test F [--epochs 3] [--learning-rate 1e-4 3e-4 …]
    [--dropout 0.1] [--seed 0] --output DIR

Both have the run's sizes and vocabulary, and are fine-tuned with the same settings and seed, at every learning rate
given: the best for one need not be the best for the other. Random weights are of the paper's size, whatever the run
began with.
"""

import argparse
import dataclasses
from pathlib import Path

import keras

from kbert.checkpoints import load_backbone, open_checkpoint
from kbert.data import read_labelled_texts
from kbert.evaluation import evaluate
from kbert.tasks import TextClassifier
from kbert.training import FinetuneSettings, finetune

PAPER_INITIALIZER_RANGE = 0.02  # arXiv:1810.04805; larger ones learn more slowly from labelled texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--train", required=True)
    parser.add_argument("--validation", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, nargs="+", default=[1e-4, 3e-4])
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    pretrained = open_checkpoint(arguments.run)
    keras.utils.set_random_seed(arguments.seed)
    config = pretrained.config.replace(initializer_range=PAPER_INITIALIZER_RANGE)
    random = load_backbone(dataclasses.replace(pretrained, config=config, weights={}, folder=None))
    starts = {"pretrained": arguments.run, "random": arguments.output / "random-weights"}
    random.save_checkpoint(starts["random"], tokenizer=pretrained.tokenizer(), overwrite=True)
    train, validation, test = map(read_labelled_texts, (arguments.train, arguments.validation, arguments.test))
    for name, start in starts.items():
        for rate in arguments.learning_rate:
            run = arguments.output / f"{name}-{rate:g}"
            settings = FinetuneSettings(
                epochs=arguments.epochs, learning_rate=rate, dropout=arguments.dropout, seed=arguments.seed
            )
            result = finetune(start, train, run, settings, validation=validation, overwrite=True, show_progress=True)
            score = evaluate(TextClassifier.from_checkpoint(run), test)
            print(f"{name}, {rate:g}: validation {result.metrics}, test {score.to_dict()['metrics']}", flush=True)


if __name__ == "__main__":
    main()
