"""Weights that know the corpus before the first step, in place of random ones.

A short run of a small model from random weights spends most of its steps on what counting finds in seconds: how
frequent tokens are, which of them stand near which, and where near is.
"""

import math
from collections.abc import Iterator

import numpy as np
from keras import ops
from scipy import sparse

from kbert.backbone import BertBackbone
from kbert.data.shards import ShardSet, damage_named
from kbert.layers.embeddings import sinusoidal_positions
from kbert.pretrainer import BertPretrainer

MAX_TOKENS = 10_000_000  # counts of more would hardly differ, and take gigabytes with a large vocabulary
WINDOW = 5  # tokens on either side that count as near; the nearest most
SMOOTHING = 0.75  # power of the frequency of a neighbour: else rare ones have the highest information
ATTENDED_SHARE = 0.5  # of the mean of the attended tokens that a layer adds; 0.25 and 1 learn more slowly
_READ_AT_ONCE = 4096  # records


def start_from_corpus(model: BertPretrainer, shards: ShardSet, *, encoder: bool = True) -> None:
    """Sets what is still random to what can be counted.

    Token embeddings get the singular vectors of the positive pointwise mutual information of near tokens, each weighted
    by the root of its value (Levy and Goldberg 2014, *Neural Word Embedding as Implicit Matrix Factorization*),
    at the length that random ones have; learned positions the sinusoids, at the size of random ones. The MLM head gets
    the logarithm of the tokens' frequencies as its bias, and the identity added to its transform.

    So that vectors of tokens reach the head as such, every layer adds the mean of what a token attends to, halved: the
    attention's output kernel undoes its value kernel, and the feed-forward network adds nothing (its last kernel is 0,
    as in Fixup, arXiv:1901.09321). Keys are queries, so that a token attends to those that are like it or near it, as
    in trained models (mimetic initialization, arXiv:2305.09828).

    Args:
        model: its tokenizer is that of the shards.
        shards: at most `MAX_TOKENS` of them are counted, as many of every shard.
        encoder: its weights are random too, not only those of the MLM head.

    Raises:
        InputError: a shard is damaged.
    """
    config = model.backbone.config
    frequencies, nearness = count_tokens(shards, config.vocabulary_size)
    if encoder:
        row_length = config.initializer_range * np.sqrt(config.hidden_dim)
        table = model.backbone.embeddings.token.embeddings
        vectors = token_vectors(nearness, config.hidden_dim) * row_length
        found = np.linalg.norm(vectors, axis=1, keepdims=True) > 0
        table.assign(np.where(found, vectors, ops.convert_to_numpy(table)))
        positions = model.backbone.embeddings.position
        if positions is not None:
            # Sines and cosines have a mean square of a half.
            positions.assign(sinusoidal_positions(*positions.shape) * config.initializer_range * np.sqrt(2))
        _hand_on_what_is_attended_to(model.backbone)
    model.mlm.bias.assign(np.log((frequencies + 1) / (frequencies + 1).sum()))
    kernel = model.mlm.transform.kernel
    kernel.assign(ops.convert_to_numpy(kernel) + np.eye(config.hidden_dim, dtype="float32"))


def _hand_on_what_is_attended_to(backbone: BertBackbone) -> None:
    variables = backbone.named_variables()
    width = backbone.config.hidden_dim
    chance = np.random.default_rng(0)
    for layer in range(backbone.config.num_layers):
        prefix = f"layers.{layer}"
        rotation = np.linalg.qr(chance.normal(size=(width, width)))[0]
        variables[f"{prefix}.attention.value.kernel"].assign(rotation)
        variables[f"{prefix}.attention.output.kernel"].assign(ATTENDED_SHARE * rotation.T)
        variables[f"{prefix}.attention.key.kernel"].assign(variables[f"{prefix}.attention.query.kernel"])
        variables[f"{prefix}.output.kernel"].assign(np.zeros((backbone.config.intermediate_dim, width)))


def count_tokens(shards: ShardSet, vocabulary_size: int) -> tuple[np.ndarray, sparse.csr_matrix]:
    """How often tokens occur, (vocabulary_size,), and how often near each other, (vocabulary_size, vocabulary_size).

    Two tokens that are d apart in a window of text count (WINDOW + 1 - d) / WINDOW, in both directions.
    """
    frequencies = np.zeros(vocabulary_size, "int64")
    nearness = sparse.csr_matrix((vocabulary_size, vocabulary_size))
    for token_ids in read_windows(shards, max_tokens=MAX_TOKENS):
        frequencies += np.bincount(token_ids[token_ids >= 0], minlength=vocabulary_size)
        pairs = []
        for distance in range(1, WINDOW + 1):
            left, right = token_ids[:-distance], token_ids[distance:]
            inside = (left >= 0) & (right >= 0)
            weight = np.full(inside.sum(), (WINDOW + 1 - distance) / WINDOW)
            pairs.append((weight, left[inside], right[inside]))
        weights, lefts, rights = map(np.concatenate, zip(*pairs, strict=True))
        # One sum for all distances: each copies everything counted so far.
        nearness = nearness + sparse.coo_matrix((weights, (lefts, rights)), shape=nearness.shape).tocsr()
    return frequencies, nearness + nearness.T


def token_vectors(nearness: sparse.csr_matrix, width: int) -> np.ndarray:
    """Vectors of length 1 for tokens by what they are near to, (len(nearness), width); 0 where that is nothing."""
    from sklearn.utils.extmath import randomized_svd

    pairs = nearness.tocoo()
    totals = np.asarray(nearness.sum(axis=1)).ravel()
    smoothed = totals**SMOOTHING / (totals**SMOOTHING).sum()
    information = np.log(pairs.data / (totals[pairs.row] * smoothed[pairs.col]))
    kept = information > 0
    matrix = sparse.csr_matrix((information[kept], (pairs.row[kept], pairs.col[kept])), shape=nearness.shape)
    count = min(width, len(totals))
    left, values, _ = randomized_svd(matrix, count, random_state=0)
    vectors = np.zeros((len(totals), width), "float32")
    vectors[:, :count] = left * np.sqrt(values)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    # What is near to nothing has rounding errors here.
    kept_rows = np.diff(matrix.indptr)[:, None] > 0
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=kept_rows & (length > 0))


def read_windows(shards: ShardSet, *, max_tokens: float = math.inf) -> Iterator[np.ndarray]:
    """Token ids of many windows in a row, with -1 between them so often that none is near the next.

    Of more than `max_tokens` those are read that come first, as many of every shard.
    """
    import tensorflow as tf

    kind = {"token_ids": tf.io.RaggedFeature(tf.int64, row_splits_dtype=tf.int64)}
    share = min(1.0, max_tokens / max(1, shards.totals["tokens"]))
    with damage_named(shards):
        for path, shard in zip(shards.paths, shards.shards, strict=True):
            records = tf.data.TFRecordDataset(str(path), "GZIP", 1 << 20).take(math.ceil(share * shard.windows))
            for batch in records.batch(_READ_AT_ONCE):
                windows = tf.io.parse_example(batch, kind)["token_ids"]
                gaps = tf.fill([windows.nrows(), WINDOW], tf.constant(-1, tf.int64))
                yield tf.concat([windows, gaps], axis=1).flat_values.numpy()
