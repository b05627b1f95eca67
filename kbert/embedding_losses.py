"""What vectors of texts learn from: that near texts have near vectors.

The rows of a batch are groups of texts that follow each other, as `kbert.problems.embedding` encodes them.
"""

from typing import Any

import keras
from keras import ops

from kbert.layers.heads import unit_length

# Cosines lie between -1 and 1: the softmax of so few units tells nothing apart.
SCALE = 20.0
# Takes a term out of a softmax.
EXCLUDED = -1e9


@keras.saving.register_keras_serializable("kbert")
class CosentLoss(keras.losses.Loss):
    """Orders pairs by their cosine as their scores do: CoSENT (Su, 2022, https://kexue.fm/archives/8847).

    log(1 + Σ exp(scale · (cosine of i - cosine of j))) over all pairs i, j of the batch where j has the higher score.
    Only the order of the scores counts, not where they lie.

    Call with scores (2 * pairs, 1), each twice, and vectors (2 * pairs, hidden_dim); returns one number a batch.
    """

    def __init__(self, scale: float = SCALE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, y_true: Any, y_pred: Any) -> Any:
        scores = y_true[::2, 0]  # (pairs,)
        vectors = unit_length(y_pred)
        scaled = self.scale * ops.sum(vectors[::2] * vectors[1::2], axis=-1)  # (pairs,)
        lower = scores[:, None] < scores[None, :]  # (pairs, pairs)
        terms = ops.where(lower, scaled[:, None] - scaled[None, :], EXCLUDED)
        return ops.logsumexp(ops.concatenate([ops.zeros(1), ops.reshape(terms, [-1])]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("kbert")
class RankingLoss(keras.losses.Loss):
    """Picks an anchor's positive among all texts of the batch: multiple negatives ranking (arXiv:1705.00652).

    The candidates are the positives of all groups, and their negatives where there are any. Those that may be right as
    well are left out: the same text as the positive or the anchor, and the positives of an equal anchor.

    Call with numbers of texts (group * examples, group), the same for each row of a group, and vectors
    (group * examples, hidden_dim), where `group` is 2 (anchor, positive) or 3 (and negative); returns (examples,).
    """

    def __init__(self, scale: float = SCALE, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, y_true: Any, y_pred: Any) -> Any:
        group = y_true.shape[-1]
        numbers = y_true[::group]  # (examples, group)
        vectors = unit_length(y_pred)
        candidates = ops.concatenate([vectors[place::group] for place in range(1, group)], axis=0)
        logits = self.scale * ops.matmul(vectors[::group], ops.transpose(candidates))  # (examples, candidates)
        own = ops.arange(ops.shape(logits)[0])
        is_own = own[:, None] == ops.arange(ops.shape(logits)[1])[None, :]
        logits = ops.where(_may_be_right(numbers) & ~is_own, EXCLUDED, logits)
        return keras.losses.sparse_categorical_crossentropy(own, logits, from_logits=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


@keras.saving.register_keras_serializable("kbert")
class EmbeddingLoss(keras.losses.Loss):
    """`CosentLoss` of scored pairs, `RankingLoss` of others: targets of scored pairs have one column."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (CosentLoss() if y_true.shape[-1] == 1 else RankingLoss()).call(y_true, y_pred)


def _may_be_right(numbers: Any) -> Any:
    """Which candidates are no wrong answer to an anchor: (examples, group) -> bool (examples, candidates)."""
    anchor, positive = numbers[:, :1], numbers[:, 1:2]  # (examples, 1) each
    parts = []
    for place in range(1, numbers.shape[-1]):
        candidate = numbers[None, :, place]  # (1, examples)
        same = (candidate == positive) | (candidate == anchor)
        # A negative of an equal anchor is one of this anchor too.
        parts.append(same | (numbers[None, :, 0] == anchor) if place == 1 else same)
    return ops.concatenate(parts, axis=1)
