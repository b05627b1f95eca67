"""The text of a run: shards as they are, or raw text made into shards in the run directory."""

import dataclasses
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kbert.checkpoints import Checkpoint
from kbert.data.prepare import PreparedOtherwise, prepare_shards
from kbert.data.pretraining_batches import PretrainingBatches
from kbert.data.shards import ShardSet, check_vocabulary, open_shards
from kbert.distributed import Worker
from kbert.errors import InputError
from kbert.pretraining.settings import PretrainSettings
from kbert.tokenizer import BertTokenizer
from kbert.training_state import FOLDER


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextSource:
    """Where the training text comes from: shards, or files that are made into shards inside the run directory.

    `sentence_objective` and `documents` are those of `prepare_shards`; shards bring their own.
    """

    shards: str | os.PathLike[str] | None = None
    long_shards: str | os.PathLike[str] | None = None
    corpus: Sequence[str | os.PathLike[str]] = ()
    max_length: int = 128
    long_max_length: int = 512
    sentence_objective: str = "nsp"
    documents: str = "blank-line"
    processes: int = 1

    def __post_init__(self) -> None:
        if (self.shards is None) == (not self.corpus):
            raise InputError("expected either a corpus or shards to learn from, got both or neither")


def open_text(
    source: TextSource,
    tokenizer: BertTokenizer,
    checkpoint: Checkpoint,
    settings: PretrainSettings,
    run: Path,
    worker: Worker,
    *,
    resume: bool,
    show_progress: bool,
) -> tuple[ShardSet, ShardSet | None]:
    """The shards of both lengths; those of raw text are made in the run directory, or found there to `resume`."""
    if source.shards is not None:
        return _open_shards(source.shards, source.long_shards, tokenizer, checkpoint, settings)
    if worker.count > 1:
        raise InputError("several workers read shards: write them once with kbert prepare, give them as --shards")
    lengths = [source.max_length] + ([source.long_max_length] if settings.long_steps else [])
    for length in lengths:
        _check_length(checkpoint, length)
        settings.masking().check_length(length)
    made = [
        _prepare(
            source.corpus,
            tokenizer,
            run / FOLDER / f"prepared-{length}",
            resume=resume,
            max_length=length,
            sentence_objective=source.sentence_objective,
            documents=source.documents,
            processes=source.processes,
            show_progress=show_progress,
        )
        for length in lengths
    ]
    return made[0], made[1] if len(made) > 1 else None


def short_batches(short: ShardSet, settings: PretrainSettings, worker: Worker) -> PretrainingBatches:
    """Batches for the first phase."""
    _check_share("batch_size", settings.batch_size, worker)
    return PretrainingBatches(
        shards=short, batch_size=settings.batch_size, masking=settings.masking(), seed=settings.seed
    )


def long_batches(short: ShardSet, long: ShardSet, settings: PretrainSettings, worker: Worker) -> PretrainingBatches:
    """Batches for the second phase, by default of as many tokens as those of the first.

    The same share of a text may be masked: the most that is predicted of one grows with its length.
    """
    size = settings.long_batch_size
    if size is None:
        # What all devices share equally, and NSP pairs.
        unit = math.lcm(2, worker.strategy.num_replicas_in_sync)
        size = max(unit, settings.batch_size * short.max_length // long.max_length // unit * unit)
    _check_share("long_batch_size", size, worker)
    max_predictions = -(-settings.max_predictions * long.max_length // short.max_length)
    masking = dataclasses.replace(settings.masking(), max_predictions=max_predictions)
    return PretrainingBatches(shards=long, batch_size=size, masking=masking, seed=settings.seed + 1)


def held_out_text(
    files: Sequence[str | os.PathLike[str]],
    like: ShardSet,
    tokenizer: BertTokenizer,
    run: Path,
    *,
    resume: bool,
) -> ShardSet | None:
    """The shards of held-out text, made in the run directory, or found there to `resume`; None without files."""
    if not files:
        return None
    return _prepare(
        files,
        tokenizer,
        run / FOLDER / "prepared-validation",
        resume=resume,
        max_length=like.max_length,
        sentence_objective=like.sentence_objective,
        documents=like.documents,
    )


def fingerprint(shards: ShardSet) -> dict[str, Any]:
    """What tells two sets of shards apart."""
    facts = {name: shards.manifest[name] for name in ("max_length", "sentence_objective", "documents", "sources")}
    return {**facts, "vocabulary": shards.vocabulary_sha256, "windows": shards.num_windows}


def _prepare(
    files: Sequence[str | os.PathLike[str]], tokenizer: BertTokenizer, folder: Path, *, resume: bool, **settings: Any
) -> ShardSet:
    try:
        # The text of a run that may go on is not replaced before it is known to be the same.
        return prepare_shards(files, tokenizer, folder, overwrite=not resume, **settings)
    except PreparedOtherwise as error:
        raise InputError(
            f"{folder}: cannot resume with other text ({error.difference}). Give the same files and options as before"
        ) from None


def _open_shards(
    directory: str | os.PathLike[str],
    long_directory: str | os.PathLike[str] | None,
    tokenizer: BertTokenizer,
    checkpoint: Checkpoint,
    settings: PretrainSettings,
) -> tuple[ShardSet, ShardSet | None]:
    short = open_shards(directory)
    check_vocabulary(short, tokenizer)
    _check_length(checkpoint, short.max_length, short)
    if (long_directory is not None) != bool(settings.long_steps):
        raise InputError("long_share and shards of the greater length (--long-shards) go together, got one of them")
    if long_directory is None:
        return short, None
    long = open_shards(long_directory)
    check_vocabulary(long, tokenizer)
    _check_length(checkpoint, long.max_length, long)
    if long.sentence_objective != short.sentence_objective:
        raise InputError(
            f"{long.directory}: expected the sentence objective {short.sentence_objective} of {short.directory}, "
            f"got {long.sentence_objective}"
        )
    return short, long


def _check_length(checkpoint: Checkpoint, length: int, shards: ShardSet | None = None) -> None:
    rows = checkpoint.config.max_sequence_length
    if length > rows:
        place = f"{shards.directory}: " if shards else ""
        raise InputError(
            f"{place}texts of {length} tokens are longer than the position table of {checkpoint.source}, which has "
            f"{rows} rows. Give a --max-length of {rows} at most"
        )


def _check_share(name: str, size: int, worker: Worker) -> None:
    devices = worker.strategy.num_replicas_in_sync
    if size % devices:
        raise InputError(f"{name} must be a multiple of the {devices} devices. Received: {size}")
