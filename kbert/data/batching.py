"""Token ids to batches of texts of like length: nothing is padded beyond its own batch."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

    from kbert.tokenizer import BertTokenizer

# Texts are sorted by length inside pools of so many batches: large enough that padding all but vanishes, small enough
# that an epoch stays a shuffle.
POOL_BATCHES = 50


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenizedTexts:
    """Many encoded texts, end to end: text i is `token_ids[starts[i] : starts[i + 1]]`, int32.

    `label_ids` (one a text, int32) is None for texts without labels. `truncated` counts the texts that were cut.
    """

    token_ids: np.ndarray
    starts: np.ndarray
    label_ids: np.ndarray | None
    truncated: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def row(self, index: int) -> np.ndarray:
        """The token ids of one text."""
        return self.token_ids[self.starts[index] : self.starts[index + 1]]


def tokenize(
    tokenizer: "BertTokenizer", texts: Sequence[str], label_ids: Sequence[int] | None = None, *, max_length: int
) -> TokenizedTexts:
    """Encodes texts once, before training, each cut to `max_length` tokens."""
    encodings = tokenizer.encode_batch(texts, max_length=max_length)
    rows = [np.asarray(encoding.token_ids, "int32") for encoding in encodings]
    return TokenizedTexts(
        token_ids=np.concatenate(rows) if rows else np.zeros(0, "int32"),
        starts=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype("int64"),
        label_ids=None if label_ids is None else np.asarray(label_ids, "int32"),
        truncated=sum(encoding.truncated for encoding in encodings),
    )


def epoch_rows(lengths: np.ndarray, batch_size: int, *, seed: int, epoch: int) -> list[np.ndarray]:
    """Which texts go into which batch of an epoch: a function of `seed` and `epoch` alone.

    The texts are shuffled, sorted by length inside pools of `POOL_BATCHES` batches, cut into batches, and the batches
    shuffled. Every text occurs once; the last batch of the cut may be smaller.
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    pool = batch_size * POOL_BATCHES
    pools = [order[start : start + pool] for start in range(0, len(order), pool)]
    order = np.concatenate([rows[np.argsort(lengths[rows], kind="stable")] for rows in pools])
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def sorted_rows(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Batches of texts in order of length, for inference: the least padding there can be."""
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def make_batches(
    texts: TokenizedTexts, rows: list[np.ndarray] | Callable[[int], list[np.ndarray]], *, first_epoch: int = 0
) -> "tf.data.Dataset":
    """A dataset of `features`, or of (`features`, `label_ids`), one element for each array of row numbers.

    `features` holds int32 (batch, length) tensors `token_ids`, `segment_ids` and `padding_mask`, padded with 0 to the
    longest text of the batch. `rows` may be a function of the epoch's number: then the dataset has no end, and goes
    through the epochs from `first_epoch` on.
    """
    import tensorflow as tf

    ragged = tf.RaggedTensor.from_row_splits(texts.token_ids, texts.starts)
    labels = None if texts.label_ids is None else tf.constant(texts.label_ids)

    def assemble(indexes: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor] | dict[str, tf.Tensor]:
        picked = tf.gather(ragged, indexes)
        token_ids = picked.to_tensor()  # (batch, length)
        padding_mask = tf.sequence_mask(picked.row_lengths(), dtype=tf.int32)
        features = {
            "token_ids": token_ids,
            "segment_ids": tf.zeros_like(token_ids),
            "padding_mask": padding_mask,
        }
        return features if labels is None else (features, tf.gather(labels, indexes))

    # Not Dataset.from_generator: its kernel makes malloc give every freed tensor back to the system, process-wide.
    if callable(rows):
        epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
        indexes = epochs.flat_map(
            lambda epoch: _slices(*tf.numpy_function(lambda e: _joined(rows(int(e))), [epoch], (tf.int64, tf.int64)))
        )
    else:
        indexes = _slices(*_joined(rows))
        indexes = indexes.apply(tf.data.experimental.assert_cardinality(len(rows)))
    return indexes.map(assemble, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)


def _joined(rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Arrays end to end, and where each ends."""
    joined = np.concatenate(rows) if rows else np.zeros(0)
    return joined.astype("int64"), np.cumsum([len(row) for row in rows], dtype="int64")


def _slices(joined: "tf.Tensor", ends: "tf.Tensor") -> "tf.data.Dataset":
    """`_joined` taken apart again, one array an element."""
    import tensorflow as tf

    joined, ends = tf.ensure_shape(joined, [None]), tf.ensure_shape(ends, [None])
    starts = tf.concat([[0], ends[:-1]], axis=0)
    return tf.data.Dataset.from_tensor_slices((starts, ends)).map(lambda start, end: joined[start:end])
