"""Token ids to vectors: token, position and segment embeddings, summed and normalized."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from kbert.config import BertConfig
from kbert.layers.dense import Dense
from kbert.layers.naming import named_variables


@keras.saving.register_keras_serializable("kbert")
class BertEmbeddings(keras.layers.Layer):
    """The sum of token, position and segment embeddings, then LayerNorm and dropout (arXiv:1810.04805, section 3).

    Call with `token_ids` and `segment_ids`, int32 of shape (batch, length); returns (batch, length, hidden_dim).
    `length` must not exceed `config.max_sequence_length`. Rows of a token table of `config.embedding_dim` go through
    the dense layer `projection` first, which is None without one.

    Attributes:
        look_up: computes the sum of the three tables from `token_ids` and `segment_ids`, if set (see
            `kbert.quantization`). Set it before anything is traced through the layer.
    """

    look_up: Callable[[Any, Any], Any] | None = None

    def __init__(self, config: BertConfig | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.config = config if isinstance(config, BertConfig) else BertConfig(**config)
        initializer = keras.initializers.TruncatedNormal(stddev=self.config.initializer_range)
        self.token = keras.layers.Embedding(
            self.config.vocabulary_size,
            self.config.token_dim,
            embeddings_initializer=initializer,
            dtype=self.dtype_policy,
            name="token",
        )
        self.initializer = initializer
        self.projection = None
        if self.config.embedding_dim is not None:
            self.projection = Dense(
                self.config.hidden_dim, kernel_initializer=initializer, dtype=self.dtype_policy, name="projection"
            )
        self.layer_norm = keras.layers.LayerNormalization(
            epsilon=self.config.layer_norm_epsilon, dtype=self.dtype_policy, name="layer_norm"
        )
        self.dropout = keras.layers.Dropout(self.config.dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, token_ids_shape: tuple[int | None, ...], segment_ids_shape: tuple[int | None, ...]) -> None:
        config = self.config
        self.token.build(token_ids_shape)
        if self.projection is not None:
            self.projection.build((*token_ids_shape, config.token_dim))
        learned = config.position_embedding == "learned"
        self.position = (
            self.add_weight(
                name="position", shape=(config.max_sequence_length, config.hidden_dim), initializer=self.initializer
            )
            if learned
            else None
        )
        self.segment = self.add_weight(
            name="segment", shape=(config.num_segments, config.hidden_dim), initializer=self.initializer
        )
        self.layer_norm.build((*token_ids_shape, config.hidden_dim))

    def call(self, token_ids: Any, segment_ids: Any, training: bool | None = None) -> Any:
        x = (self.look_up or self._sum_of_tables)(token_ids, segment_ids)
        return self.dropout(self.layer_norm(x), training=training)

    def _sum_of_tables(self, token_ids: Any, segment_ids: Any) -> Any:
        length = ops.shape(token_ids)[1]
        x = self.project(self.token(token_ids))
        x = x + ops.cast(self.position_table(), x.dtype)[None, :length]
        # A product with one-hot rows: the gradient of a gather from two rows is far slower than this small matmul.
        segments = ops.one_hot(segment_ids, self.config.num_segments, dtype=x.dtype)
        return x + ops.matmul(segments, ops.cast(self.segment, x.dtype))

    def project(self, rows: Any) -> Any:
        """Rows of the token table, (…, token_dim) -> (…, hidden_dim)."""
        return rows if self.projection is None else self.projection(rows)

    def token_vectors(self) -> Any:
        """What each token is to the encoder: (vocabulary_size, hidden_dim)."""
        return self.project(ops.convert_to_tensor(self.token.embeddings))

    def position_table(self) -> Any:
        """The position embeddings: (max_sequence_length, hidden_dim)."""
        if self.position is not None:
            return self.position
        return sinusoidal_positions(self.config.max_sequence_length, self.config.hidden_dim)

    def named_variables(self) -> dict[str, keras.Variable]:
        return named_variables(
            token=self.token.embeddings,
            projection=self.projection,
            position=self.position,
            segment=self.segment,
            layer_norm=self.layer_norm,
        )

    def compute_output_shape(
        self, token_ids_shape: tuple[int | None, ...], segment_ids_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (*token_ids_shape, self.config.hidden_dim)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "config": self.config.to_dict()}


def sinusoidal_positions(length: int, hidden_dim: int) -> np.ndarray:
    """The fixed table of *Attention Is All You Need*, section 3.5: float32 (length, hidden_dim).

    Column 2i is sin(position / 10000^(2i / hidden_dim)), column 2i + 1 its cosine.
    """
    position = np.arange(length)[:, None]
    column = np.arange(hidden_dim)[None, :]
    angle = position / np.power(10000.0, (column - column % 2) / hidden_dim)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle)).astype("float32")
