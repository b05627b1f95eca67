"""Fine-tuning: settings and data in, a run directory out."""

import dataclasses
import hashlib
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.checkpoints import Checkpoint, as_checkpoint
from kbert.errors import InputError, check_setting
from kbert.extras import require
from kbert.files import check_output_directory, new_contents
from kbert.fine_tuning.reinitialize import reinitialize_top
from kbert.finetune_settings import FinetuneSettings
from kbert.problems.kinds import problem_class
from kbert.progress import Interruption, TrainingProgress
from kbert.provenance import fingerprint, versions, weights_sha256
from kbert.quantization.fake_quantization import fake_quantize
from kbert.tasks.kinds import task_from_checkpoint
from kbert.tasks.task import BertTask
from kbert.tokenizer import BertTokenizer
from kbert.training_loop import TrainingData, TrainingLoop
from kbert.training_state import FOLDER, TrainingState

__all__ = ["FinetuneResult", "FinetuneSettings", "finetune"]


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
    max_length: int


def finetune(
    reference: str | os.PathLike[str] | Checkpoint,
    train: Any,
    output: str | os.PathLike[str],
    settings: FinetuneSettings | None = None,
    *,
    task: str = "text-classification",
    validation: Any = None,
    labels: Sequence[str] | None = None,
    vocabulary: str | os.PathLike[str] | None = None,
    new_head: bool = False,
    resume: bool = False,
    overwrite: bool = False,
    tensorboard: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
    command: str | None = None,
) -> FinetuneResult:
    """Fine-tunes a checkpoint for a task and writes a run directory.

    Ctrl-C ends it after the step in hand: the best epoch so far becomes the run's checkpoint, and `resume` goes on from
    that step to the same weights as an uninterrupted run. A loss or weights that are no numbers end it with an error,
    and the best epoch before becomes the run's checkpoint.

    Args:
        reference: the checkpoint to start from, or what `open_checkpoint` gave.
        train: labelled data to learn from, as the reader of the task gives it (`problem_class(task).read`).
        output: the run directory.
        settings: how to train.
        task: what to learn, by the command line's name for it.
        validation: labelled data that choose the best epoch; without them the last one is kept.
        labels: the label set, in order; by default the checkpoint's, or what `train` holds.
        vocabulary: a `vocab.txt` for a checkpoint without one, such as a preset; lower-cased unless it has capitals.
        new_head: ignore the classification head that the checkpoint has.
        resume: go on with the run in `output`.
        overwrite: replace what `output` holds.
        tensorboard: a folder for TensorBoard's event files.
        show_progress: draw a line of progress on stderr.
        command: what to note in `kbert.json` as the command of the run.

    Raises:
        InputError: the data, the checkpoint or the output folder cannot be used, or the training diverged; says why.
    """
    settings = with_defaults(settings or FinetuneSettings(), task, train if validation is None else validation)
    run = Path(output)
    if not resume:
        check_output_directory(run, overwrite=overwrite)
    if tensorboard is not None:
        require("tensorboard", extra="report")
    _check_settings(settings, train, validation)
    keras.utils.set_random_seed(settings.seed)
    tokenizer = None if vocabulary is None else BertTokenizer.from_vocabulary(vocabulary)
    checkpoint = as_checkpoint(reference)
    if settings.dropout is not None:
        rates = dict.fromkeys(("dropout", "attention_dropout", "classifier_dropout"), settings.dropout)
        checkpoint = dataclasses.replace(checkpoint, config=checkpoint.config.replace(**rates))
    new_head = new_head or checkpoint.task != task
    model = _load_model(checkpoint, task, train, settings, labels, tokenizer, new_head)
    settings.check_layers(model.backbone.config.num_layers)
    reinitialize_top(model.backbone, settings.reinitialize_layers, seed=settings.seed)
    data = TrainingData.prepare(model, train, validation, settings)
    identity = {
        **dataclasses.asdict(settings),
        "checkpoint": checkpoint.source,
        "task": task,
        "labels": list(model.labels),
        "train": fingerprint(train),
        "validation": None if validation is None else fingerprint(validation),
        "tokenizer_sha256": hashlib.sha256(model.known_tokenizer().to_tokenizer_json().encode()).hexdigest(),
        "checkpoint_sha256": weights_sha256(_starting_weights(checkpoint, model, new_head)),
    }
    if not resume:
        shutil.rmtree(run / FOLDER, ignore_errors=True)
    state = TrainingState(run, identity)
    loop = TrainingLoop(model, data, settings, state, new_head=new_head, resume=resume)
    facts = {
        "settings": dataclasses.asdict(settings),
        "checkpoint": checkpoint.source,
        "data": {"train": identity["train"], "validation": identity["validation"]},
        "command": command,
    }
    return run_to_the_end(
        loop, model, run, facts, validation=validation, tensorboard=tensorboard, show_progress=show_progress
    )


def run_to_the_end(
    loop: TrainingLoop,
    model: BertTask,
    run: Path,
    facts: Mapping[str, Any],
    *,
    validation: Any = None,
    tensorboard: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
) -> FinetuneResult:
    """Trains until the loop ends or is interrupted, and writes the run directory.

    Args:
        loop: what to run.
        model: the whole model, which gets the best weights.
        run: the run directory.
        facts: what else to note in `kbert.json`.
        validation: data that settle what of the task can be tuned.
        tensorboard: a folder for TensorBoard's event files.
        show_progress: draw a line of progress on stderr.

    Raises:
        InputError: the training diverged.
    """
    started = time.perf_counter()
    with (
        Interruption().watch() as interruption,
        TrainingProgress(loop.total_batches, loop.done_batches, show=show_progress) as progress,
    ):
        loop.run(progress, interruption, tensorboard)
    seconds = time.perf_counter() - started
    best_epoch = loop.position.best_epoch
    if loop.divergence and best_epoch is None:
        raise InputError(f"{loop.divergence}; start again with a smaller --learning-rate")
    best = loop.position.history[best_epoch] if best_epoch is not None else {}
    loop.load_best_into(model)
    if validation is not None and model.problem.tunable:
        if loop.settings.quantize:  # what is tuned is for the file
            fake_quantize(model, loop.settings.quantize)
        model.problem = model.problem.tuned(model.answer(validation.inputs), validation)
    with new_contents(run, keep=FOLDER) as folder:
        model.write_checkpoint_files(
            folder,
            **{
                "metrics": best,
                **facts,
                "history": loop.position.history,
                "versions": versions(),
                "finished": not interruption.requested and not loop.divergence,
            },
        )
    if loop.divergence and best_epoch is not None:
        raise InputError(
            f"{loop.divergence}; {run} holds epoch {best_epoch + 1}, the best before. Start again with "
            "--overwrite and a smaller --learning-rate"
        )
    if not interruption.requested:
        shutil.rmtree(run / FOLDER, ignore_errors=True)
    return FinetuneResult(
        run=run,
        metrics=best,
        best_epoch=best_epoch,
        epochs_done=len(loop.position.history),
        interrupted=interruption.requested,
        train_seconds=seconds,
        sentences_per_second=loop.sentences_done / max(loop.step_seconds, 1e-9),
        truncated=loop.data.train.truncated,
        max_length=model.max_length,
    )


def with_defaults(settings: FinetuneSettings, task: str, measured: Any) -> FinetuneSettings:
    """What the settings leave to the task, and to the data that it is measured on."""
    problem = problem_class(task)
    metrics = problem.metrics_of(measured)
    metric = settings.metric or metrics[0]
    check_setting(metric in metrics, "metric", metric, f"one of {', '.join(metrics)}")
    return dataclasses.replace(settings, metric=metric, max_length=settings.max_length or problem.default_max_length)


def _check_settings(settings: FinetuneSettings, train: Any, validation: Any) -> None:
    if validation is not None and len(validation) < 2:
        raise InputError(
            f"{validation.path}: expected at least 2 rows to choose the best epoch by, got {len(validation)}"
        )
    if settings.patience is not None and validation is None:
        raise InputError(
            "patience needs validation data to tell the better epoch. Give some (--validation FILE), or no patience"
        )
    batches = -(-len(train) // settings.batch_size) * settings.epochs
    if settings.gradient_accumulation > batches:
        raise InputError(
            f"gradient_accumulation must be at most {batches}, the batches of the run. "
            f"Received: {settings.gradient_accumulation}"
        )


def _starting_weights(checkpoint: Checkpoint, model: BertTask, new_head: bool) -> dict[str, np.ndarray]:
    """What the model has of the checkpoint; the rest is drawn from the seed."""
    variables = model.named_variables()
    return {
        name: value
        for name, value in checkpoint.weights.items()
        if name in variables and not (new_head and name.partition(".")[0] in model.heads)
    }


def _load_model(
    checkpoint: Checkpoint,
    task: str,
    train: Any,
    settings: FinetuneSettings,
    labels: Sequence[str] | None,
    tokenizer: BertTokenizer | None,
    new_head: bool,
) -> BertTask:
    problem = problem_class(task)
    found = problem.labels_of(train)
    if labels is None:
        labels = checkpoint.labels if checkpoint.labels and not new_head else found
    unknown = [label for label in found if label not in labels]
    if unknown and checkpoint.labels and not new_head:
        raise InputError(
            f"{checkpoint.source}: its {task} head knows {len(checkpoint.labels)} labels, and {unknown[0]!r} "
            f"in {train.path} is not among them. Add --new-head to learn the labels of the data"
        )
    assert settings.max_length is not None
    if settings.max_length > checkpoint.config.max_sequence_length:
        raise InputError(
            f"max_length must be at most {checkpoint.config.max_sequence_length}, the rows of the position table of "
            f"{checkpoint.source}. Received: {settings.max_length}"
        )
    return task_from_checkpoint(
        checkpoint,
        task,
        labels,
        new_head=new_head,
        tokenizer=tokenizer,
        max_length=settings.max_length,
        dtype=settings.precision,
        **({} if not new_head else problem.settings_of(train)),
    )
