"""Shards of windows to batches for `BertPretrainer`: the n-th batch of a run is a function of its seed and n."""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from kbert.data.masking import Masking, MaskingSettings
from kbert.data.shards import ShardSet, damage_named
from kbert.errors import InputError

if TYPE_CHECKING:
    import tensorflow as tf

# Features, labels, weights.
Batch: TypeAlias = "tuple[dict[str, tf.Tensor], dict[str, tf.Tensor], dict[str, tf.Tensor]]"

# Records that are shuffled together, within shards that are read in random order: some 25 MB of 128 tokens each.
SHUFFLE_RECORDS = 50_000
READ_AT_ONCE = 8  # shards
# The numbers of the noise sources that `kbert.data.masking` does not take.
SPLIT_NOISE, PAIR_NOISE, NUM_NOISES = 4, 5, 6


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainingBatches:
    """An endless row of batches.

    Args:
        shards: what `kbert prepare` wrote.
        batch_size: texts in a batch, over all workers.
        masking: how to mask.
        seed: where all chance comes from.

    Raises:
        InputError: there are fewer windows than make a batch, pairs cannot be made of an odd batch, or texts are too
            short for the masking.
    """

    shards: ShardSet
    batch_size: int
    masking: MaskingSettings = dataclasses.field(default_factory=MaskingSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        self.masking.check_length(self.shards.max_length)
        if self.batch_size < 1:
            raise InputError(f"batch_size must be at least 1. Received: {self.batch_size}")
        if self.shards.num_windows < self.batch_size:
            raise InputError(
                f"{self.shards.directory}: expected at least {self.batch_size} windows, one batch, found "
                f"{self.shards.num_windows}. Choose a smaller batch or add text"
            )
        if self.shards.sentence_objective == "nsp" and self.batch_size % 2:
            raise InputError(f"batch_size must be even to pair texts for NSP. Received: {self.batch_size}")

    @property
    def batches_per_epoch(self) -> int:
        return self.shards.num_windows // self.batch_size

    def read(self, first: int = 0, count: int = -1, *, worker: int = 0, num_workers: int = 1) -> Iterator[Batch]:
        """`count` batches of `dataset`, or all of them.

        Raises:
            InputError: `batch_size` cannot be shared equally; or a shard is missing or damaged, says which.
        """
        with damage_named(self.shards):
            yield from self.dataset(first, worker=worker, num_workers=num_workers).take(count)

    def dataset(self, first: int = 0, *, worker: int = 0, num_workers: int = 1) -> "tf.data.Dataset":
        """Batches from the one numbered `first` on, without end: (features, labels, weights).

        Features are `token_ids`, `segment_ids`, `padding_mask` (batch, max_length) and `mask_positions`
        (batch, max_predictions); labels `mlm_logits` (batch, max_predictions) and, with an objective for sentences,
        `nsp_logits` (batch,); weights have the names and shapes of the labels. Of several workers each gets its equal
        part of every batch, and the parts together are what one worker would get.

        Raises:
            InputError: `batch_size` cannot be shared equally.
        """
        import tensorflow as tf

        if self.batch_size % num_workers:
            raise InputError(f"batch_size must be a multiple of the {num_workers} workers. Received: {self.batch_size}")
        assemble = _Assembly(self, worker, num_workers)
        first_epoch, skipped = divmod(first, self.batches_per_epoch)
        epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
        records = epochs.flat_map(
            lambda epoch: self._epoch(epoch).skip(tf.where(epoch == first_epoch, tf.cast(skipped, tf.int64), 0))
        )
        numbers = tf.data.Dataset.counter(first)
        batches = tf.data.Dataset.zip(numbers, records).map(
            tf.autograph.experimental.do_not_convert(assemble), num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
        return batches.prefetch(tf.data.AUTOTUNE)

    def _epoch(self, epoch: "tf.Tensor") -> "tf.data.Dataset":
        """The serialized records of one epoch, a batch at a time; an incomplete last batch is left out."""
        import tensorflow as tf

        paths = tf.constant([str(path) for path in self.shards.paths])
        seed = tf.stack([tf.cast(self.seed, tf.int64), epoch])
        paths = tf.random.experimental.stateless_shuffle(paths, seed)
        records = tf.data.Dataset.from_tensor_slices(paths).interleave(
            lambda path: tf.data.TFRecordDataset(path, "GZIP", 1 << 20),
            cycle_length=min(READ_AT_ONCE, len(self.shards.paths)),
            block_length=16,
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        # A truncated shard just ends early for TensorFlow, and all batches after it would be others.
        records = records.apply(tf.data.experimental.assert_cardinality(self.shards.num_windows))
        # Dataset.shuffle takes no seed that a tensor holds, as that of the epoch is.
        blocks = tf.data.Dataset.zip(tf.data.Dataset.counter(1), records.batch(SHUFFLE_RECORDS))
        records = blocks.map(
            lambda number, block: tf.random.experimental.stateless_shuffle(block, seed + tf.stack([number * 2**32, 0])),
            num_parallel_calls=1,
        )
        records = records.prefetch(1).unbatch()
        return records.batch(self.batch_size, drop_remainder=True)


class _Assembly:
    """Serialized records and the number of their batch to tensors."""

    def __init__(self, batches: PretrainingBatches, worker: int, num_workers: int) -> None:
        self.batches = batches
        self.max_length = batches.shards.max_length
        self.objective = batches.shards.sentence_objective
        tokenizer = batches.shards.tokenizer()
        self.cls_id, self.sep_id = tokenizer.token_id("[CLS]"), tokenizer.token_id("[SEP]")
        self.pad_id = tokenizer.token_id("[PAD]")
        self.masking = Masking(batches.masking, tokenizer, self.max_length)
        size = batches.batch_size // num_workers
        self.rows = slice(worker * size, (worker + 1) * size)
        # What has to be read for them. NSP's partners stand side by side, at 2n and 2n + 1: a worker may need one more
        # row at either end.
        self.read_rows = self.rows
        if self.objective == "nsp":
            self.read_rows = slice(self.rows.start // 2 * 2, -(-self.rows.stop // 2) * 2)

    def __call__(self, number: "tf.Tensor", records: "tf.Tensor") -> tuple[dict[str, Any], Any, Any]:
        import tensorflow as tf

        def noise(source: int, columns: int) -> "tf.Tensor":
            return self._draw(number, source, columns)[self.rows]

        if self.objective == "nsp":
            documents = tf.io.parse_example(records, {"document": tf.io.FixedLenFeature([], tf.int64)})["document"]
            records = tf.gather(records, _partners_side_by_side(documents))
        kind = tf.io.RaggedFeature(tf.int64, row_splits_dtype=tf.int64)
        spec = {"token_ids": kind, "sentence_starts": kind, "document": tf.io.FixedLenFeature([], tf.int64)}
        windows = tf.io.parse_example(records[self.read_rows], spec)
        if self.objective == "none":
            parts, labels = [windows["token_ids"]], {}
        else:
            start = self.read_rows.start
            rows = slice(self.rows.start - start, self.rows.stop - start)
            first, second, label = self._pairs(windows, number)
            parts, labels = [first[rows], second[rows]], {"nsp_logits": label[rows]}
        features = self._join(parts)
        masked = self.masking(features["token_ids"], noise)
        features |= {"token_ids": masked["token_ids"], "mask_positions": masked["mask_positions"]}
        weights = {name: tf.ones_like(label, tf.float32) for name, label in labels.items()}
        return (
            features,
            {"mlm_logits": masked["mask_ids"], **labels},
            {"mlm_logits": masked["mask_weights"], **weights},
        )

    def _draw(self, number: "tf.Tensor", source: int, *columns: int) -> "tf.Tensor":
        """Uniform noise of a batch, (batch, *columns), always for the whole: the workers together are one batch."""
        import tensorflow as tf

        seed = tf.stack([tf.cast(self.batches.seed, tf.int64), number * NUM_NOISES + source])
        return tf.random.stateless_uniform([self.batches.batch_size, *columns], seed)

    def _pairs(self, windows: dict[str, Any], number: "tf.Tensor") -> tuple[Any, Any, Any]:
        """Windows cut in two, and the labels: 0 where B follows A.

        NSP (arXiv:1810.04805, 3.1): for half of the windows B comes from another document: two windows exchange their
        second parts, whichever text is theirs. Both kinds have the same lengths, so that these say nothing about the
        label: of two partners the longer window is cut where its second part comes closest to the other's in length,
        and loses, or the other does, the end by which they still differ. Sentence order prediction (arXiv:1909.11942,
        3.1): for half of them the parts change places.
        """
        import tensorflow as tf

        draw = self._draw(number, SPLIT_NOISE)[self.read_rows]
        coin = self._draw(number, PAIR_NOISE)[self.read_rows] < 0.5
        tokens, documents = windows["token_ids"], windows["document"]
        lengths = tokens.row_lengths()
        middle = self._split_points(windows, draw)
        if self.objective == "sop":
            bounds = (tokens.row_starts(), tokens.row_starts() + middle, tokens.row_limits())
            first, second = bounds[:2], bounds[1:]
            first, second = (
                tuple(tf.where(coin, theirs, ours) for ours, theirs in zip(*pair, strict=True))
                for pair in ((first, second), (second, first))
            )
            swapped = coin
        else:
            rows = np.arange(self.read_rows.stop - self.read_rows.start)
            partner = rows ^ 1
            theirs = tf.gather(lengths, partner)
            adapts = (lengths > theirs) | ((lengths == theirs) & (rows > partner))
            wanted = lengths - tf.gather(lengths - middle, partner)
            middle = tf.where(adapts, self._splits_near(windows, wanted), middle)
            kept = tf.minimum(lengths - middle, tf.gather(lengths - middle, partner))
            coin = tf.gather(coin, np.minimum(rows, partner))  # one coin for both
            swapped = coin & (documents != tf.gather(documents, partner))
            begin = tokens.row_starts() + middle
            first = (tokens.row_starts(), begin)
            begin = tf.where(swapped, tf.gather(begin, partner), begin)
            second = (begin, begin + kept)
        values = tokens.flat_values
        first, second = (
            tf.ragged.map_flat_values(lambda index: tf.gather(values, index), tf.ragged.range(*bounds))
            for bounds in (first, second)
        )
        return first, second, tf.cast(swapped, tf.int32)

    def _split_points(self, windows: dict[str, Any], draw: "tf.Tensor") -> "tf.Tensor":
        """Where each window is cut: before a random sentence but the first; a lone sentence in its middle."""
        import tensorflow as tf

        counts = windows["sentence_starts"].row_lengths()
        chosen = 1 + tf.cast(draw * tf.cast(counts - 1, tf.float32), tf.int64)
        return self._starts_of(windows, tf.minimum(chosen, tf.maximum(counts - 1, 0)))

    def _splits_near(self, windows: dict[str, Any], wanted: "tf.Tensor") -> "tf.Tensor":
        """The same, but before the sentence that begins nearest to `wanted`."""
        import tensorflow as tf

        starts = windows["sentence_starts"]
        far = tf.constant(1 << 40, tf.int64)
        behind_first = starts.with_flat_values(tf.where(starts.flat_values == 0, far, starts.flat_values))
        distances = tf.abs(behind_first - wanted[:, None]).to_tensor(2 * far)
        return self._starts_of(windows, tf.argmin(distances, axis=1))

    def _starts_of(self, windows: dict[str, Any], chosen: "tf.Tensor") -> "tf.Tensor":
        """Where the sentences of these numbers begin, one for each window; the middle of a lone one."""
        import tensorflow as tf

        tokens, sentences = windows["token_ids"], windows["sentence_starts"]
        boundary = tf.gather(sentences.flat_values, sentences.row_starts() + chosen)
        return tf.where(sentences.row_lengths() > 1, boundary, (tokens.row_lengths() + 1) // 2)

    def _join(self, parts: list[Any]) -> dict[str, Any]:
        """[CLS] A [SEP], or [CLS] A [SEP] B [SEP], padded to `max_length`."""
        import tensorflow as tf

        column = tf.ones([parts[0].nrows(), 1], tf.int64)
        pieces, segments = [column * self.cls_id], [tf.zeros_like(column)]
        for segment, part in enumerate(parts):
            part = tf.concat([part, column * self.sep_id], axis=1)
            pieces.append(part)
            segments.append(tf.ones_like(part) * segment)
        shape = [self.rows.stop - self.rows.start, self.max_length]
        joined = tf.concat(pieces, axis=1)
        token_ids = joined.to_tensor(self.pad_id, shape=shape)
        return {
            "token_ids": tf.cast(token_ids, tf.int32),
            "segment_ids": tf.cast(tf.concat(segments, axis=1).to_tensor(0, shape=shape), tf.int32),
            "padding_mask": tf.sequence_mask(joined.row_lengths(), self.max_length, tf.int32),
        }


def _partners_side_by_side(documents: "tf.Tensor") -> "tf.Tensor":
    """The windows of a batch in an order in which partners follow one another; of other documents if there is any way.

    Sorted by document, a window's partner is the one half a batch away: it is of the same document only if that has
    more than half the batch.
    """
    import tensorflow as tf

    order = tf.argsort(documents, stable=True)
    return tf.reshape(tf.transpose(tf.reshape(order, [2, -1])), [-1])
