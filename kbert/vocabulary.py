"""Training a WordPiece vocabulary: the same text gives the same tokens, and every character kept can be spelled."""

import dataclasses
import itertools
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from kbert.data.corpus import corpus_files, corpus_sentences
from kbert.errors import InputError
from kbert.files import new_file
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer, is_unicode

# Sentences that are counted, or tokenized, at a time.
BATCH_SENTENCES = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class VocabularyReport:
    """How a vocabulary fits a text. Words are BERT's: a punctuation mark is one, and so is an ideograph.

    `unknown_percent` is the share of words that are [UNK].
    """

    words: int
    tokens: int
    unknown_words: int
    tokens_per_word: float
    unknown_percent: float


def train_vocabulary(
    files: Sequence[str | os.PathLike[str]],
    *,
    size: int,
    lowercase: bool = True,
    min_frequency: int = 2,
    reserved: Sequence[str] = (),
    coverage: float = 1.0,
    show_progress: bool = False,
) -> list[str]:
    """Trains WordPiece on text: the five special tokens ([PAD] is 0), `reserved`, characters, `##` characters, pieces.

    Every character kept stands there by itself and with `##`, so that a word made of them is never [UNK], unless it has
    more than 100. The vocabulary is smaller than `size` where the text has no more pairs that occur often enough.

    Args:
        files: files and folders, see `corpus_files`.
        size: the number of tokens.
        lowercase: fold case and strip accents, for an uncased model.
        min_frequency: how often a pair of pieces must occur to become one.
        reserved: tokens to put in behind the special ones.
        coverage: the share of the text's characters, rare ones first to go, that must stay spellable.
        show_progress: show progress bars on stderr.

    Raises:
        InputError: the text cannot be read or is empty, or `size` is too small for its characters.
    """
    from tokenizers import trainers

    _check_settings(size, min_frequency, reserved, coverage)
    paths = corpus_files(files)
    # Only normalizer and pre-tokenizer count here: training makes the model anew.
    tokenizer = BertTokenizer(SPECIAL_TOKENS, lowercase=lowercase).library_tokenizer()
    characters = _alphabet(map(tokenizer.normalizer.normalize_str, corpus_sentences(paths)), coverage)
    if not characters:
        raise InputError(f"{', '.join(map(str, paths[:3]))}: expected text, found no sentence. Give other files")
    fixed = list(dict.fromkeys([*SPECIAL_TOKENS, *reserved, *characters, *(f"##{c}" for c in characters)]))
    if size < len(fixed):
        raise InputError(
            f"size must be at least {len(fixed)}: the text has {len(characters)} characters, each needs two tokens. "
            f"Lower coverage to drop rare characters. Received: {size}"
        )
    # The trainer takes characters, with ## and without, in the random order of a hash table, and decides between pairs
    # of the same count by that order. Given as special tokens they have the order that we choose, and none is left out.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=min_frequency,
        special_tokens=fixed,
        initial_alphabet=characters,
        limit_alphabet=len(characters),
        show_progress=show_progress,
    )
    tokenizer.train_from_iterator(corpus_sentences(paths), trainer)
    ids = tokenizer.get_vocab()
    return sorted(ids, key=ids.__getitem__)


def write_vocabulary(file: str | os.PathLike[str], tokens: Sequence[str]) -> None:
    """Writes a `vocab.txt`, one token a line; what was there is replaced at the end."""
    with new_file(Path(file)) as path:
        path.write_text("".join(f"{token}\n" for token in tokens), "utf-8", newline="\n")


def vocabulary_report(tokenizer: BertTokenizer, texts: Iterable[str]) -> VocabularyReport:
    """Tokenizes texts and counts.

    Raises:
        InputError: the texts have no words.
    """
    continued = {index for index, token in enumerate(tokenizer.vocabulary) if token.startswith("##")}
    unknown = tokenizer.token_id("[UNK]")
    words = tokens = unknown_words = 0
    texts = iter(texts)
    while batch := list(itertools.islice(texts, BATCH_SENTENCES)):
        for token_ids in tokenizer.token_ids_batch(batch):
            tokens += len(token_ids)
            words += sum(token_id not in continued for token_id in token_ids)
            unknown_words += token_ids.count(unknown)
    if not words:
        raise InputError("expected text to try the vocabulary on, found no word")
    return VocabularyReport(
        words=words,
        tokens=tokens,
        unknown_words=unknown_words,
        tokens_per_word=tokens / words,
        unknown_percent=100 * unknown_words / words,
    )


def _check_settings(size: int, min_frequency: int, reserved: Sequence[str], coverage: float) -> None:
    if size < 1:
        raise InputError(f"size must be at least 1. Received: {size}")
    if min_frequency < 1:
        raise InputError(f"min_frequency must be at least 1. Received: {min_frequency}")
    if not 0 < coverage <= 1:
        raise InputError(f"coverage must be above 0 and at most 1. Received: {coverage}")
    for token in reserved:
        if not token or token != "".join(token.split()) or not is_unicode(token):
            raise InputError(f"reserved tokens must be text without white space. Received: {token!r}")


def _alphabet(texts: Iterable[str], coverage: float) -> list[str]:
    """The characters of normalized texts, sorted; the rarest are left out as long as `coverage` allows."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text)
    for space in [character for character in counts if character.isspace()]:
        del counts[space]
    droppable = (1 - coverage) * counts.total()
    by_rarity = sorted(counts, key=lambda character: (counts[character], character))
    dropped = itertools.takewhile(lambda total: total <= droppable, itertools.accumulate(counts[c] for c in by_rarity))
    return sorted(by_rarity[sum(1 for _ in dropped) :])
