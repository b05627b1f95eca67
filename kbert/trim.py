"""A smaller vocabulary: only the tokens that a corpus uses stay, and with them their rows of the token table.

**The same output for every text whose tokens were kept.** WordPiece takes, at each place of a word, the longest token
that fits. Let V be the vocabulary and K what is kept of it. Where V's choice at a place is in K, it is K's choice too:
a longer token that fits would be in K, so in V, and V would have taken it. From the start of the word on, the places
are then the same, and so are the tokens. The network sees the same rows in the same order, so its numbers are the same.
Dropping a token changes only the words that used it; since all single characters and all `##` characters stay, words
made of them can still be spelled.

**[UNK].** A word that cannot be spelled to its end is [UNK], whatever tokens its beginning was given. If one of these
is dropped, the rest of the word begins elsewhere, and may be spelled: with `ab`, `a`, `##bc` and no `##c`, the word
`abc` is [UNK], and `a ##bc` once `ab` is gone. So the beginnings of the corpus's unknown words count as used: the
corpus itself does not change. No other unknown word does either where each character inside a token is there as a `##`
character too: then where V is stuck, so is K, whichever way it came. The vocabularies of Google's English and
multilingual models are so, and those of `kbert vocab`; the Chinese one is but for two letters.
"""

import dataclasses
import hashlib
import itertools
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from kbert.checkpoints import Checkpoint, open_checkpoint
from kbert.checkpoints.trimmed import fixed_tokens, write_trimmed
from kbert.data.corpus import corpus_files, corpus_sentences
from kbert.data.readers import read_texts
from kbert.errors import InputError, check_setting
from kbert.files import check_output_directory, new_directory, write_json
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

# Texts that are tokenized at a time.
BATCH_TEXTS = 1000
# WordPiece takes a longer word for [UNK] without looking at it.
MAX_WORD = 100


@dataclasses.dataclass(frozen=True, kw_only=True)
class CorpusFile:
    """A file of the corpus: its name, a hash of its bytes, and how many texts and tokens were found in it."""

    file: str
    sha256: str
    texts: int
    tokens: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrimResult:
    """What was kept, and what of the corpus changes for it.

    A text is a sentence of plain text, or a row of a data file. `changed_texts` and `changed_tokens` were found by
    tokenizing the corpus again with the new vocabulary: a token has changed where the same characters give another.
    """

    output: Path
    tokens_before: int
    tokens_after: int
    table_mb_before: float
    table_mb_after: float
    files: tuple[CorpusFile, ...]
    changed_texts: int
    changed_tokens: int

    @property
    def corpus_texts(self) -> int:
        return sum(file.texts for file in self.files)

    @property
    def corpus_tokens(self) -> int:
        return sum(file.tokens for file in self.files)

    @property
    def changed_texts_percent(self) -> float:
        return 100 * self.changed_texts / self.corpus_texts

    @property
    def changed_tokens_percent(self) -> float:
        return 100 * self.changed_tokens / self.corpus_tokens


def trim_vocabulary(
    reference: str | os.PathLike[str],
    corpus: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    min_count: int = 1,
    keep: Sequence[str] = (),
    text_columns: Sequence[str] = (),
    overwrite: bool = False,
    show_progress: bool = False,
    command: str | None = None,
) -> TrimResult:
    """Writes a checkpoint that has only those tokens that a corpus uses; see the module for what is promised.

    The special tokens, those that the checkpoint's files name, all single characters and all `##` characters stay too.
    Tokens keep their order; heads, settings and `kbert.json` stay as they are, which gets an entry `trimmed`.

    Args:
        reference: any checkpoint with a vocabulary; one that is not in Hugging Face's format is converted to it.
        corpus: files and folders as for `corpus_files`, and `.tsv` and `.csv` files, of which the text is read.
        output: the folder to write.
        min_count: tokens that the corpus uses more rarely go.
        keep: tokens to keep besides.
        text_columns: the columns of `.tsv`, `.csv` and `.jsonl` files to read; by default the one called text.
        overwrite: replace what the output holds.
        show_progress: show on stderr how much is read.
        command: what to note in `kbert.json` as the command.

    Raises:
        InputError: the checkpoint is unsound or has no vocabulary; the corpus cannot be read or is empty; a token to
            keep is unknown; or the output is there already.
    """
    check_setting(min_count >= 1, "min_count", min_count, "at least 1")
    check_output_directory(output, overwrite=overwrite)
    files = corpus_files(corpus)
    checkpoint = open_checkpoint(reference)
    if checkpoint.folder is None:
        raise InputError(f"{checkpoint.source}: expected a checkpoint with a vocabulary to trim, it has none")
    if os.path.realpath(output) == os.path.realpath(checkpoint.folder):
        raise InputError(f"{output}: the output is the checkpoint itself. Choose another folder")
    tokenizer = checkpoint.tokenizer()
    always = _always_kept(tokenizer.vocabulary, {*fixed_tokens(checkpoint.folder, tokenizer.vocabulary), *keep})

    with _Corpus(files, text_columns, passes=2, show_progress=show_progress) as texts:
        counted, uses = _count(texts, tokenizer)
        kept = np.flatnonzero(always | (uses >= min_count))
        with new_directory(output, overwrite=overwrite) as folder:
            small = write_trimmed(folder, checkpoint, tokenizer, kept)
            changed_texts, changed_tokens = _changes(texts, tokenizer, small, kept)
            facts = {
                "from": tokenizer.vocabulary_size,
                "to": len(kept),
                "min_count": min_count,
                "kept_besides": len(set(keep)),
                "corpus": [dataclasses.asdict(file) for file in counted],
                "changed_texts": changed_texts,
                "changed_tokens": changed_tokens,
                "command": command,
            }
            # A checkpoint may be trimmed again.
            before = {"before": checkpoint.run["trimmed"]} if "trimmed" in checkpoint.run else {}
            write_json(folder / "kbert.json", {**checkpoint.run, "trimmed": {**facts, **before}})
    row_mb = 4 * checkpoint.config.token_dim / 1e6
    return TrimResult(
        output=Path(output),
        tokens_before=tokenizer.vocabulary_size,
        tokens_after=len(kept),
        table_mb_before=tokenizer.vocabulary_size * row_mb,
        table_mb_after=len(kept) * row_mb,
        files=counted,
        changed_texts=changed_texts,
        changed_tokens=changed_tokens,
    )


def write_used_tokens(checkpoint: Checkpoint, token_ids: np.ndarray, folder: Path) -> None:
    """Writes a checkpoint that keeps, of its tokens, those among `token_ids` and those that always stay.

    Args:
        checkpoint: has a `folder`.
        token_ids: of all texts that matter, end to end, in the checkpoint's vocabulary.
        folder: where to; it exists.
    """
    tokenizer = checkpoint.tokenizer()
    assert checkpoint.folder is not None
    always = _always_kept(tokenizer.vocabulary, fixed_tokens(checkpoint.folder, tokenizer.vocabulary))
    kept = np.flatnonzero(always | (np.bincount(token_ids, minlength=tokenizer.vocabulary_size) > 0))
    write_trimmed(folder, checkpoint, tokenizer, kept)
    facts = {"from": tokenizer.vocabulary_size, "to": len(kept)}
    write_json(folder / "kbert.json", {**checkpoint.run, "trimmed": facts})


class _Corpus:
    """The texts of some files, to be read so many times, with the progress of it on stderr."""

    def __init__(self, files: Sequence[Path], text_columns: Sequence[str], *, passes: int, show_progress: bool) -> None:
        self.files = files
        self.text_columns = text_columns
        columns = (TextColumn("reading {task.fields[file]}"), BarColumn(), TextColumn("left"), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not show_progress)
        self._sizes = [path.stat().st_size for path in files]
        self._task = self._bar.add_task("", total=passes * sum(self._sizes), file="")
        self._done = 0

    def __enter__(self) -> "_Corpus":
        self._bar.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._bar.stop()

    def batches(self) -> Iterator[tuple[int, list[str]]]:
        """All texts in order, some at a time, each time with the position of their file."""
        for position, (path, size) in enumerate(zip(self.files, self._sizes, strict=True)):
            texts, read = self._texts(path), 0
            while batch := list(itertools.islice(texts, BATCH_TEXTS)):
                yield position, batch
                read += sum(len(text.encode()) for text in batch)
                self._bar.update(self._task, completed=self._done + min(read, size), file=path.name)
            # Of a compressed file, or one of many columns, the texts have another size.
            self._done += size
            self._bar.update(self._task, completed=self._done)

    def _texts(self, path: Path) -> Iterator[str]:
        suffix = path.suffix.lower()
        # Plain .jsonl is a corpus like any other, which may be too large to be held.
        if suffix in (".tsv", ".csv") or (suffix == ".jsonl" and self.text_columns):
            for column in self.text_columns or (None,):
                yield from read_texts(path, text_column=column)
        else:
            yield from corpus_sentences([path])


def _always_kept(vocabulary: Sequence[str], named: Collection[str]) -> np.ndarray:
    """bool (vocabulary_size,): special tokens, single characters with and without `##`, and `named`.

    Raises:
        InputError: one of `named` is not in the vocabulary.
    """
    unknown = sorted(set(named).difference(vocabulary))
    if unknown:
        raise InputError(
            f"expected tokens of the vocabulary to keep, {unknown[0]!r} is none ({len(unknown)} in all are not)"
        )
    named = {*named, *SPECIAL_TOKENS}
    return np.array([token in named or len(token.removeprefix("##")) == 1 for token in vocabulary])


def _count(corpus: _Corpus, tokenizer: BertTokenizer) -> tuple[tuple[CorpusFile, ...], np.ndarray]:
    """What each file holds, and how often each token is used: int64 (vocabulary_size,).

    Raises:
        InputError: there is no token in the whole corpus.
    """
    uses = np.zeros(tokenizer.vocabulary_size, "int64")
    totals = np.zeros((len(corpus.files), 2), "int64")  # texts and tokens
    unknown = _UnknownWords(tokenizer)
    for position, texts in corpus.batches():
        rows = tokenizer.token_ids_batch(texts)
        totals[position] += len(rows), sum(map(len, rows))
        hidden = [unknown.beginnings(text) for text, row in zip(texts, rows, strict=True) if unknown.token_id in row]
        ids = np.fromiter(itertools.chain(*rows, *hidden), "int64")
        uses += np.bincount(ids, minlength=len(uses))
    if not totals[:, 1].any():
        names = ", ".join(map(str, corpus.files[:3])) or "no files"
        raise InputError(f"{names}: expected text whose tokens to keep, found none. Give other files")
    files = []
    for path, (texts_found, tokens_found) in zip(corpus.files, totals.tolist(), strict=True):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        files.append(CorpusFile(file=path.name, sha256=digest, texts=texts_found, tokens=tokens_found))
    return tuple(files), uses


class _UnknownWords:
    """The tokens that [UNK] hides: those that the beginning of an unknown word was given."""

    def __init__(self, tokenizer: BertTokenizer) -> None:
        self.token_id = tokenizer.token_id("[UNK]")
        self._ids = {token: index for index, token in enumerate(tokenizer.vocabulary)}
        self._library = tokenizer.library_tokenizer()

    def beginnings(self, text: str) -> list[int]:
        """The ids for all unknown words of a text."""
        words = self._library.pre_tokenizer.pre_tokenize_str(self._library.normalizer.normalize_str(text))
        return [index for word, _ in words if len(word) <= MAX_WORD for index in _beginning(word, self._ids)]


def _beginning(word: str, ids: Mapping[str, int]) -> list[int]:
    """The tokens up to the place where none fits; none if the whole word can be spelled."""
    found: list[int] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = (end for end in range(len(word), start, -1) if prefix + word[start:end] in ids)
        end = next(ends, None)
        if end is None:
            return found
        found.append(ids[prefix + word[start:end]])
        start = end
    return []


def _changes(corpus: _Corpus, old: BertTokenizer, new: BertTokenizer, kept: np.ndarray) -> tuple[int, int]:
    """How many texts of a corpus, and how many tokens in them, come out otherwise with the new vocabulary."""
    old_ids = kept.tolist()
    changed_texts = changed_tokens = 0
    for _, texts in corpus.batches():
        pairs = zip(old.token_ids_batch(texts), new.token_ids_batch(texts), strict=True)
        changed = [
            text for text, (before, after) in zip(texts, pairs, strict=True) if before != [old_ids[i] for i in after]
        ]
        changed_texts += len(changed)
        for before, after in zip(old.encode_batch(changed), new.encode_batch(changed), strict=True):
            same = set(zip(after.offsets, after.tokens, strict=True))
            changed_tokens += sum(token not in same for token in zip(before.offsets, before.tokens, strict=True))
    return changed_texts, changed_tokens
