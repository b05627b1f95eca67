"""Token ids to batches of texts of like length: nothing is padded beyond its own batch."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

    from kbert.tokenizer import BertTokenizer, Encoding

# Texts are sorted by length inside pools of so many batches: large enough that padding all but vanishes, small enough
# that an epoch stays a shuffle.
POOL_BATCHES = 50
# The target of a token that has none of its own, such as padding, [CLS], the further pieces of a word: no loss looks
# at it.
IGNORED = -100
# The output of most heads, and the name of their target.
LOGITS = "logits"


@dataclasses.dataclass(frozen=True, eq=False)
class TokenRow:
    """One text, or a window of one, as a model reads it: int32 (length,) each, all of segment 0 unless said."""

    token_ids: np.ndarray
    segment_ids: np.ndarray = dataclasses.field(default=None)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        if self.segment_ids is None:
            object.__setattr__(self, "segment_ids", np.zeros_like(self.token_ids))

    def __len__(self) -> int:
        return len(self.token_ids)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenizedTexts:
    """Many encoded texts, end to end: row i is `token_ids[starts[i] : starts[i + 1]]`, int32.

    `second_starts` (rows,) says from which place of a row on tokens have segment id 1; None where all have 0. `owners`
    (rows,) is the number of the input that a row comes from; None where each input has one row. `offsets` (tokens, 2)
    are places in the text, (0, 0) for special tokens, where a task asks for them. `targets` are what a head's outputs,
    by name, are to become: of each row (rows, …), or of each token (tokens,), where `IGNORED` is none. `group` rows
    that follow each other are one example and stay in one batch. `truncated` counts the texts that were cut.
    """

    token_ids: np.ndarray
    starts: np.ndarray
    second_starts: np.ndarray | None = None
    owners: np.ndarray | None = None
    offsets: np.ndarray | None = None
    targets: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    group: int = 1
    truncated: int = 0

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    @property
    def label_ids(self) -> np.ndarray | None:
        """The targets of `logits`, if there are any."""
        return self.targets.get(LOGITS)

    def is_of_tokens(self, values: np.ndarray) -> bool:
        """Whether a target has a value for each token, not for each row."""
        return len(values) == len(self.token_ids)

    def some_rows(self, start: int, stop: int) -> "TokenizedTexts":
        """The rows from `start` to before `stop`, to be run; without targets."""
        first, last = self.starts[start], self.starts[stop]
        return TokenizedTexts(
            token_ids=self.token_ids[first:last],
            starts=self.starts[start : stop + 1] - first,
            second_starts=None if self.second_starts is None else self.second_starts[start:stop],
        )

    def without_targets(self) -> "TokenizedTexts":
        return dataclasses.replace(self, targets={})

    def row(self, index: int) -> TokenRow:
        """One row, to be run by itself."""
        token_ids = self.token_ids[self.starts[index] : self.starts[index + 1]]
        segment_ids = np.zeros_like(token_ids)
        if self.second_starts is not None:
            segment_ids[self.second_starts[index] :] = 1
        return TokenRow(token_ids, segment_ids)

    def row_offsets(self, index: int) -> np.ndarray:
        """The `offsets` of one row: int32 (length, 2)."""
        assert self.offsets is not None
        return self.offsets[self.starts[index] : self.starts[index + 1]]

    def rows_by_owner(self, inputs: int) -> list[list[int]]:
        """For each of so many inputs, its rows."""
        if self.owners is None:
            return [[i] for i in range(inputs)]
        found: list[list[int]] = [[] for _ in range(inputs)]
        for row, owner in enumerate(self.owners):
            found[owner].append(row)
        return found


def tokenize(
    tokenizer: "BertTokenizer",
    texts: Sequence[Any],
    targets: Mapping[str, np.ndarray] | Sequence[int] | None = None,
    *,
    max_length: int,
) -> TokenizedTexts:
    """Encodes texts, or pairs of texts, once, each cut to `max_length` tokens.

    Args:
        tokenizer: what makes the ids.
        texts: strings, or tuples of two; all of one kind.
        targets: by the output that they are for; a plain list is for `logits`.
        max_length: tokens, special ones included.
    """
    pairs = bool(len(texts)) and isinstance(texts[0], tuple)
    if pairs:
        firsts, seconds = [list(part) for part in zip(*texts, strict=True)]
        encodings = tokenizer.encode_batch(firsts, seconds, max_length=max_length)
    else:
        encodings = tokenizer.encode_batch(texts, max_length=max_length)
    found = (
        {} if targets is None else targets if isinstance(targets, Mapping) else {LOGITS: np.asarray(targets, "int32")}
    )
    return join_rows(encodings, pairs=pairs, targets=found)


def join_rows(
    encodings: Sequence["Encoding"], *, pairs: bool = False, targets: Mapping[str, np.ndarray] | None = None
) -> TokenizedTexts:
    """Encodings end to end."""
    rows = [np.asarray(encoding.token_ids, "int32") for encoding in encodings]
    return TokenizedTexts(
        token_ids=np.concatenate(rows) if rows else np.zeros(0, "int32"),
        starts=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype("int64"),
        second_starts=np.asarray([e.segment_ids.index(1) for e in encodings], "int32") if pairs else None,
        targets=targets or {},
        truncated=sum(encoding.truncated for encoding in encodings),
    )


def join_texts(first: TokenizedTexts, second: TokenizedTexts) -> TokenizedTexts:
    """The rows of one behind those of the other, which have the same targets; without `owners` and `offsets`."""
    parts = (first, second)
    second_starts = None
    if any(part.second_starts is not None for part in parts):
        # Where a row is one text alone, no token has segment id 1.
        second_starts = np.concatenate(
            [part.lengths if part.second_starts is None else part.second_starts for part in parts]
        ).astype("int32")
    return TokenizedTexts(
        token_ids=np.concatenate([part.token_ids for part in parts]),
        starts=np.concatenate([first.starts, first.starts[-1] + second.starts[1:]]),
        second_starts=second_starts,
        targets={name: np.concatenate([part.targets[name] for part in parts]) for name in first.targets},
        group=first.group,
        truncated=first.truncated + second.truncated,
    )


def epoch_rows(lengths: np.ndarray, batch_size: int, *, seed: int, epoch: int, group: int = 1) -> list[np.ndarray]:
    """Which rows go into which batch of an epoch: a function of `seed` and `epoch` alone.

    The rows are shuffled, sorted by length inside pools of `POOL_BATCHES` batches, cut into batches, and the batches
    shuffled. Every row occurs once; the last batch of the cut may be smaller. Of groups, `batch_size` whole ones make a
    batch.
    """
    if group > 1:
        longest = lengths.reshape(-1, group).max(axis=1)
        return [_members(batch, group) for batch in epoch_rows(longest, batch_size, seed=seed, epoch=epoch)]
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    pool = batch_size * POOL_BATCHES
    pools = [order[start : start + pool] for start in range(0, len(order), pool)]
    order = np.concatenate([rows[np.argsort(lengths[rows], kind="stable")] for rows in pools])
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [batches[i] for i in random.permutation(len(batches))]


def _members(groups: np.ndarray, group: int) -> np.ndarray:
    """The rows of groups, in their order."""
    return (groups[:, None] * group + np.arange(group)).ravel()


def sorted_rows(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Batches of rows in order of length, for inference: the least padding there can be."""
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def make_batches(
    texts: TokenizedTexts, rows: list[np.ndarray] | Callable[[int], list[np.ndarray]], *, first_epoch: int = 0
) -> "tf.data.Dataset":
    """A dataset of `features`, or of (`features`, targets), one element for each array of row numbers.

    `features` holds int32 (batch, length) tensors `token_ids`, `segment_ids` and `padding_mask`, padded with 0 to the
    longest row of the batch. The target is a tensor where there is one, else a dict. `rows` may be a function of the
    epoch's number: then the dataset has no end, and goes through the epochs from `first_epoch` on.
    """
    import tensorflow as tf

    ragged = tf.RaggedTensor.from_row_splits(texts.token_ids, texts.starts)
    of_tokens = {name for name, values in texts.targets.items() if texts.is_of_tokens(values)}
    on_disk = {
        name: _gatherer(values, texts) for name, values in texts.targets.items() if isinstance(values, np.memmap)
    }
    targets = {
        name: tf.RaggedTensor.from_row_splits(values, texts.starts) if name in of_tokens else tf.constant(values)
        for name, values in texts.targets.items()
        if name not in on_disk
    }
    second_starts = None if texts.second_starts is None else tf.constant(texts.second_starts)

    def assemble(indexes: tf.Tensor) -> Any:
        picked = tf.gather(ragged, indexes)
        token_ids = picked.to_tensor()  # (batch, length)
        padding_mask = tf.sequence_mask(picked.row_lengths(), dtype=tf.int32)
        segment_ids = tf.zeros_like(token_ids)
        if second_starts is not None:
            first = tf.sequence_mask(tf.gather(second_starts, indexes), tf.shape(token_ids)[1], dtype=tf.int32)
            segment_ids = padding_mask - first
        features = {"token_ids": token_ids, "segment_ids": segment_ids, "padding_mask": padding_mask}
        found = {name: tf.gather(values, indexes) for name, values in targets.items()}
        found |= {name: found[name].to_tensor(default_value=IGNORED) for name in of_tokens if name not in on_disk}
        found |= {name: gather(indexes) for name, gather in on_disk.items()}
        if not found:
            return features
        return features, next(iter(found.values())) if len(found) == 1 else found

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


def _gatherer(values: np.memmap, texts: TokenizedTexts) -> Callable[["tf.Tensor"], "tf.Tensor"]:
    """Reads the targets of a batch from a file, instead of holding those of all texts; float32."""
    import tensorflow as tf

    of_tokens = texts.is_of_tokens(values)
    lengths = texts.lengths

    def read(rows: np.ndarray) -> np.ndarray:
        if not of_tokens:
            return np.asarray(values[rows])
        found = np.full((len(rows), lengths[rows].max(), *values.shape[1:]), IGNORED, values.dtype)
        for place, row in enumerate(rows):
            found[place, : lengths[row]] = values[texts.starts[row] : texts.starts[row + 1]]
        return found

    def gather(indexes: "tf.Tensor") -> "tf.Tensor":
        found = tf.numpy_function(read, [indexes], tf.float32)
        found.set_shape([None, *([None] if of_tokens else []), *values.shape[1:]])
        return found

    return gather


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
