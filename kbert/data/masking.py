"""Which tokens of a batch are hidden, and behind what (arXiv:1810.04805, section 3.1 and A.1)."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from kbert.errors import InputError
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

if TYPE_CHECKING:
    import tensorflow as tf

MASKED, RANDOM = 0.8, 0.1  # of the chosen tokens; the rest stay as they are


@dataclasses.dataclass(frozen=True, kw_only=True)
class MaskingSettings:
    """How much to hide, and in what pieces.

    `mask_share` of a text's tokens, special ones apart, are chosen, at least one and at most `max_predictions`.
    `whole_words` chooses all pieces of a word together (Google's whole word masking of 2019). `max_span` chooses up to
    so many neighbouring words (tokens without `whole_words`) at once, a span of n with a probability in proportion to
    1/n (arXiv:1909.11942, 3.1).

    Raises:
        InputError: a value is out of its range.
    """

    mask_share: float = 0.15
    max_predictions: int = 20
    whole_words: bool = False
    max_span: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.mask_share < 1.0:
            raise InputError(f"mask_share must be above 0 and below 1. Received: {self.mask_share}")
        if self.max_predictions < 1:
            raise InputError(
                "max_predictions must be at least 1: without a masked token there is nothing to learn. "
                f"Received: {self.max_predictions}"
            )
        if self.max_span < 1:
            raise InputError(f"max_span must be at least 1. Received: {self.max_span}")

    def check_length(self, sequence_length: int) -> None:
        """Raises InputError where so short texts have no room for `max_predictions`."""
        if self.max_predictions >= sequence_length:
            raise InputError(
                f"max_predictions must be below the sequence length of {sequence_length}. "
                f"Received: {self.max_predictions}"
            )


# A source of uniform noise in [0, 1): its number and the columns wanted -> float32 (batch, columns).
Noise = Callable[[int, int], "tf.Tensor"]
SPAN_NOISE, CHOICE_NOISE, ACTION_NOISE, TOKEN_NOISE = range(4)


class Masking:
    """Masks batches of `sequence_length` tokens for one vocabulary."""

    def __init__(self, settings: MaskingSettings, tokenizer: BertTokenizer, sequence_length: int) -> None:
        settings.check_length(sequence_length)
        self.settings = settings
        self.sequence_length = sequence_length
        self.mask_id = tokenizer.token_id("[MASK]")
        vocabulary = tokenizer.vocabulary
        # [UNK] is no word to learn: a model that was asked for it would fill gaps with it.
        self._choosable = np.array([token not in SPECIAL_TOKENS for token in vocabulary])
        self._continues_word = np.array([token.startswith("##") for token in vocabulary])
        self._drawn = np.flatnonzero(self._choosable).astype("int32")
        weights = 1.0 / np.arange(1, settings.max_span + 1)
        self._span_limits = np.cumsum(weights / weights.sum())[:-1].astype("float32")

    def __call__(self, token_ids: "tf.Tensor", noise: Noise) -> dict[str, "tf.Tensor"]:
        """Chooses tokens and hides them.

        Args:
            token_ids: int32 (batch, sequence_length), with [CLS], [SEP] and [PAD].
            noise: where chance comes from; the same noise gives the same masks.

        Returns:
            `token_ids` with the chosen ones hidden; `mask_positions`, `mask_ids` (what stood there), both int32, and
            `mask_weights` (float32, 1 where something was chosen), all (batch, max_predictions).
        """
        import tensorflow as tf

        choosable = tf.gather(tf.constant(self._choosable), token_ids)
        order, chosen = self._choose(token_ids, choosable, noise)
        positions = tf.where(chosen, order, 0)
        originals = tf.gather(token_ids, positions, batch_dims=1)
        shown = tf.where(chosen, self._replace(originals, noise), originals)
        rows = tf.broadcast_to(tf.range(tf.shape(token_ids)[0])[:, None], tf.shape(positions))
        return {
            "token_ids": tf.tensor_scatter_nd_update(token_ids, tf.stack([rows, positions], axis=-1), shown),
            "mask_positions": positions,
            "mask_ids": tf.where(chosen, originals, 0),
            "mask_weights": tf.cast(chosen, tf.float32),
        }

    def _choose(self, token_ids: Any, choosable: Any, noise: Noise) -> tuple[Any, Any]:
        """Positions in the order in which they are drawn, and which of them fit: both (batch, max_predictions)."""
        import tensorflow as tf

        wanted = tf.round(self.settings.mask_share * tf.reduce_sum(tf.cast(choosable, tf.float32), axis=1))
        wanted = tf.clip_by_value(tf.cast(wanted, tf.int32), 1, self.settings.max_predictions)[:, None]
        # One random key a span: sorting by it draws spans at random and keeps their tokens together and in order.
        keys = tf.gather(noise(CHOICE_NOISE, self.sequence_length), self._spans(token_ids, noise), batch_dims=1)
        keys = tf.where(choosable, keys, 2.0)
        order = tf.argsort(keys, axis=1, stable=True)
        keys = tf.gather(keys, order, batch_dims=1)
        # A span counts when it fits whole; one that is too long for any place is cut.
        end_of_span = tf.searchsorted(keys, keys, side="right")
        is_first_span = keys == keys[:, :1]
        fits = (end_of_span <= wanted) | (is_first_span & (tf.range(self.sequence_length) < wanted))
        count = self.settings.max_predictions
        return order[:, :count], (fits & (keys < 2.0))[:, :count]

    def _spans(self, token_ids: Any, noise: Noise) -> Any:
        """The number of the span that each token belongs to: int32 (batch, sequence_length)."""
        import tensorflow as tf

        if self.settings.whole_words:
            starts_word = tf.cast(~tf.gather(tf.constant(self._continues_word), token_ids), tf.int32)
            words = tf.maximum(tf.cumsum(starts_word, axis=1) - 1, 0)
        else:
            words = tf.broadcast_to(tf.range(self.sequence_length), tf.shape(token_ids))
        if self.settings.max_span == 1:
            return words
        draws = noise(SPAN_NOISE, self.sequence_length)
        limits = tf.constant(self._span_limits)
        span_lengths = 1 + tf.reshape(tf.searchsorted(limits, tf.reshape(draws, [-1]), side="right"), tf.shape(draws))
        return tf.searchsorted(tf.cumsum(span_lengths, axis=1), words, side="right")

    def _replace(self, originals: Any, noise: Noise) -> Any:
        """What is shown instead: [MASK], a random token, or the same one."""
        import tensorflow as tf

        count = self.settings.max_predictions
        action = noise(ACTION_NOISE, count)
        drawn = tf.cast(noise(TOKEN_NOISE, count) * len(self._drawn), tf.int32)
        random_ids = tf.gather(tf.constant(self._drawn), tf.minimum(drawn, len(self._drawn) - 1))
        shown = tf.where(action < MASKED, self.mask_id, originals)
        return tf.where((action >= MASKED) & (action < MASKED + RANDOM), random_ids, shown)
