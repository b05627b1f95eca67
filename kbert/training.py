"""Fine-tuning: settings and data in, a run directory out."""

import dataclasses
import hashlib
import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.checkpoints import extract_weights, open_checkpoint
from kbert.compact_vocabulary import TOKEN_TABLE, CompactVocabulary
from kbert.data.batching import TokenizedTexts, epoch_rows, make_batches, sorted_rows, tokenize
from kbert.data.readers import LabelledTexts
from kbert.errors import InputError
from kbert.evaluation import MAIN_METRIC, classification_metrics
from kbert.extras import require
from kbert.files import check_output_directory, new_directory, publish
from kbert.optimizer import decay_without_gradient, make_optimizer
from kbert.progress import Interruption, StepCallback, TrainingProgress
from kbert.tasks.text_classifier import TextClassifier
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer
from kbert.training_state import FOLDER, Position, TrainingState

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuneSettings:
    """How to fine-tune. The defaults suit most data (arXiv:1810.04805, A.3).

    `warmup` is the share of all steps in which the learning rate rises. `patience` stops after so many epochs without a
    better validation metric. `gradient_accumulation` adds up so many batches before an update. `compact_vocabulary`
    trains only the rows of the token table that the data touches; the result is the same (see
    `kbert.compact_vocabulary`).

    Raises:
        InputError: a value is out of its range.
    """

    epochs: int = 3
    learning_rate: float = 5e-5
    batch_size: int = 32
    max_length: int = 128
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    gradient_accumulation: int = 1
    metric: str = MAIN_METRIC
    patience: int | None = None
    precision: str = "float32"
    seed: int = 0
    compact_vocabulary: bool = True

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "gradient_accumulation"):
            _require(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        _require(self.max_length >= 3, "max_length", self.max_length, "at least 3, for [CLS], a token and [SEP]")
        for name in ("learning_rate", "clip_norm"):
            _require(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        _require(0 <= self.warmup < 1, "warmup", self.warmup, "a share of the steps, at least 0 and below 1")
        _require(self.weight_decay >= 0, "weight_decay", self.weight_decay, "at least 0")
        _require(self.patience is None or self.patience >= 1, "patience", self.patience, "at least 1")
        _require(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")
        _require(self.seed >= 0, "seed", self.seed, "at least 0")
        metrics = ("accuracy", "macro_f1")
        _require(self.metric in metrics, "metric", self.metric, f"one of {', '.join(metrics)}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuneResult:
    """What a run came to. `metrics` are those of the best epoch on validation data, if there was any."""

    run: Path
    metrics: dict[str, float]
    best_epoch: int | None
    epochs_done: int
    interrupted: bool
    train_seconds: float
    sentences_per_second: float
    truncated: int


def finetune(
    reference: str | os.PathLike[str],
    train: LabelledTexts,
    output: str | os.PathLike[str],
    settings: FinetuneSettings | None = None,
    *,
    validation: LabelledTexts | None = None,
    labels: Sequence[str] | None = None,
    vocabulary: str | os.PathLike[str] | None = None,
    new_head: bool = False,
    resume: bool = False,
    overwrite: bool = False,
    tensorboard: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
    command: str | None = None,
) -> FinetuneResult:
    """Fine-tunes a text classifier and writes a run directory.

    Ctrl-C ends it after the step in hand: the best epoch so far becomes the run's checkpoint, and `resume` goes on from
    that step to the same weights as an uninterrupted run.

    Args:
        reference: the checkpoint to start from.
        train: labelled texts to learn from.
        output: the run directory.
        settings: how to train.
        validation: labelled texts that choose the best epoch; without them the last one is kept.
        labels: the label set, in order; by default the checkpoint's, or what `train` holds.
        vocabulary: a `vocab.txt` for a checkpoint without one, such as a preset; lower-cased unless it has capitals.
        new_head: ignore the classification head that the checkpoint has.
        resume: go on with the run in `output`.
        overwrite: replace what `output` holds.
        tensorboard: a folder for TensorBoard's event files.
        show_progress: draw a line of progress on stderr.
        command: what to note in `kbert.json` as the command of the run.

    Raises:
        InputError: the data, the checkpoint or the output folder cannot be used; says why.
    """
    settings = settings or FinetuneSettings()
    run = Path(output)
    if not resume:
        check_output_directory(run, overwrite=overwrite)
    if validation is not None and len(validation) < 2:
        raise InputError(
            f"{validation.path}: expected at least 2 rows to choose the best epoch by, got {len(validation)}"
        )
    keras.utils.set_random_seed(settings.seed)
    tokenizer = None if vocabulary is None else BertTokenizer.from_vocabulary(vocabulary)
    model = _load_model(reference, train, settings, labels, tokenizer, new_head)
    data = _Data.prepare(model, train, validation, settings)
    identity = {
        **dataclasses.asdict(settings),
        "checkpoint": os.fspath(reference),
        "labels": list(model.labels),
        "train": fingerprint(train),
        "validation": None if validation is None else fingerprint(validation),
    }
    if not resume:
        shutil.rmtree(run / FOLDER, ignore_errors=True)
    loop = _Loop(model, data, settings, TrainingState(run, identity), resume=resume)
    started = time.perf_counter()
    with (
        Interruption().watch() as interruption,
        TrainingProgress(loop.total_batches, loop.done_batches, show=show_progress) as progress,
    ):
        loop.run(progress, interruption, tensorboard)
    seconds = time.perf_counter() - started

    best = loop.position.history[loop.position.best_epoch] if loop.position.best_epoch is not None else {}
    facts = {
        "metrics": best,
        "settings": dataclasses.asdict(settings),
        "checkpoint": os.fspath(reference),
        "data": {"train": identity["train"], "validation": identity["validation"]},
        "history": loop.position.history,
        "versions": versions(),
        "command": command,
        "finished": not interruption.requested,
    }
    loop.load_best_into(model)
    with new_directory(run.parent / f".{run.name}-checkpoint", overwrite=True) as folder:
        model.write_checkpoint_files(folder, **facts)
    publish(run.parent / f".{run.name}-checkpoint", run, keep=FOLDER)
    if not interruption.requested:
        shutil.rmtree(run / FOLDER, ignore_errors=True)
    return FinetuneResult(
        run=run,
        metrics=best,
        best_epoch=loop.position.best_epoch,
        epochs_done=len(loop.position.history),
        interrupted=interruption.requested,
        train_seconds=seconds,
        sentences_per_second=loop.sentences_done / max(loop.step_seconds, 1e-9),
        truncated=data.train.truncated,
    )


def fingerprint(data: LabelledTexts) -> dict[str, Any]:
    """What tells two data sets apart: the file's name, its number of rows and a hash of texts and labels."""
    digest = hashlib.sha256()
    for text, label in zip(data.texts, data.labels, strict=True):
        digest.update(f"{len(text)}:{text}{len(label)}:{label}".encode())
    return {"file": Path(data.path).name, "rows": len(data), "sha256": digest.hexdigest()}


def versions() -> dict[str, str]:
    """The versions of what decides a result."""
    found = {"python": platform.python_version()}
    for name in ("kbert", "tensorflow", "keras", "tokenizers", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def _load_model(
    reference: str | os.PathLike[str],
    train: LabelledTexts,
    settings: FinetuneSettings,
    labels: Sequence[str] | None,
    tokenizer: BertTokenizer | None,
    new_head: bool,
) -> TextClassifier:
    checkpoint = open_checkpoint(reference)
    found = train.label_set()
    if labels is None:
        labels = checkpoint.labels if checkpoint.labels and not new_head else found
    if len(found) < 2:
        raise InputError(f"{train.path}: expected at least two labels to tell apart, every row has {found[0]!r}")
    unknown = [label for label in found if label not in labels]
    if unknown and checkpoint.labels and not new_head:
        raise InputError(
            f"{checkpoint.source}: its classification head knows {len(checkpoint.labels)} labels, and {unknown[0]!r} "
            f"in {train.path} is not among them. Add --new-head to learn the labels of the data"
        )
    if settings.max_length > checkpoint.config.max_sequence_length:
        raise InputError(
            f"max_length must be at most {checkpoint.config.max_sequence_length}, the rows of the position table of "
            f"{checkpoint.source}. Received: {settings.max_length}"
        )
    return TextClassifier.from_checkpoint(
        checkpoint,
        labels,
        new_head=new_head,
        tokenizer=tokenizer,
        max_length=settings.max_length,
        dtype=settings.precision,
    )


@dataclasses.dataclass(frozen=True)
class _Data:
    train: TokenizedTexts
    validation: TokenizedTexts | None
    compact: CompactVocabulary | None

    @classmethod
    def prepare(
        cls, model: TextClassifier, train: LabelledTexts, validation: LabelledTexts | None, settings: FinetuneSettings
    ) -> "_Data":
        tokenizer = model.known_tokenizer()

        def encode(data: LabelledTexts) -> TokenizedTexts:
            return tokenize(tokenizer, data.texts, data.label_ids(model.labels), max_length=settings.max_length)

        sets = [encode(data) for data in (train, validation) if data is not None]
        compact = None
        if settings.compact_vocabulary:
            special = [tokenizer.token_id(token) for token in SPECIAL_TOKENS]
            used = np.concatenate([special, *(texts.token_ids for texts in sets)]).astype("int64")
            table = extract_weights({TOKEN_TABLE: model.named_variables()[TOKEN_TABLE]})[TOKEN_TABLE]
            compact = CompactVocabulary(used, table)
            sets = [compact.translate(texts) for texts in sets]
        return cls(sets[0], sets[1] if len(sets) > 1 else None, compact)


class _Loop:
    """Epoch after epoch of Keras's `fit`, each on its own finite dataset, with the state saved in between."""

    def __init__(
        self, model: TextClassifier, data: _Data, settings: FinetuneSettings, state: TrainingState, *, resume: bool
    ) -> None:
        self.data = data
        self.settings = settings
        self.state = state
        self.batches_per_epoch = -(-len(data.train) // settings.batch_size)
        self.total_batches = self.batches_per_epoch * settings.epochs
        self.model = data.compact.shrink(model) if data.compact else model
        total_steps = max(1, self.total_batches // settings.gradient_accumulation)
        self.optimizer = make_optimizer(
            learning_rate=settings.learning_rate,
            total_steps=total_steps,
            warmup_steps=round(settings.warmup * total_steps),
            weight_decay=settings.weight_decay,
            clip_norm=settings.clip_norm,
            gradient_accumulation=settings.gradient_accumulation,
        )
        self.model.compile(self.optimizer, loss=TextClassifier.loss_function())
        self.model.optimizer.build(self.model.trainable_variables)
        self.position = state.restore(self.model) if resume else Position()
        self.sentences_done = 0
        self.step_seconds = 0.0

    @property
    def done_batches(self) -> int:
        return self.position.epoch * self.batches_per_epoch + self.position.batch

    def run(self, progress: TrainingProgress, interruption: Interruption, tensorboard: Any) -> None:
        writer = _Curves(tensorboard)
        while self.position.epoch < self.settings.epochs and not interruption.requested and not self._out_of_patience():
            progress.update(epoch=f"{self.position.epoch + 1}/{self.settings.epochs}")
            losses = self._train_epoch(progress, interruption)
            writer.losses(losses, self.done_batches, self.optimizer)
            if self.position.batch == self.batches_per_epoch:
                self._finish_epoch(float(np.mean(losses)), progress)
                writer.metrics(self.position.history[-1], self.done_batches)
            self.state.save_last(self.model, self.position)

    def _train_epoch(self, progress: TrainingProgress, interruption: Interruption) -> list[float]:
        epoch = self.position.epoch
        rows = epoch_rows(self.data.train.lengths, self.settings.batch_size, seed=self.settings.seed, epoch=epoch)
        rows = rows[self.position.batch :]
        steps = StepCallback(progress, interruption)
        started = time.perf_counter()
        self.model.fit(
            make_batches(self.data.train, rows),
            initial_epoch=epoch,
            epochs=epoch + 1,
            verbose=0,
            callbacks=[steps],
            shuffle=False,
        )
        self.step_seconds += time.perf_counter() - started
        self.sentences_done += sum(len(batch) for batch in rows[: steps.steps])
        self.position.batch += steps.steps
        return steps.losses

    def _finish_epoch(self, train_loss: float, progress: TrainingProgress) -> None:
        metrics = {"train_loss": train_loss}
        if self.data.validation is not None:
            metrics |= self._validate(self.data.validation)
        position = self.position
        position.history.append(metrics)
        metric = metrics.get(self.settings.metric)
        if metric is None or position.best_metric is None or metric > position.best_metric:
            position.best_metric, position.best_epoch = metric, position.epoch
            self.state.save_best(self._whole_weights())
        position.epoch, position.batch = position.epoch + 1, 0
        shown = "" if metric is None else f"{self.settings.metric} {metric:.4f}"
        progress.update(metric=shown)
        progress.say(f"epoch {position.epoch}: train loss {train_loss:.4f}  {shown and f'validation {shown}'}")

    def _validate(self, texts: TokenizedTexts) -> dict[str, float]:
        assert texts.label_ids is not None
        rows = sorted_rows(texts.lengths, self.settings.batch_size)
        logits = keras.Model.predict(
            self.model, make_batches(dataclasses.replace(texts, label_ids=None), rows), verbose=0
        )
        probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits["logits"]))
        return classification_metrics(texts.label_ids[np.concatenate(rows)], probabilities)

    def _out_of_patience(self) -> bool:
        if self.settings.patience is None or self.position.best_epoch is None:
            return False
        return self.position.epoch - 1 - self.position.best_epoch >= self.settings.patience

    def _whole_weights(self) -> dict[str, np.ndarray]:
        weights = extract_weights(self.model.named_variables())
        if self.data.compact:
            updates = int(keras.ops.convert_to_numpy(self.optimizer.iterations))
            decay = decay_without_gradient(self.optimizer, updates)
            weights[TOKEN_TABLE] = self.data.compact.expand(weights[TOKEN_TABLE], decay)
        return weights

    def load_best_into(self, model: TextClassifier) -> None:
        """Gives the whole model the best epoch's weights, or the last ones if no epoch was finished."""
        weights = self.state.load_best() or self._whole_weights()
        for name, variable in model.named_variables().items():
            variable.assign(weights[name])


class _Curves:
    """TensorBoard's event files, if they were asked for."""

    def __init__(self, folder: str | os.PathLike[str] | None) -> None:
        import tensorflow as tf

        if folder is not None:
            require("tensorboard", extra="report")
        self._writer = None if folder is None else tf.summary.create_file_writer(os.fspath(folder))

    def losses(self, losses: list[float], last_step: int, optimizer: keras.optimizers.Optimizer) -> None:
        for offset, loss in enumerate(losses):
            self._scalar("train/loss", loss, last_step - len(losses) + offset + 1)
        self._scalar("train/learning_rate", float(keras.ops.convert_to_numpy(optimizer.learning_rate)), last_step)

    def metrics(self, metrics: dict[str, float], step: int) -> None:
        for name, value in metrics.items():
            self._scalar(f"validation/{name}" if name != "train_loss" else "train/epoch_loss", value, step)

    def _scalar(self, name: str, value: float, step: int) -> None:
        if self._writer is None:
            return
        import tensorflow as tf

        with self._writer.as_default():
            tf.summary.scalar(name, value, step)


def _require(condition: bool, name: str, value: Any, expected: str) -> None:
    if not condition:
        raise InputError(f"{name} must be {expected}. Received: {value}")
