"""What stands behind each [MASK] of a text, by a model with an MLM head."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from keras import ops

from kbert.data.batching import sorted_rows
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer, Encoding

if TYPE_CHECKING:
    from kbert.pretrainer import BertPretrainer

MASK = "[MASK]"


@dataclasses.dataclass(frozen=True, kw_only=True)
class LikelyToken:
    """A token of the vocabulary, and how likely it stands behind a mask."""

    token: str
    probability: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class FilledMask:
    """One [MASK], the code points `start` to `end` of its text, and the likeliest tokens, the best first."""

    start: int
    end: int
    tokens: tuple[LikelyToken, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MaskedTextPrediction:
    """A text and its masks in their order; each is predicted while the others are masked."""

    text: str
    masks: tuple[FilledMask, ...]


def fill_mask(
    model: "BertPretrainer", texts: Sequence[str], top: int = 5, *, batch_size: int = 32
) -> list[MaskedTextPrediction]:
    """Predicts the `top` likeliest tokens for every [MASK], one prediction a text, in their order.

    Raises:
        InputError: a text has no [MASK], or one beyond the tokens that the model takes; the model has no tokenizer; or
            `top` is not from 1 to the size of the vocabulary.

    Example:
        >>> prediction = fill_mask(model, ["The capital of France is [MASK]."])[0]
        >>> prediction.masks[0].tokens[0].token
        'paris'
    """
    tokenizer = model.known_tokenizer()
    if not 1 <= top <= tokenizer.vocabulary_size:
        raise InputError(f"top must be from 1 to {tokenizer.vocabulary_size}, the tokens there are. Received: {top}")
    encodings = tokenizer.encode_batch(texts, max_length=model.max_length)
    positions = [_mask_positions(encoding) for encoding in encodings]
    for index, text in enumerate(texts):
        _check_masks(tokenizer, index, text, encodings[index], len(positions[index]), model.max_length)
    predictions: dict[int, MaskedTextPrediction] = {}
    for rows in sorted_rows(np.array([len(encoding) for encoding in encodings], "int64"), batch_size):
        probabilities, ids = _predict(model, [encodings[i] for i in rows], [positions[i] for i in rows], top)
        for row, index in enumerate(rows):
            masks = []
            for mask, position in enumerate(positions[index]):
                likely = zip(ids[row, mask], probabilities[row, mask], strict=True)
                tokens = tuple(LikelyToken(token=tokenizer.vocabulary[i], probability=float(p)) for i, p in likely)
                start, end = encodings[index].offsets[position]
                masks.append(FilledMask(start=start, end=end, tokens=tokens))
            predictions[index] = MaskedTextPrediction(text=texts[index], masks=tuple(masks))
    return [predictions[index] for index in range(len(texts))]


def _mask_positions(encoding: Encoding) -> list[int]:
    return [position for position, token in enumerate(encoding.tokens) if token == MASK]


def _check_masks(
    tokenizer: BertTokenizer, index: int, text: str, encoding: Encoding, count: int, max_length: int
) -> None:
    """Raises InputError if a text has no mask, or fewer than `count` were left when it was cut to `max_length`."""
    whole = tokenizer.encode(text) if encoding.truncated else encoding
    positions = _mask_positions(whole)
    if not positions:
        raise InputError(f"text {index} must hold {MASK}, the token to predict. Received: {text[:40]!r}")
    if count < len(positions):
        start = whole.offsets[positions[count]][0]
        raise InputError(
            f"text {index}: its {MASK} at character {start} lies beyond the first {max_length} tokens, which are all "
            "that the model takes. Shorten the text before it"
        )


def _predict(
    model: "BertPretrainer", encodings: Sequence[Encoding], positions: Sequence[Sequence[int]], top: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and ids of the `top` likeliest tokens, each (texts, masks, top), for one batch."""
    features = {
        "token_ids": _padded([encoding.token_ids for encoding in encodings]),
        "segment_ids": _padded([encoding.segment_ids for encoding in encodings]),
        "padding_mask": _padded([encoding.padding_mask for encoding in encodings]),
        "mask_positions": _padded(positions),
    }
    logits = model(features, training=False)["mlm_logits"]  # (texts, masks, vocabulary_size)
    probabilities, ids = ops.top_k(ops.softmax(logits), top)
    return ops.convert_to_numpy(probabilities), ops.convert_to_numpy(ids)


def _padded(rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Rows of unlike length as one int32 array, filled up with 0 at their ends."""
    array = np.zeros((len(rows), max(len(row) for row in rows)), "int32")
    for index, row in enumerate(rows):
        array[index, : len(row)] = row
    return array
