"""What stands on the encoder: the two pretraining heads and one head a task.

Logits are float32 under every dtype policy, so that losses are.
"""

from typing import Any

import keras
from keras import ops

from kbert.config import BertConfig
from kbert.layers.dense import Dense
from kbert.layers.naming import named_variables
from kbert.layers.transformer_encoder import activation_function

# What the square of a vector's length is at least taken for, so that none is divided by 0.
SMALLEST_SQUARE = 1e-12


class _DenseHead(keras.layers.Layer):
    """Dropout and one dense layer to float32 logits."""

    def __init__(self, num_outputs: int, dropout: float = 0.0, initializer_range: float = 0.02, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_outputs = num_outputs
        self.rate = dropout
        self.initializer_range = initializer_range
        self.dropout = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")
        self.dense = Dense(
            num_outputs,
            kernel_initializer=keras.initializers.TruncatedNormal(stddev=initializer_range),
            dtype="float32",
            name="dense",
        )

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.dense.build(shape)

    def call(self, x: Any, training: bool | None = None) -> Any:
        return self.dense(ops.cast(self.dropout(x, training=training), "float32"))

    def named_variables(self) -> dict[str, keras.Variable]:
        return named_variables(dense=self.dense)

    def compute_output_shape(self, shape: Any) -> Any:
        return (*shape[:-1], self.num_outputs)

    def compute_output_spec(self, x: Any, training: bool | None = None) -> keras.KerasTensor:
        return keras.KerasTensor(self.compute_output_shape(x.shape), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        own = {"num_outputs": self.num_outputs, "dropout": self.rate, "initializer_range": self.initializer_range}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("kbert")
class ClassificationHead(_DenseHead):
    """`pooled_output` (batch, hidden_dim) -> `logits` (batch, num_outputs)."""


@keras.saving.register_keras_serializable("kbert")
class TokenClassificationHead(_DenseHead):
    """`sequence_output` (batch, length, hidden_dim) -> `logits` (batch, length, num_outputs)."""


@keras.saving.register_keras_serializable("kbert")
class NextSentenceHead(_DenseHead):
    """`pooled_output` (batch, hidden_dim) -> `nsp_logits` (batch, 2); class 0 is "B follows A"."""

    def __init__(self, num_outputs: int = 2, **kwargs: Any) -> None:
        super().__init__(num_outputs, **kwargs)


@keras.saving.register_keras_serializable("kbert")
class AnswerSpanHead(_DenseHead):
    """`sequence_output` (batch, length, hidden_dim) -> start and end logits, stacked: (batch, length, 2)."""

    def __init__(self, num_outputs: int = 2, **kwargs: Any) -> None:
        super().__init__(num_outputs, **kwargs)


@keras.saving.register_keras_serializable("kbert")
class EmbeddingHead(keras.layers.Layer):
    """`sequence_output` and `padding_mask` -> `embedding` (batch, hidden_dim), float32; it has no weights.

    Sentence-BERT (arXiv:1908.10084), section 3. Call with `sequence_output` (batch, length, hidden_dim) and
    `padding_mask` (batch, length), 1 for a real token.

    Args:
        pooling: `mean` over the real tokens, or `cls`, the first one.
        normalize: whether vectors are brought to length 1.
    """

    def __init__(self, pooling: str = "mean", normalize: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pooling = pooling
        self.normalize = normalize

    def build(self, x_shape: tuple[int | None, ...], padding_mask_shape: Any = None) -> None:
        self.built = True

    def call(self, x: Any, padding_mask: Any) -> Any:
        x = ops.cast(x, "float32")
        if self.pooling == "cls":
            pooled = x[:, 0]
        else:
            real = ops.cast(padding_mask, "float32")[..., None]  # (batch, length, 1)
            pooled = ops.sum(x * real, axis=1) / ops.maximum(ops.sum(real, axis=1), 1.0)
        return unit_length(pooled) if self.normalize else pooled

    def compute_output_spec(self, x: Any, padding_mask: Any) -> keras.KerasTensor:
        return keras.KerasTensor((x.shape[0], x.shape[-1]), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pooling": self.pooling, "normalize": self.normalize}


def unit_length(vectors: Any) -> Any:
    """Vectors (…, n) brought to length 1; one of length 0 stays as it is."""
    squares = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(squares, SMALLEST_SQUARE))


@keras.saving.register_keras_serializable("kbert")
class MaskedLanguageModelHead(keras.layers.Layer):
    """Vectors -> logits over the vocabulary, tied to the token embeddings (arXiv:1810.04805, appendix A.2).

    Call with `x` (…, hidden_dim) and the token table (vocabulary_size, hidden_dim); returns float32
    (…, vocabulary_size).
    """

    def __init__(self, config: BertConfig | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config if isinstance(config, BertConfig) else BertConfig(**config)
        self.transform = keras.layers.Dense(
            self.config.hidden_dim,
            activation=activation_function(self.config.activation),
            kernel_initializer=keras.initializers.TruncatedNormal(stddev=self.config.initializer_range),
            dtype=self.dtype_policy,
            name="transform",
        )
        self.layer_norm = keras.layers.LayerNormalization(
            epsilon=self.config.layer_norm_epsilon, dtype=self.dtype_policy, name="layer_norm"
        )

    def build(self, x_shape: tuple[int | None, ...], token_table_shape: tuple[int, int] | None = None) -> None:
        self.transform.build(x_shape)
        self.layer_norm.build(x_shape)
        self.bias = self.add_weight(name="bias", shape=(self.config.vocabulary_size,), initializer="zeros")

    def call(self, x: Any, token_table: Any) -> Any:
        x = self.layer_norm(self.transform(x))
        logits = ops.matmul(x, ops.cast(ops.transpose(token_table), x.dtype))
        return ops.cast(logits, "float32") + ops.cast(self.bias, "float32")

    def named_variables(self) -> dict[str, keras.Variable]:
        return named_variables(transform=self.transform, layer_norm=self.layer_norm, bias=self.bias)

    def compute_output_spec(self, x: Any, token_table: Any) -> keras.KerasTensor:
        return keras.KerasTensor((*x.shape[:-1], self.config.vocabulary_size), dtype="float32")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "config": self.config.to_dict()}
