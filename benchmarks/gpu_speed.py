"""Training on a GPU, or without one on the processor: speed and memory by precision, with XLA and without.

python benchmarks/gpu_speed.py --texts DATA/polarity/train.tsv --vocab VOCAB.txt [--preset base]
    [--batch-size 256] [--steps 20] [--precision mixed_bfloat16] [--xla] pretrain|finetune

`pretrain` is the step of `kbert pretrain`, with masked tokens and sentence pairs, on 128 tokens; `finetune` that of
`kbert finetune` on MiniLM's sizes, each batch as long as its longest text. Weights are random: that is as fast. One run
measures one setting, and prints what its steps took after five of warm-up, whose first one compiles.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kbert import BertBackbone, BertConfig, BertPretrainer, BertTokenizer, TextClassifier
from kbert.config import preset_config
from kbert.data import epoch_rows, make_batches, read_labelled_texts, tokenize
from kbert.data.prepare import prepare_shards
from kbert.data.pretraining_batches import PretrainingBatches
from kbert.data.shards import open_shards
from kbert.optimizer import make_optimizer
from kbert.pretraining import PretrainSettings
from kbert.pretraining.step import PretrainingStep

WARM_UP = 5
MINILM = BertConfig(hidden_dim=384, num_layers=6, num_heads=12, intermediate_dim=1536)
TEXTS_A_DOCUMENT = 12


def pretraining(arguments: argparse.Namespace, tokenizer: BertTokenizer) -> tuple[Callable[[Any], float], list[Any]]:
    """A step, which returns the loss, and its batches."""
    lines = read_labelled_texts(arguments.texts).texts
    documents = [lines[start : start + TEXTS_A_DOCUMENT] for start in range(0, len(lines), TEXTS_A_DOCUMENT)]
    with tempfile.TemporaryDirectory() as name:
        corpus, shards = Path(name) / "corpus.txt", Path(name) / "shards"
        corpus.write_text("\n\n".join("\n".join(texts) for texts in documents) + "\n", encoding="utf-8")
        prepare_shards([corpus], tokenizer, shards, max_length=128)
        source = PretrainingBatches(shards=open_shards(shards), batch_size=arguments.batch_size)
        batches = list(source.read(0, WARM_UP + arguments.steps))
    config = preset_config(arguments.preset).replace(vocabulary_size=tokenizer.vocabulary_size)
    model = BertPretrainer(BertBackbone(config, dtype=arguments.precision))
    settings = PretrainSettings(
        precision=arguments.precision, jit_compile=arguments.xla, steps=1000, batch_size=arguments.batch_size
    )
    train = PretrainingStep(model, settings)

    def step(batch: Any) -> float:
        sums, _ = train([batch])
        return sums.metrics()["loss"]

    return step, batches


def fine_tuning(arguments: argparse.Namespace, tokenizer: BertTokenizer) -> tuple[Callable[[Any], float], list[Any]]:
    """A step, which returns the loss, and its batches."""
    data = read_labelled_texts(arguments.texts)
    labels = data.label_set()
    tokens = tokenize(tokenizer, data.texts, data.label_ids(labels), max_length=128)
    model = TextClassifier(BertBackbone(MINILM, dtype=arguments.precision), labels, tokenizer, max_length=128)
    optimizer = make_optimizer(learning_rate=5e-5, total_steps=1000, warmup_steps=10)
    model.compile(optimizer, loss=model.default_loss(), jit_compile=arguments.xla)

    def step(batch: Any) -> float:
        return float(model.train_on_batch(*batch))

    epochs = (epoch_rows(tokens.lengths, arguments.batch_size, seed=0, epoch=epoch) for epoch in itertools.count())
    whole = (rows for rows in itertools.chain.from_iterable(epochs) if len(rows) == arguments.batch_size)
    return step, list(make_batches(tokens, list(itertools.islice(whole, WARM_UP + arguments.steps))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--vocab", required=True)
    parser.add_argument("--preset", default="base")
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--precision", default="mixed_bfloat16")
    parser.add_argument("--xla", action="store_true")
    parser.add_argument("work", choices=("pretrain", "finetune"))
    arguments = parser.parse_args()
    tokenizer = BertTokenizer.from_vocabulary(arguments.vocab)
    make = pretraining if arguments.work == "pretrain" else fine_tuning
    step, batches = make(arguments, tokenizer)

    started = time.perf_counter()
    losses = [step(batches[0])]
    first = time.perf_counter() - started
    losses += [step(batch) for batch in batches[1:WARM_UP]]
    seconds = []
    for batch in batches[WARM_UP:]:
        started = time.perf_counter()
        losses.append(step(batch))
        seconds.append(time.perf_counter() - started)
    speed = arguments.batch_size / statistics.mean(seconds)
    xla = "on" if arguments.xla else "off"
    print(f"{arguments.work}, {arguments.precision}, XLA {xla}, {arguments.batch_size} texts")
    print(f"first step {first:.1f} s, then {1e3 * statistics.median(seconds):.1f} ms; {speed:,.1f} texts a second")
    print(f"loss {losses[0]:.3f} to {losses[-1]:.3f}{_peak_memory()}")


def _peak_memory() -> str:
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        return "; no GPU"
    return f"; {tf.config.experimental.get_memory_info('GPU:0')['peak'] / 1e9:.1f} GB of the GPU's memory at most"


if __name__ == "__main__":
    main()
