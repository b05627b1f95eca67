"""Pretraining: text or shards in, a run directory out."""

import contextlib
import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from kbert.checkpoints import Checkpoint, open_checkpoint
from kbert.data.shards import open_shards
from kbert.distributed import Worker, explained_loss_of_a_worker, find_worker
from kbert.errors import InputError
from kbert.extras import require
from kbert.pretrainer import BertPretrainer
from kbert.pretraining.corpus_start import start_from_corpus
from kbert.pretraining.embedding_size import FINETUNED_WELL, enlarge_for_pretraining, resize_embeddings
from kbert.pretraining.evaluation import HeldOutText
from kbert.pretraining.loop import PretrainingData, PretrainingLoop
from kbert.pretraining.run_folder import LOG, clear_for_new_run, nothing_left_behind, publish_run
from kbert.pretraining.settings import PretrainSettings
from kbert.pretraining.snapshots import Snapshots
from kbert.pretraining.text_source import (
    TextSource,
    fingerprint,
    held_out_text,
    long_batches,
    open_text,
    short_batches,
)
from kbert.progress import Interruption, TrainingProgress
from kbert.provenance import versions
from kbert.tokenizer import BertTokenizer
from kbert.training_state import FOLDER, check_resumable

# Changing these does not change where a run leads.
FREE_SETTINGS = {"log_every", "evaluate_every", "save_every", "keep"}
# Changing this does, but a smaller one is the way on for a run that diverged.
FREE_SETTINGS |= {"learning_rate"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainResult:
    """What a run came to. `metrics` are those of its checkpoint on held-out text, if there was any."""

    run: Path
    steps_done: int
    metrics: dict[str, float]
    interrupted: bool
    tokens_per_second: float


def pretrain(
    reference: str | os.PathLike[str],
    source: TextSource,
    output: str | os.PathLike[str],
    settings: PretrainSettings | None = None,
    *,
    validation: Sequence[str | os.PathLike[str]] = (),
    vocabulary: str | os.PathLike[str] | None = None,
    lowercase: bool | None = None,
    sizes: Mapping[str, Any] | None = None,
    worker: Worker | None = None,
    resume: bool = False,
    overwrite: bool = False,
    tensorboard: str | os.PathLike[str] | None = None,
    show_progress: bool = False,
    command: str | None = None,
) -> PretrainResult:
    """Pretrains a model, from random weights or from a checkpoint, and writes a run directory.

    Ctrl-C, or any other end, leaves a state in `output` from which `resume` goes on to the same weights as a run that
    never stopped. With held-out text the best weights become the run's checkpoint, else the last ones.

    Args:
        reference: `preset:NAME` for random weights, or the checkpoint to go on from.
        source: the training text.
        output: the run directory. Workers on several machines need it on a disk that they share.
        settings: how to pretrain.
        validation: files of held-out text.
        vocabulary: a `vocab.txt` for a preset; by default the one of the shards.
        lowercase: fold case and strip accents; by default unless the vocabulary has capitals.
        sizes: fields of `BertConfig` that differ from the preset; of a checkpoint's only those of dropout can.
        worker: this process among several, from `find_worker`; it joins the others once text and output are checked.
        resume: go on with the run in `output`.
        overwrite: replace what `output` holds.
        tensorboard: a folder for TensorBoard's event files.
        show_progress: draw a line of progress on stderr.
        command: what to note in `kbert.json` as the command of the run.

    Raises:
        InputError: text, checkpoint, settings or output folder cannot be used, or the loss is no number any more.
    """
    settings = settings or PretrainSettings()
    worker = worker or find_worker()
    run = Path(output)
    if worker.count > 1 and settings.start == "corpus":
        raise InputError(
            "start=corpus is for one process: let it take a first step alone (--steps 1), and give the run that it "
            "wrote to all workers as --checkpoint"
        )
    if tensorboard is not None:
        require("tensorboard", extra="report")
    if resume:
        check_resumable(run)
    elif worker.is_chief:
        clear_for_new_run(run, overwrite=overwrite)
    with nothing_left_behind(run) if worker.is_chief and not resume else contextlib.nullcontext():
        checkpoint, tokenizer = _open_with_vocabulary(reference, source, vocabulary, lowercase, sizes or {})
        if settings.start == "corpus" and "mlm.transform.kernel" in checkpoint.weights:
            raise InputError(
                f"{checkpoint.source}: start=corpus sets weights that a checkpoint lacks, this one has an encoder "
                "and an MLM head. Leave out --start corpus"
            )
        short, long = open_text(
            source, tokenizer, checkpoint, settings, run, worker, resume=resume, show_progress=show_progress
        )
        held_out = held_out_text(validation, short, tokenizer, run, resume=resume) if worker.is_chief else None
        held_out_batches = HeldOutText(held_out, settings.masking()) if held_out else None
        # Only now: a worker that fails after it has joined takes the others with it.
        worker = worker.join()
        data = PretrainingData(
            short=short_batches(short, settings, worker),
            long=None if long is None else long_batches(short, long, settings, worker),
            validation=held_out_batches,
        )
    identity = {
        **{name: value for name, value in dataclasses.asdict(settings).items() if name not in FREE_SETTINGS},
        "checkpoint": os.fspath(reference),
        "architecture": checkpoint.config.to_dict(),
        "text": [fingerprint(shards) for shards in (short, long) if shards],
    }
    if worker.is_chief:
        identity["validation"] = [fingerprint(held_out)] if held_out else []
    snapshots = Snapshots(run / FOLDER, identity, settings.keep)
    resume = resume and snapshots.last_step() is not None
    keras.utils.set_random_seed(settings.seed)
    with (
        explained_loss_of_a_worker(worker, "building the model", "Start all of them again"),
        worker.strategy.scope(),
    ):
        model = BertPretrainer.from_checkpoint(
            checkpoint,
            tokenizer=tokenizer,
            next_sentence=short.sentence_objective != "none",
            sentence_objective=short.sentence_objective,
            max_length=(long or short).max_length,
            dtype=settings.precision,
        )
        size_to_publish = enlarge_for_pretraining(model) if checkpoint.weights else FINETUNED_WELL
        if settings.start == "corpus" and not resume:
            start_from_corpus(model, short, encoder=not checkpoint.weights)
    with explained_loss_of_a_worker(worker, "preparing to train", "Start all of them again"):
        loop = PretrainingLoop(model, data, settings, worker, snapshots, resume=resume)
    with (
        Interruption().watch() as interruption,
        TrainingProgress(settings.steps, loop.step, show=show_progress and worker.is_chief) as progress,
    ):
        loop.run(progress, interruption, run / FOLDER / LOG, tensorboard)
    if worker.is_chief:
        snapshots.give_best(model.named_variables())
        if size_to_publish is not None:
            resize_embeddings(model, size_to_publish)
        facts = {
            "metrics": loop.best_metrics,
            "settings": dataclasses.asdict(settings),
            "checkpoint": os.fspath(reference),
            "data": identity["text"],
            "steps": loop.step,
            "versions": versions(),
            "command": command,
            "finished": loop.step == settings.steps,
        }
        publish_run(run, lambda folder: model.write_checkpoint_files(folder, **facts))
    return PretrainResult(
        run=run,
        steps_done=loop.step,
        metrics=loop.best_metrics,
        interrupted=loop.step < settings.steps,
        tokens_per_second=loop.tokens_per_second,
    )


def _open_with_vocabulary(
    reference: str | os.PathLike[str],
    source: TextSource,
    vocabulary: str | os.PathLike[str] | None,
    lowercase: bool | None,
    sizes: Mapping[str, Any],
) -> tuple[Checkpoint, BertTokenizer]:
    checkpoint = open_checkpoint(reference)
    fixed = [name for name in sizes if name not in ("dropout", "attention_dropout")]
    if checkpoint.weights and fixed:
        raise InputError(
            f"{checkpoint.source}: its weights have their sizes; {', '.join(fixed)} can be set for presets"
        )
    if vocabulary is None and lowercase is not None:
        raise InputError(
            "expected a vocabulary (--vocab) that is to be cased or uncased, got none: checkpoints and shards say it "
            "themselves"
        )
    if vocabulary is not None:
        tokenizer = BertTokenizer.from_vocabulary(vocabulary, lowercase=lowercase)
    elif checkpoint.folder is not None:
        tokenizer = checkpoint.tokenizer()
    elif source.shards is not None:
        tokenizer = open_shards(source.shards).tokenizer()
    else:
        raise InputError(
            f"{checkpoint.source} has no vocabulary of its own: make one with kbert vocab, give it as --vocab"
        )
    checkpoint = checkpoint.with_vocabulary(tokenizer)
    return dataclasses.replace(checkpoint, config=checkpoint.config.replace(**sizes)), tokenizer
