"""The inference graph: the encoder as plain TensorFlow operations over constants, made for conversion.

It computes what `BertBackbone` computes, with what training needs left out and what inference repeats done once:
`1 / sqrt(head_dim)` is folded into the query weights, segment 0 into the positions, query, key and value are one matrix
product, and where a head reads [CLS] alone the last layer works for it alone. All of it is exact. The heads are in
`kbert.export.graph_heads`.

Shapes are (…, length, hidden_dim). For TFLite there is one text and no batch axis, so that no shape is ever computed;
for ONNX there is a batch axis.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kbert.config import BertConfig
from kbert.layers.embeddings import sinusoidal_positions

Weights = Mapping[str, np.ndarray]
Constant = Callable[[np.ndarray], Any]

# Added to the scores of padding before the softmax: far below any score, far from float32's limit.
MASKED = -1e9
# The same within half precision, in which GPUs compute: the other is infinite there, and 0 times it is no number.
HALF_MASKED = -1e4


class InferenceGraph:
    """Adds the operations of an encoder to the TensorFlow graph that is being built.

    Args:
        weights: under our names, as `extract_weights` gives them.
        config: the sizes.
        batched: whether tensors have a batch axis; without one there is a single text.
        constant: makes the tensor of a weight.
        length: of all texts, if it is known beforehand; then `batched` must be True, with a batch of one.
        fold_norms: whether a product right after a LayerNorm takes its γ and β into its weights and bias.
    """

    def __init__(
        self,
        weights: Weights,
        config: BertConfig,
        *,
        batched: bool,
        constant: Constant = tf.constant,
        length: int | None = None,
        fold_norms: bool = False,
    ) -> None:
        self.config = config
        self.batched = batched
        self.length = length
        self.weights = weights
        self.constant = constant
        self.fold_norms = fold_norms
        # By what a LayerNorm gives: what it was before γ and β, and the two.
        self._before_affine: dict[Any, tuple[Any, np.ndarray, np.ndarray]] = {}

    def sequence_output(self, token_ids: Any, padding_mask: Any, segment_ids: Any, *, cls_only: bool = False) -> Any:
        """Integer (batch, length) inputs -> float32 (…, length, hidden_dim), or (…, 1, hidden_dim) of [CLS] alone."""
        with tf.name_scope("inputs"):
            length = tf.shape(token_ids, out_type=token_ids.dtype)[1]
            masked = MASKED if self.length is None else HALF_MASKED
            bias = (1.0 - tf.cast(padding_mask, tf.float32)) * masked  # (batch, length)
            # Broadcast over heads and queries.
            bias = tf.expand_dims(tf.expand_dims(bias, 1), 1) if self.batched else bias[None]
            self._set_shapes(length)
        x = self._embed(token_ids, segment_ids, length)
        last = self.config.num_layers - 1
        for i in range(self.config.num_layers):
            x = self._layer(i, x, bias, cls_only=cls_only and i == last)
        return x

    def pooled_output(self, x: Any) -> Any:
        """The last layer of [CLS], (…, 1, hidden_dim) -> (batch, hidden_dim)."""
        with tf.name_scope("pooler"):
            return tf.tanh(self.dense("pooler", self._first_tokens(x)))

    def _first_tokens(self, x: Any) -> Any:
        """(…, 1, hidden_dim) -> (batch, hidden_dim)."""
        shape = [-1 if self.batched else 1, self.config.hidden_dim]
        tokens = tf.reshape(x, shape)
        if self.length is not None and x.ref() in self._before_affine:  # the converter sees through such a reshape
            scaled, gamma, beta = self._before_affine[x.ref()]
            self._before_affine[tokens.ref()] = tf.reshape(scaled, shape), gamma, beta
        return tokens

    def _set_shapes(self, length: Any) -> None:
        # Computed once: with a batch axis every one of these costs a converted graph four operations.
        heads_dim, heads, head_dim = self.config.heads_dim, self.config.num_heads, self.config.head_dim
        if self.batched:
            all_lengths, one = [tf.constant(-1, length.dtype), length], [-1, 1]
        else:
            all_lengths, one = [-1], [-1]
        # By how many of query, key and value are side by side; the query of [CLS] is alone.
        self.head_shape = {1: [*one, heads, head_dim]}
        self.head_shape |= {parts: tf.stack([*all_lengths, parts * heads, head_dim]) for parts in (2, 3)}
        self.row_shape = {False: tf.stack([*all_lengths, heads_dim]), True: [*one, heads_dim]}

    def _embed(self, token_ids: Any, segment_ids: Any, length: Any) -> Any:
        table = self.weights.get("embeddings.position")
        if table is None:
            table = sinusoidal_positions(self.config.max_sequence_length, self.config.hidden_dim)
        segments = self.weights["embeddings.segment"]
        with tf.name_scope("embeddings"):
            if not self.batched:
                token_ids, segment_ids = tf.reshape(token_ids, [-1]), tf.reshape(segment_ids, [-1])
            x = tf.gather(self.constant(self.weights["embeddings.token"]), token_ids)
            if self.config.embedding_dim is not None:
                with tf.name_scope("projection"):
                    x = self.dense("embeddings.projection", x)
            x += self._first_rows(table + segments[0], length)
            # Row s of the segment table less row 0, for two segments by a product instead of a look-up.
            if len(segments) == 2 and self.length is None:
                x += tf.expand_dims(tf.cast(segment_ids, tf.float32), -1) * self.constant(segments[1] - segments[0])
            elif len(segments) > 1:
                x += tf.gather(self.constant(segments - segments[0]), segment_ids)
            return self._layer_norm("embeddings.layer_norm", x)

    def _first_rows(self, table: np.ndarray, length: Any) -> Any:
        # Looked up as tokens are, so that the table can be quantized as theirs is: a slice has no scales.
        with tf.name_scope("positions"):
            if self.length is not None:
                return self.constant(table[None, : self.length])
            return tf.gather(self.constant(table), tf.range(len(table), dtype=length.dtype)[:length])

    def _layer(self, i: int, x: Any, bias: Any, *, cls_only: bool) -> Any:
        name = f"layers.{i}"
        with tf.name_scope(f"layer_{i}/attention"):
            query, key, value = self._query_key_value(f"{name}.attention", x, cls_only)
            scores = tf.matmul(query, key, transpose_b=self.length is None) + bias  # (…, heads, queries, length)
            context = self._merge_heads(tf.matmul(tf.nn.softmax(scores), value), cls_only)
            residual = x[..., :1, :] if cls_only else x
            x = self._layer_norm(f"{name}.attention_norm", residual + self.dense(f"{name}.attention.output", context))
        with tf.name_scope(f"layer_{i}/feed_forward"):
            expanded = ACTIVATIONS[self.config.activation](self.dense(f"{name}.intermediate", x))
            return self._layer_norm(f"{name}.output_norm", x + self.dense(f"{name}.output", expanded))

    def _query_key_value(self, name: str, x: Any, cls_only: bool) -> list[Any]:
        scale = np.float32(1.0 / math.sqrt(self.config.head_dim))
        parts = {
            part: (self.weights[f"{name}.{part}.kernel"], self.weights[f"{name}.{part}.bias"])
            for part in ("query", "key", "value")
        }
        parts["query"] = (parts["query"][0] * scale, parts["query"][1] * scale)
        if self.length is not None:
            return self._transposed_parts(x, parts, cls_only)
        if not cls_only:
            return self._split_heads(self._affine(x, *_side_by_side(parts.values())), 3)
        query = self._affine(x[..., :1, :], *parts["query"])
        key_value = self._affine(x, *_side_by_side([parts["key"], parts["value"]]))
        return [*self._split_heads(query, 1), *self._split_heads(key_value, 2)]

    def _transposed_parts(
        self, x: Any, parts: Mapping[str, tuple[np.ndarray, np.ndarray]], cls_only: bool
    ) -> list[Any]:
        """Query and value (1, heads, length, head_dim), and key (1, heads, head_dim, length), ready to be multiplied.

        The GPU delegate overlooks that a product is to transpose its operand, so the key is transposed here.
        """
        heads = []
        for part, (kernel, bias) in parts.items():
            rows = 1 if cls_only and part == "query" else self.length
            source = x[:, :1, :] if cls_only and part == "query" else x
            shape = [1, rows, self.config.num_heads, self.config.head_dim]
            order = [0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]
            heads.append(tf.transpose(tf.reshape(self._affine(source, kernel, bias), shape), order))
        return heads

    def _split_heads(self, x: Any, parts: int) -> list[Any]:
        """(…, length, parts * heads_dim) -> for each part (…, heads, length, head_dim): one transposition for all."""
        order = [0, 2, 1, 3] if self.batched else [1, 0, 2]
        heads = tf.transpose(tf.reshape(x, self.head_shape[parts]), order)
        return tf.split(heads, parts, axis=-3) if parts > 1 else [heads]

    def _merge_heads(self, x: Any, one_query: bool) -> Any:
        """(…, heads, length, head_dim) -> (…, length, heads_dim)."""
        order = [0, 2, 1, 3] if self.batched else [1, 0, 2]
        return tf.reshape(tf.transpose(x, order), self.row_shape[one_query])

    def dense(self, name: str, x: Any) -> Any:
        """A dense layer by its name among the weights."""
        return self._affine(x, self.weights[f"{name}.kernel"], self.weights[f"{name}.bias"])

    def _layer_norm(self, name: str, x: Any) -> Any:
        centred = x - tf.reduce_mean(x, axis=-1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
        scaled = centred * tf.math.rsqrt(variance + self.config.layer_norm_epsilon)
        gamma, beta = self.weights[f"{name}.gamma"], self.weights[f"{name}.beta"]
        x = scaled * self.constant(gamma) + self.constant(beta)
        self._before_affine[x.ref()] = scaled, gamma, beta
        return x

    def _affine(self, x: Any, kernel: np.ndarray, bias: np.ndarray) -> Any:
        # TFLite's converter would do it, to the bit, were the weights not stand-ins while it works.
        if self.fold_norms and x.ref() in self._before_affine:
            x, gamma, beta = self._before_affine[x.ref()]
            bias = (bias + (beta[:, None] * kernel).sum(axis=0, dtype="float64")).astype("float32")
            kernel = gamma[:, None] * kernel
        return tf.matmul(x, self.constant(np.ascontiguousarray(kernel))) + self.constant(bias)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    # Written out: tf.nn.gelu uses erfc, which ONNX does not have.
    "gelu": lambda x: 0.5 * x * (1.0 + tf.math.erf(x * (1.0 / math.sqrt(2.0)))),
    "gelu_tanh": lambda x: tf.nn.gelu(x, approximate=True),
    "relu": tf.nn.relu,
}


def _side_by_side(parts: Any) -> tuple[np.ndarray, np.ndarray]:
    kernels, biases = zip(*parts, strict=True)
    return np.concatenate(kernels, axis=1), np.concatenate(biases)
