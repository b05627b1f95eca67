"""From the logits of windows to the best answers in a text."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import regex

# So many answers compete for the probability, as in SQuAD's reference implementation.
BEST_SPANS = 20
_CHARACTER = regex.compile(r"\X")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a text, in code points, and the probability that it is the answer."""

    text: str
    start: int
    end: int
    probability: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """The best spans of a text, best first, at most `BEST_SPANS`, and what speaks against all of them.

    `no_answer_margin` is by how much the logits of "no answer" exceed those of the best span. The probabilities of the
    spans and `no_answer_probability` are a softmax over these candidates alone, so they sum up to 1. All are NaN, and
    there are no spans, where logits are no numbers.
    """

    spans: tuple[Span, ...]
    no_answer_probability: float
    no_answer_margin: float


@dataclasses.dataclass(frozen=True)
class Window:
    """What the network gives for one window: logits (length,), and places in the text (length, 2).

    The text's tokens stand from `first` to the last but one, which is [SEP]'s.
    """

    start_logits: np.ndarray
    end_logits: np.ndarray
    offsets: np.ndarray
    first: int


def find_answer(text: str, windows: Sequence[Window], *, max_tokens: int) -> Answer:
    """The best spans of at most `max_tokens` tokens, each with the highest score that a window gives it.

    The score of a span is the sum of the logits of its start and its end, that of "no answer" the sum of those of
    [CLS] (arXiv:1810.04805, section 4.3). Every window that does not hold the answer says so, and one that holds it
    does not: so the lowest counts.
    """
    if not all(np.isfinite(logits).all() for window in windows for logits in (window.start_logits, window.end_logits)):
        return Answer(spans=(), no_answer_probability=float("nan"), no_answer_margin=float("nan"))
    scores: dict[tuple[int, int], float] = {}
    for window in windows:
        for place, score in _window_spans(window, max_tokens):
            scores[place] = max(score, scores.get(place, -np.inf))
    best = sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))[:BEST_SPANS]
    nothing = min(float(window.start_logits[0]) + float(window.end_logits[0]) for window in windows)
    values = np.array([score for _, score in best] + [nothing])
    shares = np.exp(values - values.max())
    shares /= shares.sum()
    spans = []
    for (place, _), share in zip(best, shares, strict=False):
        start, end = whole_characters(text, *place)
        spans.append(Span(text=text[start:end], start=start, end=end, probability=float(share)))
    return Answer(
        spans=tuple(spans),
        no_answer_probability=float(shares[-1]),
        no_answer_margin=nothing - best[0][1],
    )


def _window_spans(window: Window, max_tokens: int) -> list[tuple[tuple[int, int], float]]:
    """The places in the text of a window's best spans, and their scores."""
    of_text = slice(window.first, -1)
    starts, ends = (np.asarray(logits[of_text], "float64") for logits in (window.start_logits, window.end_logits))
    offsets = window.offsets[of_text]
    width = min(max_tokens, len(starts))
    # Entry (i, j) is the span of tokens i to i + j; beyond the window's end there is none.
    beyond = np.concatenate([ends, np.full(width - 1, -np.inf)])
    scores = starts[:, None] + np.lib.stride_tricks.sliding_window_view(beyond, width)
    count = min(BEST_SPANS, scores.size)
    found = []
    for place in np.argpartition(scores, scores.size - count, axis=None)[-count:]:
        first, more = divmod(int(place), width)
        if first + more < len(starts):
            start, end = int(offsets[first, 0]), int(offsets[first + more, 1])
            found.append(((start, end), float(scores[first, more])))
    return found


def whole_characters(text: str, start: int, end: int) -> tuple[int, int]:
    """A span widened to the edges of what people take for characters: extended grapheme clusters (UAX #29).

    BERT drops combining marks, so its tokens may end between a letter and its accent.
    """
    if text.isascii():
        return start, end
    # No character reaches over white space.
    place = max(0, text.rfind(" ", 0, start), text.rfind("\n", 0, start))
    first = place
    while place < end:
        match = _CHARACTER.match(text, place)
        place = match.end() if match else place + 1
        if place <= start:
            first = place
    return first, place
