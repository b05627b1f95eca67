"""One worker of several, in a process of its own; prints a hash of the weights that it ends with.

HOSTS is `-` for a process that trains alone. Dropout is off: its masks are drawn by each worker for its own part.
"""

import argparse
import hashlib
import os
import signal
import sys
from pathlib import Path

from kbert.checkpoints import extract_weights
from kbert.distributed import find_worker
from kbert.errors import InputError
from kbert.pretraining import PretrainSettings, TextSource, pretrain
from kbert.pretraining.loop import PretrainingLoop

SIZES = {"num_layers": 1, "hidden_dim": 16, "num_heads": 2, "intermediate_dim": 32, "max_sequence_length": 32}
SETTINGS = PretrainSettings(
    steps=6, batch_size=8, learning_rate=3e-3, max_predictions=3, log_every=1, save_every=2, evaluate_every=2
)


def observe(killed_in_step: int | None) -> None:
    """Makes the loop print its weights at the end, or kill its process in a step."""
    run, train_step = PretrainingLoop.run, PretrainingLoop._train_step

    def run_and_print(self, *arguments):
        run(self, *arguments)
        digest = hashlib.sha256()
        for weight in extract_weights(self.model.named_variables()).values():
            digest.update(weight.tobytes())
        print(digest.hexdigest(), flush=True)

    def step(self, *arguments):
        if self.step + 1 == killed_in_step:
            os.kill(os.getpid(), signal.SIGKILL)
        return train_step(self, *arguments)

    PretrainingLoop.run, PretrainingLoop._train_step = run_and_print, step


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("hosts", "index", "shards", "validation", "run"):
        parser.add_argument(name)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--killed-in-step", type=int)
    given = parser.parse_args()
    observe(given.killed_in_step)
    alone = given.hosts == "-"
    try:
        pretrain(
            "preset:tiny",
            TextSource(shards=given.shards),
            Path(given.run),
            SETTINGS,
            validation=[given.validation],
            sizes={**SIZES, "dropout": 0.0, "attention_dropout": 0.0},
            worker=find_worker() if alone else find_worker("multi-worker", given.hosts.split(","), int(given.index)),
            resume=given.resume,
        )
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
