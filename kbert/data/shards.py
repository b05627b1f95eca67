"""Prepared text: a folder of shards with a manifest, checked before it is read."""

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
PLAN = "plan.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShardCounts:
    """What a shard holds. `tokens` and `sentences` are those of the text; `bytes` and `sha256` are the file's."""

    name: str
    windows: int
    tokens: int
    sentences: int
    documents: int
    one_sentence_windows: int
    bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShardSet:
    """A finished folder of shards.

    `documents` says what ended a document in plain text; `manifest` is the whole file. `mb_per_second`, megabytes of
    text, is that of the run that just wrote it; 0 for a folder that was there.
    """

    directory: Path
    max_length: int
    sentence_objective: str
    documents: str
    vocabulary_sha256: str
    shards: list[ShardCounts]
    manifest: dict[str, Any]
    mb_per_second: float = 0.0

    @property
    def paths(self) -> list[Path]:
        return [self.directory / shard.name for shard in self.shards]

    @property
    def num_windows(self) -> int:
        return sum(shard.windows for shard in self.shards)

    @property
    def totals(self) -> dict[str, int]:
        """The sums over all shards: windows, tokens, sentences, documents, one_sentence_windows, bytes."""
        return total_counts(self.shards)

    def tokenizer(self) -> BertTokenizer:
        """The tokenizer that the text was prepared with."""
        return BertTokenizer.from_directory(self.directory)


def open_shards(directory: str | os.PathLike[str]) -> ShardSet:
    """Opens what `kbert prepare` wrote. Sizes are checked, contents are not: see `verify_shard`.

    Raises:
        InputError: there is no such folder, it is unfinished, of an unknown format, or a shard is missing or truncated.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise InputError(f"{folder}: expected a folder that kbert prepare wrote, found none")
    if not (folder / MANIFEST).is_file():
        if (folder / PLAN).is_file():
            raise InputError(f"{folder}: preparing was not finished. Run the same kbert prepare again, it goes on")
        raise InputError(f"{folder}: expected {MANIFEST} in it. Write the folder with kbert prepare")
    manifest = _read_manifest(folder / MANIFEST)
    try:
        shard_set = ShardSet(
            directory=folder,
            max_length=manifest["max_length"],
            sentence_objective=manifest["sentence_objective"],
            documents=manifest["documents"],
            vocabulary_sha256=manifest["vocabulary"]["sha256"],
            shards=[ShardCounts(**shard) for shard in manifest["shards"]],
            manifest=manifest,
        )
    except (KeyError, TypeError) as error:
        raise InputError(f"{folder / MANIFEST}: expected a manifest of kbert prepare ({error!r})") from None
    for shard in shard_set.shards:
        _check_size(folder / shard.name, shard)
    return shard_set


def check_vocabulary(shards: ShardSet, tokenizer: BertTokenizer) -> None:
    """Makes sure that the token ids in the shards mean what they mean to `tokenizer`.

    Raises:
        InputError: the vocabulary or its settings are others.
    """
    if vocabulary_sha256(tokenizer) != shards.vocabulary_sha256:
        size, lowercase = (shards.manifest["vocabulary"][key] for key in ("size", "lowercase"))
        written, given = (
            f"{count} tokens, {'uncased' if uncased else 'cased'}"
            for count, uncased in ((size, lowercase), (tokenizer.vocabulary_size, tokenizer.lowercase))
        )
        raise InputError(
            f"{shards.directory}: expected shards of the vocabulary given ({given}), they were written with another "
            f"({written}). Use the vocab.txt in the folder, or prepare the text anew"
        )


def verify_shard(path: str | os.PathLike[str]) -> None:
    """Reads a whole shard and compares it with the counts beside it; says which one is damaged when reading failed.

    Raises:
        InputError: the file or its counts are missing, or it is truncated or damaged.
    """
    path = Path(path)
    counts = read_counts(path)
    if counts is None:
        raise InputError(f"{path}: expected {counts_path(path).name} beside it. Run kbert prepare again")
    _check_size(path, counts)
    if file_sha256(path) != counts.sha256:
        raise InputError(f"{path}: damaged, its content is not what was written. Delete it and run kbert prepare again")


@contextlib.contextmanager
def damage_named(shards: ShardSet) -> Iterator[None]:
    """Says which shard is damaged where TensorFlow only says that one of its files is.

    Raises:
        InputError: a shard is missing or damaged.
    """
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError:
        for path in shards.paths:
            verify_shard(path)
        raise


def counts_path(path: Path) -> Path:
    """The file with a shard's counts."""
    return path.with_name(path.name.removesuffix(".tfrecord.gz") + ".json")


def read_counts(path: Path) -> ShardCounts | None:
    """The counts of a shard; None where they are not there or cannot be read."""
    try:
        return ShardCounts(**json.loads(counts_path(path).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def total_counts(shards: list[ShardCounts]) -> dict[str, int]:
    """The sum over shards of every count."""
    names = [field.name for field in dataclasses.fields(ShardCounts) if field.type is int]
    return {name: sum(getattr(shard, name) for shard in shards) for name in names}


def vocabulary_sha256(tokenizer: BertTokenizer) -> str:
    """What tells two tokenizers apart: a hash of the tokens in order and of the normalization."""
    settings = [tokenizer.lowercase, tokenizer.strip_accents, tokenizer.split_chinese, tokenizer.vocabulary]
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_size(path: Path, shard: ShardCounts) -> None:
    if not path.is_file():
        raise InputError(f"{path}: the shard is missing. Run kbert prepare again")
    size = path.stat().st_size
    if size != shard.bytes:
        state = "truncated" if size < shard.bytes else "changed"
        raise InputError(f"{path}: {state}, expected {shard.bytes} bytes, got {size}. Run kbert prepare again")


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: expected JSON, could not read it ({error})") from None
    if not isinstance(manifest, dict):
        raise InputError(f"{path}: expected a JSON object, got {type(manifest).__name__}")
    version = manifest.get("format_version")
    if version != FORMAT_VERSION:
        raise InputError(
            f"{path}: expected format_version {FORMAT_VERSION}, got {version}. Prepare the text with this kbert"
        )
    return manifest
