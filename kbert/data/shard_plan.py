"""Which text goes into which shard: decided by the corpus and the settings alone."""

import dataclasses
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kbert.data.corpus import Unit, corpus_files, plan_units
from kbert.data.packing import SENTENCE_OBJECTIVES, window_tokens
from kbert.data.shards import FORMAT_VERSION, file_sha256, vocabulary_sha256
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShardPlan:
    """What one shard is to hold: `units`, the first of which is number `first_unit` of the corpus.

    `path` is the file to write, in the folder that holds the tokenizer.
    """

    path: Path
    first_unit: int
    units: list[Unit]
    max_length: int
    sentence_objective: str
    vocabulary_sha256: str

    @property
    def source_bytes(self) -> int:
        return sum(unit.end - unit.start for unit in self.units)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """All shards of a corpus. `settings` is what decides their bytes, as plan.json holds it."""

    directory: Path
    settings: dict[str, Any]
    shards: list[ShardPlan]


def plan_shards(
    files: Sequence[str | os.PathLike[str]],
    tokenizer: BertTokenizer,
    output: str | os.PathLike[str],
    *,
    max_length: int,
    sentence_objective: str,
    documents: str,
    shard_mb: float,
) -> Plan:
    """Cuts a corpus into shards of about `shard_mb` megabytes of text; see `prepare_shards` for the arguments.

    Raises:
        InputError: a file is missing, all are empty, or a setting is out of range.
    """
    if sentence_objective not in SENTENCE_OBJECTIVES:
        expected = ", ".join(SENTENCE_OBJECTIVES)
        raise InputError(f"sentence_objective must be one of {expected}. Received: {sentence_objective}")
    # A pair has two sentences, of at least a token each.
    least = max_length + (1 if sentence_objective == "none" else 2) - window_tokens(max_length, sentence_objective)
    if max_length < least:
        raise InputError(f"max_length must be at least {least} for {sentence_objective}. Received: {max_length}")
    if not shard_mb > 0:
        raise InputError(f"shard_mb must be above 0. Received: {shard_mb}")
    for folder in map(Path, files):
        if folder.is_dir() and Path(output).resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{output}: expected an output outside of {folder}, whose files are the text")
    paths = corpus_files(files)
    shard_bytes = max(1, int(shard_mb * 1e6))
    units = plan_units(paths, documents, shard_bytes)
    if not units:
        raise InputError(f"{', '.join(map(str, paths[:3]))}: expected text, found no sentence. Give other files")
    settings: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "max_length": max_length,
        "sentence_objective": sentence_objective,
        "documents": documents,
        "shard_mb": shard_mb,
        "vocabulary_sha256": vocabulary_sha256(tokenizer),
        "sources": [{"file": path.name, "bytes": path.stat().st_size, "sha256": file_sha256(path)} for path in paths],
    }
    groups = list(_groups(units, shard_bytes))
    starts = itertools.accumulate(map(len, groups), initial=0)
    shards = [
        ShardPlan(
            path=Path(output) / f"shard-{index:05d}-of-{len(groups):05d}.tfrecord.gz",
            first_unit=start,
            units=group,
            max_length=max_length,
            sentence_objective=sentence_objective,
            vocabulary_sha256=settings["vocabulary_sha256"],
        )
        for index, (start, group) in enumerate(zip(starts, groups, strict=False))
    ]
    return Plan(directory=Path(output), settings=settings, shards=shards)


def _groups(units: list[Unit], shard_bytes: int) -> Iterator[list[Unit]]:
    """Consecutive units that together have about `shard_bytes`: small files share a shard."""
    group: list[Unit] = []
    size = 0
    for unit in units:
        length = unit.end - unit.start
        if group and size + length > shard_bytes:
            yield group
            group, size = [], 0
        group.append(unit)
        size += length
    if group:
        yield group
