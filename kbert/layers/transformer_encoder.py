"""One encoder layer: self-attention and feed-forward, each with dropout, a residual and LayerNorm after it."""

import math
from typing import Any

import keras
from keras import ops

from kbert.config import BertConfig
from kbert.layers.dense import Dense
from kbert.layers.naming import named_variables


def activation_function(name: str) -> Any:
    """The function behind `BertConfig.activation`."""
    if name == "relu":
        return keras.activations.relu
    approximate = name == "gelu_tanh"
    return lambda x: keras.activations.gelu(x, approximate=approximate)


@keras.saving.register_keras_serializable("kbert")
class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention (arXiv:1706.03762, section 3.2).

    Call with `x` (batch, length, hidden_dim) and `padding_mask` (batch, length), 1 for a real token; returns
    (batch, length, hidden_dim). Padding gets no weight. The softmax is taken in float32 under every dtype policy. The
    heads are `config.heads_dim` wide together.
    """

    def __init__(self, config: BertConfig | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config if isinstance(config, BertConfig) else BertConfig(**config)
        self.query = self._dense("query", self.config.heads_dim)
        self.key = self._dense("key", self.config.heads_dim)
        self.value = self._dense("value", self.config.heads_dim)
        self.output_dense = self._dense("output", self.config.hidden_dim)
        self.dropout = keras.layers.Dropout(self.config.attention_dropout, dtype=self.dtype_policy, name="dropout")

    def _dense(self, name: str, width: int) -> Dense:
        initializer = keras.initializers.TruncatedNormal(stddev=self.config.initializer_range)
        return Dense(width, kernel_initializer=initializer, dtype=self.dtype_policy, name=name)

    def build(self, x_shape: tuple[int | None, ...], padding_mask_shape: tuple[int | None, ...] | None = None) -> None:
        for dense in (self.query, self.key, self.value):
            dense.build(x_shape)
        self.output_dense.build((*x_shape[:-1], self.config.heads_dim))

    def call(self, x: Any, padding_mask: Any, training: bool | None = None) -> Any:
        # Scaling the query before the product keeps float16 scores in range; the product itself is then unscaled.
        query = self._split_heads(self.query(x)) * (1.0 / math.sqrt(self.config.head_dim))
        key = self._split_heads(self.key(x))
        value = self._split_heads(self.value(x))  # (batch, length, heads, head_dim)
        mask = ops.cast(padding_mask, "bool")[:, None, None, :]  # (batch, 1, 1, length)
        if training and self.config.attention_dropout > 0.0:
            context = self._attend_with_dropout(query, key, value, mask)
        else:
            context = ops.dot_product_attention(query, key, value, mask=mask, scale=1.0)
        return self.output_dense(ops.reshape(context, (*ops.shape(x)[:2], self.config.heads_dim)))

    def _attend_with_dropout(self, query: Any, key: Any, value: Any, mask: Any) -> Any:
        # Keras's dot_product_attention has no dropout on the weights; at rate 0 both give the same.
        scores = ops.cast(ops.einsum("btnh,bsnh->bnts", query, key), "float32")
        weights = ops.softmax(ops.where(mask, scores, -1e30), axis=-1)  # (batch, heads, length, length)
        weights = self.dropout(ops.cast(weights, value.dtype), training=True)
        return ops.einsum("bnts,bsnh->btnh", weights, value)

    def _split_heads(self, x: Any) -> Any:
        """(batch, length, heads_dim) -> (batch, length, heads, head_dim)."""
        batch, length = ops.shape(x)[:2]
        return ops.reshape(x, (batch, length, self.config.num_heads, self.config.head_dim))

    def named_variables(self) -> dict[str, keras.Variable]:
        return named_variables(query=self.query, key=self.key, value=self.value, output=self.output_dense)

    def compute_output_shape(self, x_shape: Any, padding_mask_shape: Any = None) -> Any:
        return x_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "config": self.config.to_dict()}


@keras.saving.register_keras_serializable("kbert")
class TransformerEncoder(keras.layers.Layer):
    """One layer of BERT's encoder, LayerNorm after the residual (arXiv:1706.03762, section 3.1).

    Call with `x` (batch, length, hidden_dim) and `padding_mask` (batch, length); returns the shape of `x`.
    """

    def __init__(self, config: BertConfig | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config if isinstance(config, BertConfig) else BertConfig(**config)
        shared = {"dtype": self.dtype_policy}
        initializer = keras.initializers.TruncatedNormal(stddev=self.config.initializer_range)
        epsilon = self.config.layer_norm_epsilon
        self.attention = SelfAttention(self.config, name="attention", **shared)
        self.attention_norm = keras.layers.LayerNormalization(epsilon=epsilon, name="attention_norm", **shared)
        self.intermediate = Dense(
            self.config.intermediate_dim,
            activation=activation_function(self.config.activation),
            kernel_initializer=initializer,
            name="intermediate",
            **shared,
        )
        self.output_dense = Dense(self.config.hidden_dim, kernel_initializer=initializer, name="output", **shared)
        self.output_norm = keras.layers.LayerNormalization(epsilon=epsilon, name="output_norm", **shared)
        self.attention_dropout = keras.layers.Dropout(self.config.dropout, name="attention_dropout", **shared)
        self.output_dropout = keras.layers.Dropout(self.config.dropout, name="output_dropout", **shared)

    def build(self, x_shape: tuple[int | None, ...], padding_mask_shape: tuple[int | None, ...] | None = None) -> None:
        self.attention.build(x_shape, padding_mask_shape)
        self.attention_norm.build(x_shape)
        self.intermediate.build(x_shape)
        self.output_dense.build((*x_shape[:-1], self.config.intermediate_dim))
        self.output_norm.build(x_shape)

    def call(self, x: Any, padding_mask: Any, training: bool | None = None) -> Any:
        attended = self.attention(x, padding_mask, training=training)
        x = self.attention_norm(x + self.attention_dropout(attended, training=training))
        expanded = self.output_dense(self.intermediate(x))
        return self.output_norm(x + self.output_dropout(expanded, training=training))

    def named_variables(self) -> dict[str, keras.Variable]:
        return named_variables(
            attention=self.attention,
            attention_norm=self.attention_norm,
            intermediate=self.intermediate,
            output=self.output_dense,
            output_norm=self.output_norm,
        )

    def compute_output_shape(self, x_shape: Any, padding_mask_shape: Any = None) -> Any:
        return x_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "config": self.config.to_dict()}
