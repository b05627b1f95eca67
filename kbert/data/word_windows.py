"""Texts of any length to rows of tokens, and the words of a text to the tokens that stand for them."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kbert.data.batching import TokenizedTexts
from kbert.data.words import Span, words_of
from kbert.errors import InputError

if TYPE_CHECKING:
    from kbert.tokenizer import BertTokenizer

SPECIAL = 2  # [CLS] and [SEP]
_NOWHERE = -1
_NO_EDGE = np.iinfo("int32").max


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class WordPlaces:
    """Where the words of a text are read, int32 (words,) each.

    `rows` has the row of each word and `places` the token in it, both -1 for a word without tokens, such as a lone
    control character. `shared` (bool) are the words that begin inside a token of the word before: the model cannot tell
    them from it.
    """

    rows: np.ndarray
    places: np.ndarray
    shared: np.ndarray


def tokenize_in_windows(
    tokenizer: "BertTokenizer", texts: Sequence[str], *, max_length: int, overlap: int
) -> TokenizedTexts:
    """Encodes texts, those above `max_length` tokens in windows that overlap; with `owners` and `offsets`.

    No window begins inside a word, so that the first token of a word in a row is the first that it has.

    Raises:
        InputError: see `BertTokenizer.encode_batch`; or `max_length` leaves no room for a token.
    """
    room = max_length - SPECIAL
    if room < 1:
        raise InputError(
            f"max_length must be at least {SPECIAL + 1} to hold the special tokens. Received: {max_length}"
        )
    ids, offsets, owners = [], [], []
    for owner, (text, encoding) in enumerate(zip(texts, tokenizer.encode_batch(texts), strict=True)):
        all_ids = np.asarray(encoding.token_ids, "int32")
        all_offsets = np.asarray(encoding.offsets, "int32").reshape(-1, 2)
        first, last = all_ids[:1], all_ids[-1:]  # [CLS] and [SEP]
        nothing = all_offsets[:1]
        for start, end in _windows(text, all_offsets[1:-1], room, overlap):
            ids.append(np.concatenate([first, all_ids[1 + start : 1 + end], last]))
            offsets.append(np.concatenate([nothing, all_offsets[1 + start : 1 + end], nothing]))
            owners.append(owner)
    return TokenizedTexts(
        token_ids=np.concatenate(ids) if ids else np.zeros(0, "int32"),
        starts=np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype("int64"),
        owners=np.asarray(owners, "int32"),
        offsets=np.concatenate(offsets) if offsets else np.zeros((0, 2), "int32"),
    )


def _windows(text: str, offsets: np.ndarray, room: int, overlap: int) -> Iterator[Span]:
    """The (start, end) of the windows of a text, in tokens."""
    if len(offsets) <= room:
        yield 0, len(offsets)
        return
    places, shared = _first_tokens(offsets, _as_array(words_of(text)))
    starts = np.unique(places[~shared & (places != _NOWHERE)])
    start = 0
    while True:
        end = min(start + room, len(offsets))
        yield start, end
        # The last word that still overlaps as much as it should; of words longer than a window, the next.
        following = np.searchsorted(starts, start, side="right")
        wanted = np.searchsorted(starts, end - overlap, side="right") - 1
        following = max(following, wanted)
        if end == len(offsets) or following >= len(starts):
            return
        start = int(starts[following])


def word_places(tokens: TokenizedTexts, rows: Sequence[int], words: Sequence[Span]) -> WordPlaces:
    """Where each word of a text is read: of windows the one in which it has the most tokens on either side.

    Not the one that is surest of itself: which window that is may change with the last bit of a number, and then the
    answers of two runtimes differ by more than their numbers do.

    Args:
        tokens: as `tokenize_in_windows` gives them.
        rows: those of the text, in order.
        words: of the text.
    """
    spans = _as_array(words)
    found = WordPlaces(
        rows=np.full(len(spans), _NOWHERE, "int32"),
        places=np.full(len(spans), _NOWHERE, "int32"),
        shared=np.zeros(len(spans), "bool"),
    )
    best = np.full(len(spans), _NOWHERE, "int32")
    for number, row in enumerate(rows):
        offsets = tokens.row_offsets(row)[1:-1]
        if not len(offsets) or not len(spans):
            continue
        # The words that can have a token in this window: without this a long text would take time by its square.
        low = int(np.searchsorted(spans[:, 1], offsets[0, 0], side="right"))
        high = int(np.searchsorted(spans[:, 0], offsets[:, 1].max(), side="left"))
        places, shared = _first_tokens(offsets, spans[low:high])
        before = places if number else np.full_like(places, _NO_EDGE)
        behind = len(offsets) - 1 - places if number + 1 < len(rows) else np.full_like(places, _NO_EDGE)
        context = np.where(places == _NOWHERE, _NOWHERE, np.minimum(before, behind))
        better = context > best[low:high]
        best[low:high][better] = context[better]
        found.rows[low:high][better] = row
        found.places[low:high][better] = places[better] + 1  # behind [CLS]
        found.shared[low:high][better] = shared[better]
    return found


def _first_tokens(offsets: np.ndarray, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first token that reaches into each word, or -1; and whether it begins before the word."""
    # Where one character becomes several tokens, or some change places, ends do not rise by themselves.
    ends = np.maximum.accumulate(offsets[:, 1])
    places = np.searchsorted(ends, words[:, 0], side="right")
    starts = offsets[np.minimum(places, len(offsets) - 1), 0]
    reaches = (places < len(offsets)) & (starts < words[:, 1])
    return np.where(reaches, places, _NOWHERE).astype("int32"), reaches & (starts < words[:, 0])


def _as_array(words: Sequence[Span]) -> np.ndarray:
    return np.asarray(words, "int32").reshape(-1, 2)
