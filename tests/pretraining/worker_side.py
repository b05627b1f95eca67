"""One worker of several, in a process of its own: `worker_side.py HOSTS INDEX SHARDS RUN STEPS SAVE_EVERY [--resume]`.

HOSTS is `-` for a process that trains alone. Dropout is off: its masks are drawn by each worker for its own part.
"""

import sys
from pathlib import Path

from kbert.distributed import join_workers
from kbert.errors import InputError
from kbert.pretraining import PretrainSettings, TextSource, pretrain

SIZES = {"num_layers": 2, "hidden_dim": 16, "num_heads": 2, "intermediate_dim": 32, "max_sequence_length": 32}


def main() -> None:
    hosts, index, shards, run, steps, save_every, *flags = sys.argv[1:]
    alone = hosts == "-"
    worker = join_workers(
        "none" if alone else "multi-worker", None if alone else hosts.split(","), None if alone else int(index)
    )
    settings = PretrainSettings(
        steps=int(steps), batch_size=8, learning_rate=3e-3, max_predictions=3, log_every=1, save_every=int(save_every)
    )
    sizes = {**SIZES, "dropout": 0.0, "attention_dropout": 0.0}
    try:
        pretrain(
            "preset:tiny",
            TextSource(shards=shards),
            Path(run),
            settings,
            sizes=sizes,
            worker=worker,
            resume="--resume" in flags,
        )
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
