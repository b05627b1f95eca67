"""Texts whose words have tags: entities in BIO, or plain tags such as parts of speech."""

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from kbert.data.conll import Sentence, read_conll
from kbert.data.data_set import TextInput, length_prefixed
from kbert.data.labels import LabelIds, describe_imbalance, sorted_labels
from kbert.data.span_rows import read_span_rows, read_token_rows
from kbert.data.tables import Row, read_objects
from kbert.data.tag_schemes import Place, Schemed, bio_spans, to_bio
from kbert.data.words import Span, SplitText
from kbert.errors import InputError

CONLL = (".conll", ".iob2", ".tsv", ".txt")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggedTexts:
    """Texts, their words and the words' tags, in the order of the file. `line_numbers` (from 1): where each begins.

    Word j of text i is `texts[i][start:end]` with `(start, end) = words[i][j]`, in code points, and has the tag
    `tags[i][j]`. `scheme` is "BIO" where tags mark entities, else "none". `warnings` say what was repaired.
    """

    path: str
    texts: list[str]
    words: list[list[Span]]
    tags: list[list[str]]
    scheme: str
    line_numbers: list[int]
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_spans(cls, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int, str]]]) -> "TaggedTexts":
        """Texts with the (start, end, label) of their entities, in code points, that come from no file.

        Raises:
            InputError: there are no texts, not as many lists of spans, or one is malformed; says of which text, from 1.
        """
        if not len(texts):
            raise InputError("expected texts with spans, got none")
        if len(texts) != len(spans):
            raise InputError(f"expected a list of spans for each of {len(texts)} texts, got {len(spans)}")
        rows = [
            (number, {"text": text, "entities": [list(span) for span in found]})
            for number, (text, found) in enumerate(zip(texts, spans, strict=True), start=1)
        ]
        return _from_spans("text", rows)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def inputs(self) -> list[TextInput]:
        return [SplitText(text, words) for text, words in zip(self.texts, self.words, strict=True)]

    def spans(self, index: int) -> list[tuple[int, int, str]]:
        """The entities of text `index`: (start, end, label), in code points. None in scheme "none"."""
        if self.scheme == "none":
            return []
        words = self.words[index]
        return [(words[first][0], words[last - 1][1], label) for first, last, label in bio_spans(self.tags[index])]

    def label_counts(self) -> dict[str, int]:
        """How often each kind of entity, or each plain tag, occurs."""
        if self.scheme == "none":
            counts = Counter(tag for tags in self.tags for tag in tags)
        else:
            counts = Counter(label for tags in self.tags for _, _, label in bio_spans(tags))
        return {label: counts[label] for label in sorted_labels(counts)}

    def label_set(self) -> list[str]:
        """The tags that a model is to tell apart: O, B- and I- of every kind of entity; or the plain tags, sorted."""
        if self.scheme == "none":
            return list(self.label_counts())
        return ["O", *(f"{letter}-{label}" for label in self.label_counts() for letter in "BI")]

    def describe(self) -> str:
        """How many texts, words and labels there are, and how unequal: one line for a person."""
        counts = self.label_counts()
        line = f"{len(self)} texts, {sum(map(len, self.words))} words, "
        if self.scheme == "none":
            return line + f"{len(counts)} tags" + describe_imbalance(counts, unit="")
        line += f"{sum(counts.values())} entities of {len(counts)} kinds"
        return line + describe_imbalance(counts, unit="")

    def label_ids(self, labels: Sequence[str]) -> list[list[int]]:
        """The tags of each text as positions in `labels`.

        Raises:
            InputError: a text has a tag that is not among them; says which text.
        """
        ids = LabelIds(labels)
        rows = zip(self.tags, self.line_numbers, strict=True)
        return [[ids.of(tag, f"{self.path}:{number}") for tag in tags] for tags, number in rows]

    def fingerprint_rows(self) -> Iterator[str]:
        for text, words, tags in zip(self.texts, self.words, self.tags, strict=True):
            parts = [str(position) for word in words for position in word]
            yield f"tags {len(words)} {length_prefixed(self.scheme, text, *parts, *tags)}"


def read_tagged_texts(path: str | os.PathLike[str], *, columns: Sequence[str] | None = None) -> TaggedTexts:
    """Reads CoNLL files (`.conll`, `.iob2`, `.tsv`, `.txt`), or a `.jsonl` with an object a line.

    Of a CoNLL file the text of a sentence is its tokens with a space between them. An object has a `text` and its
    spans, as `entities`, `spans` or `slots`: lists of [start, end, label] or of objects with `start`, `end` and
    `label`, in code points; or it has `tokens` and `tags`, two lists. Tags in IOB1, BIOES and BILOU become BIO.

    Args:
        path: the file.
        columns: the names of a CoNLL file's columns, if the token is not the first and the tag not the last.

    Raises:
        InputError: the file cannot be read, a row is malformed, tags belong to no known scheme, or spans are outside
            of the text, empty, overlap or cut a character; with file and line number.
    """
    path = os.fspath(path)
    suffix = Path(path).suffix.lower()
    if suffix in CONLL:
        sentences = list(read_conll(path, columns))
        if not sentences:
            raise InputError(f"{path}: expected lines of a token and its tag, found none")
        return _from_sentences(path, sentences)
    if suffix != ".jsonl":
        raise InputError(f"{path}: expected a file called {', '.join(f'*{name}' for name in CONLL)} or *.jsonl")
    rows = read_objects(path, columns)
    if "tokens" in rows[0][1]:
        return _from_sentences(path, list(read_token_rows(path, rows)))
    return _from_spans(path, rows)


def _from_spans(path: str, rows: Sequence[tuple[int, Row]]) -> TaggedTexts:
    spans = read_span_rows(path, rows)
    return TaggedTexts(
        path=path,
        texts=spans.texts,
        words=spans.words,
        tags=spans.tags,
        scheme="BIO",
        line_numbers=[line_number for line_number, _ in rows],
        warnings=spans.warnings,
    )


def _from_sentences(path: str, sentences: Sequence[Sentence]) -> TaggedTexts:
    def place(sentence: int, word: int) -> str:
        return f"{path}:{sentences[sentence].line_numbers[word]}"

    schemed = to_bio([sentence.tags for sentence in sentences], place)
    words = []
    for sentence in sentences:
        end = -1
        spans = []
        for token in sentence.tokens:
            start = end + 1  # behind the space
            end = start + len(token)
            spans.append((start, end))
        words.append(spans)
    return TaggedTexts(
        path=path,
        texts=[" ".join(sentence.tokens) for sentence in sentences],
        words=words,
        tags=schemed.tags,
        scheme=schemed.scheme,
        line_numbers=[sentence.line_numbers[0] for sentence in sentences],
        warnings=_warnings(schemed, sentences, place),
    )


def _warnings(schemed: Schemed, sentences: Sequence[Sentence], place: Place) -> tuple[str, ...]:
    if not schemed.faults:
        return ()
    sentence, word = schemed.faults[0]
    count = len(schemed.faults)
    tags = f"{count} tags break" if count > 1 else "1 tag breaks"
    return (
        f"{place(sentence, word)}: {tags} the {schemed.found} scheme, the first here, "
        f"{sentences[sentence].tags[word]!r}; read as conlleval does, what goes on no entity begins one",
    )
