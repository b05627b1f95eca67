"""Sentences of token ids to windows: one training example each, before special tokens and masks."""

import dataclasses
from collections.abc import Iterable, Iterator

# A sentence and the number of its document. None is empty, and those of one document follow one another.
TokenizedSentence = tuple[int, list[int]]
SENTENCE_OBJECTIVES = ("nsp", "sop", "none")


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Consecutive tokens of the corpus, without [CLS] and the last [SEP].

    `sentence_starts` are positions in `token_ids`; the first is 0. `document` is that of the first token.
    """

    token_ids: list[int]
    sentence_starts: list[int]
    document: int


def window_tokens(max_length: int, sentence_objective: str) -> int:
    """How many tokens of text a window holds so that the training example has `max_length`."""
    return max_length - (2 if sentence_objective == "none" else 3)


def pack_pairs(sentences: Iterable[TokenizedSentence], room: int) -> Iterator[Window]:
    """Windows for pairs of segments: as many consecutive sentences of one document as fit into `room` tokens.

    A sentence longer than `room` is cut into pieces, each of which counts as a sentence. Every token stands in one
    window.
    """
    window = None
    for document, token_ids in sentences:
        for start in range(0, len(token_ids), room):
            piece = token_ids[start : start + room]
            if window is None or document != window.document or len(window.token_ids) + len(piece) > room:
                if window:
                    yield window
                window = Window([], [], document)
            window.sentence_starts.append(len(window.token_ids))
            window.token_ids.extend(piece)
    if window:
        yield window


def pack_full(sentences: Iterable[TokenizedSentence], room: int, separator_id: int) -> Iterator[Window]:
    """Windows of exactly `room` tokens, across documents (RoBERTa's FULL-SENTENCES, arXiv:1907.11692, section 4.2).

    Between two documents stands `separator_id`, but never at the start of a window. A sentence is cut where the window
    ends, and its rest counts as a sentence of the next. Every token stands in one window; the last one may be shorter.
    """
    window = None
    previous = None
    for document, token_ids in sentences:
        if window and document != previous and len(window.token_ids) < room:
            window.token_ids.append(separator_id)
        previous = document
        start = 0
        while start < len(token_ids):
            if window is None or len(window.token_ids) == room:
                if window:
                    yield window
                window = Window([], [], document)
            window.sentence_starts.append(len(window.token_ids))
            end = start + room - len(window.token_ids)
            window.token_ids.extend(token_ids[start:end])
            start = end
    if window:
        yield window
