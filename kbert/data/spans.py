"""Marked spans of a text to tags of its words."""

import dataclasses
import itertools
from collections.abc import Sequence

from kbert.data.tables import shown
from kbert.data.words import Span, character_edges, split_words
from kbert.errors import InputError


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledSpan:
    """Code points `start` to `end` of a text, and what they are."""

    start: int
    end: int
    label: str

    def quote(self, text: str) -> str:
        return f"span {self.start} to {self.end} ({shown(text[max(self.start, 0) : max(self.end, 0)])})"


def tag_words(text: str, spans: Sequence[LabelledSpan], place: str) -> tuple[list[Span], list[str], int]:
    """The words of a text, their BIO tags, and how many spans began or ended outside of words.

    A word that a span begins or ends in is cut there. What a span holds at its edges that belongs to no word, such as
    white space, is left out.

    Raises:
        InputError: a span is not inside the text, is empty, overlaps another, cuts a character, or holds no word;
            `place` (file:line) says where it stands.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    _check(text, ordered, place)
    words = _cut(split_words(text), {edge for span in ordered for edge in (span.start, span.end)})
    tags = ["O"] * len(words)
    word, trimmed = 0, 0
    for span in ordered:
        while word < len(words) and words[word][0] < span.start:
            word += 1
        first = word
        while word < len(words) and words[word][1] <= span.end:
            tags[word] = f"{'B' if word == first else 'I'}-{span.label}"
            word += 1
        if word == first:
            raise InputError(f"{place}: {span.quote(text)} holds no word. Leave it out")
        trimmed += (words[first][0], words[word - 1][1]) != (span.start, span.end)
    return words, tags, trimmed


def _check(text: str, ordered: Sequence[LabelledSpan], place: str) -> None:
    edges = character_edges(text) if ordered else set()
    previous: LabelledSpan | None = None
    for span in ordered:
        if not 0 <= span.start < span.end <= len(text):
            raise InputError(
                f"{place}: {span.quote(text)} must be 0 <= start < end <= {len(text)}, the code points of the text"
            )
        if previous is not None and span.start < previous.end:
            raise InputError(
                f"{place}: {span.quote(text)} overlaps {previous.quote(text)}. A word can have one label: keep one"
            )
        cut = next((edge for edge in (span.start, span.end) if edge not in edges), None)
        if cut is not None:
            raise InputError(
                f"{place}: {span.quote(text)} cuts a character at {cut}: U+{ord(text[cut]):04X} belongs to what stands "
                "before it. Count in code points, and move the edge to that of a character"
            )
        previous = span


def _cut(words: Sequence[Span], edges: set[int]) -> list[Span]:
    pieces: list[Span] = []
    for start, end in words:
        cuts = sorted(edge for edge in edges if start < edge < end)
        pieces += itertools.pairwise([start, *cuts, end])
    return pieces
