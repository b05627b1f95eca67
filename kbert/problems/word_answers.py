"""What a tagger says of the words of a text: probabilities, from them tags, and from tags entities."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import IGNORED, TokenizedTexts
from kbert.data.tag_schemes import bio_spans, to_bio
from kbert.data.word_windows import word_places
from kbert.data.words import Span, words_of
from kbert.errors import InputError

OUTSIDE = "O"
# What a person is told of one answer, in characters.
SHOWN = 300


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class WordAnswer:
    """The words of a text, and the probability of every tag for each: float32 (words, tags).

    `shared` (bool, (words,)) are the words that begin inside a token of the word before, and go with it.
    """

    text: str
    words: Sequence[Span]
    probabilities: np.ndarray
    shared: np.ndarray

    def tags(self, labels: Sequence[str], scheme: str) -> list[str]:
        """The tag of each word; of entities in BIO, whatever scheme the labels are in.

        Each word gets its likeliest tag, and what then goes on no entity begins one, as conlleval reads it.
        """
        tags = [labels[i] for i in self.probabilities.argmax(axis=1)] if len(labels) else []
        if scheme == "none":
            return tags
        for word in np.flatnonzero(self.shared):
            before = tags[word - 1] if word else OUTSIDE
            tags[word] = OUTSIDE if before == OUTSIDE else f"I-{before[2:]}"
        return to_bio([tags]).tags[0]

    def shift(self, other: "WordAnswer") -> float:
        """The largest change of a probability."""
        return float(np.abs(self.probabilities - other.probabilities).max(initial=0.0))

    def is_sound(self) -> bool:
        """Whether all probabilities are numbers."""
        return bool(np.isfinite(self.probabilities).all())

    def emptied(self) -> "WordAnswer":
        """The same words, and nothing said of them."""
        return dataclasses.replace(self, probabilities=np.zeros_like(self.probabilities))

    def entities(self, labels: Sequence[str], scheme: str) -> list[tuple[int, int, str, float]]:
        """(start, end, label, score) of each entity, in code points.

        The score is the mean over its words of the probability of being of that label, at the beginning or further on.
        """
        found = []
        for first, last, label in bio_spans(self.tags(labels, scheme)):
            columns = [i for i, tag in enumerate(labels) if tag[1:] == f"-{label}"]
            score = float(self.probabilities[first:last, columns].sum(axis=1, dtype="float64").mean())
            found.append((self.words[first][0], self.words[last - 1][1], label, score))
        return found


def word_answers(
    texts: Sequence[str], tokens: TokenizedTexts, outputs: Sequence[np.ndarray], labels: Sequence[str]
) -> list[WordAnswer]:
    """One answer a text, from the probabilities (length, tags) of each row of `tokens`."""
    found = []
    for text, rows in zip(texts, tokens.rows_by_owner(len(texts)), strict=True):
        words = words_of(text)
        places = word_places(tokens, rows, words)
        probabilities = np.tile(_without_tokens(labels), (len(words), 1))
        for row in rows:
            here = places.rows == row
            probabilities[here] = outputs[row][places.places[here]]
        found.append(WordAnswer(text=str(text), words=words, probabilities=probabilities, shared=places.shared))
    return found


def token_targets(texts: Sequence[Any], tokens: TokenizedTexts, label_ids: Sequence[Sequence[int]]) -> np.ndarray:
    """The targets of tokens, int32 (tokens,): a word's is on the token that it is read at, `IGNORED` elsewhere."""
    targets = np.full(len(tokens.token_ids), IGNORED, "int32")
    for text, rows, ids in zip(texts, tokens.rows_by_owner(len(texts)), label_ids, strict=True):
        places = word_places(tokens, rows, words_of(text))
        read = (places.rows >= 0) & ~places.shared
        targets[tokens.starts[places.rows[read]] + places.places[read]] = np.asarray(ids, "int32")[read]
    return targets


def scheme_of(labels: Sequence[str]) -> str:
    """ "BIO" where labels mark entities, in any of the schemes that are known, else "none".

    Raises:
        InputError: the labels are of two schemes, or of none that is known.
    """
    try:
        return to_bio([labels], lambda _, position: f"label {position + 1} of the model").scheme
    except InputError as error:
        raise InputError(f"{error}. Give labels of one scheme") from None


def say_entities(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Entities as one line for a person."""
    return _shortened(", ".join(f"{text[start:end]} ({label})" for start, end, label in spans) or "no entities")


def say_tags(text: str, words: Sequence[Span], tags: Sequence[str]) -> str:
    """Tagged words as one line for a person."""
    pairs = zip(words[:SHOWN], tags[:SHOWN], strict=True)
    return _shortened(" ".join(f"{text[start:end]}/{tag}" for (start, end), tag in pairs) or "no words")


def _shortened(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def _without_tokens(labels: Sequence[str]) -> np.ndarray:
    """The probabilities for a word that has no token, float32 (tags,): it is in no entity; of plain tags any does."""
    if OUTSIDE not in labels:
        return np.full(len(labels), 1.0 / max(len(labels), 1), "float32")
    return np.asarray([label == OUTSIDE for label in labels], "float32")
