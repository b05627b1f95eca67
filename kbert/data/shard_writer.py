"""One shard from its plan: a pure function of plan, text and vocabulary, for whichever process runs it."""

import dataclasses
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

from kbert.data.corpus import read_sentences
from kbert.data.packing import TokenizedSentence, pack_full, pack_pairs, window_tokens
from kbert.data.records import encode_example, record_file, write_record
from kbert.data.shard_plan import ShardPlan
from kbert.data.shards import ShardCounts, counts_path, file_sha256
from kbert.data.word_cache import WordCache
from kbert.files import new_file, write_json
from kbert.tokenizer import BertTokenizer

# Sentences, and characters, that are tokenized at a time.
BATCH_SENTENCES = 1000
BATCH_CHARACTERS = 1 << 20
# The number of a document: its unit's in the corpus, and in so many bits behind that its own in the unit.
DOCUMENT_BITS = 32


def write_shard(shard: ShardPlan) -> ShardCounts:
    """Writes a shard, then its counts, each in one rename.

    Raises:
        InputError: the text cannot be read; with file and line number.
        OSError: the shard cannot be written.
    """
    words = word_cache(shard.path.parent, shard.vocabulary_sha256)
    room = window_tokens(shard.max_length, shard.sentence_objective)
    text = _Counted(_tokenized(_sentences(shard), words))
    if shard.sentence_objective == "none":
        windows = pack_full(text, room, words.tokenizer.token_id("[SEP]"))
    else:
        windows = pack_pairs(text, room)
    number = one_sentence = 0
    with new_file(shard.path) as path:
        with record_file(path) as file:
            for window in windows:
                write_record(file, encode_example(window))
                number += 1
                one_sentence += len(window.sentence_starts) == 1
        counts = ShardCounts(
            name=shard.path.name,
            windows=number,
            tokens=text.tokens,
            sentences=text.sentences,
            documents=text.documents,
            one_sentence_windows=one_sentence,
            bytes=path.stat().st_size,
            sha256=file_sha256(path),
        )
    with new_file(counts_path(shard.path)) as path:
        write_json(path, dataclasses.asdict(counts))
    return counts


@functools.lru_cache(maxsize=1)
def word_cache(directory: Path, vocabulary: str) -> WordCache:
    """The tokenizer that lies with the shards; a process keeps it, and the words it knows, for its next shard."""
    del vocabulary  # tells apart two that lay in the same folder
    return WordCache(BertTokenizer.from_directory(directory))


class _Counted:
    """Passes sentences on, and counts them."""

    def __init__(self, text: Iterable[TokenizedSentence]) -> None:
        self._text = text
        self.sentences = self.tokens = self.documents = 0

    def __iter__(self) -> Iterator[TokenizedSentence]:
        previous = None
        for document, token_ids in self._text:
            self.sentences += 1
            self.tokens += len(token_ids)
            self.documents += document != previous
            previous = document
            yield document, token_ids


def _sentences(shard: ShardPlan) -> Iterator[tuple[int, str]]:
    for number, unit in enumerate(shard.units, start=shard.first_unit):
        for document, sentence in read_sentences(unit):
            yield number << DOCUMENT_BITS | document, sentence


def _tokenized(sentences: Iterable[tuple[int, str]], words: WordCache) -> Iterator[TokenizedSentence]:
    """Sentences as token ids; those without a token, such as one of control characters, are left out."""
    documents: list[int] = []
    texts: list[str] = []
    characters = 0
    for document, sentence in sentences:
        documents.append(document)
        texts.append(sentence)
        characters += len(sentence)
        if len(texts) == BATCH_SENTENCES or characters > BATCH_CHARACTERS:
            yield from _with_tokens(documents, words.token_ids_batch(texts))
            documents, texts, characters = [], [], 0
    yield from _with_tokens(documents, words.token_ids_batch(texts))


def _with_tokens(documents: list[int], rows: list[list[int]]) -> Iterator[TokenizedSentence]:
    return ((document, row) for document, row in zip(documents, rows, strict=True) if row)
