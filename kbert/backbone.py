"""`BertBackbone`: the encoder as a functional Keras model."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from kbert.config import BertConfig
from kbert.layers import BertEmbeddings, TransformerEncoder
from kbert.layers.dense import Dense
from kbert.layers.naming import named_variables

if TYPE_CHECKING:
    from kbert.tokenizer import BertTokenizer


@keras.saving.register_keras_serializable("kbert")
class BertBackbone(keras.Model):
    """BERT's encoder (arXiv:1810.04805).

    Takes a dict of int32 tensors of shape (batch, length): `token_ids`, `segment_ids` (0 or 1) and `padding_mask`
    (1 for a real token). Returns a dict: `sequence_output` (batch, length, hidden_dim) and `pooled_output`
    (batch, hidden_dim), in the compute dtype of `dtype`. `hidden_states` holds the symbolic outputs of the
    embeddings and of every layer.

    Args:
        config: the sizes.
        dtype: a Keras dtype policy: `float32`, `mixed_bfloat16` or `mixed_float16`.

    Example:
        >>> backbone = BertBackbone(preset_config("tiny"))
        >>> ones = np.ones((2, 8), "int32")
        >>> outputs = backbone({"token_ids": ones, "segment_ids": 0 * ones, "padding_mask": ones})
        >>> outputs["sequence_output"].shape
        TensorShape([2, 8, 128])
    """

    def __init__(self, config: BertConfig | dict[str, Any], *, dtype: Any = None, **kwargs: Any) -> None:
        config = config if isinstance(config, BertConfig) else BertConfig(**config)
        policy = keras.dtype_policies.get(dtype) if dtype is not None else keras.config.dtype_policy()
        embeddings = BertEmbeddings(config, dtype=policy, name="embeddings")
        layers = [TransformerEncoder(config, dtype=policy, name=f"layer_{i}") for i in range(config.num_layers)]
        pooler = Dense(
            config.hidden_dim,
            activation="tanh",
            kernel_initializer=keras.initializers.TruncatedNormal(stddev=config.initializer_range),
            dtype=policy,
            name="pooler",
        )

        names = ("token_ids", "segment_ids", "padding_mask")
        inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in names}
        x = embeddings(inputs["token_ids"], inputs["segment_ids"])
        hidden_states = [x]
        for layer in layers:
            x = layer(x, inputs["padding_mask"])
            hidden_states.append(x)
        outputs = {"sequence_output": x, "pooled_output": pooler(x[:, 0])}
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        # A functional model ignores `dtype`, and `compile` asks its policy whether the loss must be scaled.
        self.dtype_policy = policy

        self.config = config
        self.embeddings = embeddings
        self.encoder_layers = layers
        self.pooler = pooler
        self.hidden_states = hidden_states

    @classmethod
    def from_checkpoint(cls, reference: str | os.PathLike[str], *, dtype: Any = None) -> "BertBackbone":
        """Builds the encoder of a checkpoint and loads its weights.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME` or `preset:NAME`.
            dtype: a Keras dtype policy.

        Raises:
            InputError: the checkpoint is missing or unsound; says which file or tensor.
        """
        from kbert.checkpoints import load_backbone

        return load_backbone(reference, dtype=dtype)

    def save_checkpoint(
        self, directory: str | os.PathLike[str], *, tokenizer: "BertTokenizer | None" = None, overwrite: bool = False
    ) -> Path:
        """Writes a Hugging Face checkpoint of the encoder alone (`BertModel`), with the files of `tokenizer` if given.

        Raises:
            InputError: the directory holds something already and `overwrite` is not set.
        """
        from kbert.checkpoints import extract_weights
        from kbert.checkpoints.huggingface import write_checkpoint
        from kbert.files import new_directory

        with new_directory(directory, overwrite=overwrite) as folder:
            write_checkpoint(folder, self.config, extract_weights(self.named_variables()), architecture="BertModel")
            if tokenizer is not None:
                tokenizer.save(folder, max_length=self.config.max_sequence_length)
        return Path(directory)

    def named_variables(self) -> dict[str, keras.Variable]:
        layers = {f"layers.{i}": layer for i, layer in enumerate(self.encoder_layers)}
        return named_variables(embeddings=self.embeddings, **layers, pooler=self.pooler)

    def get_config(self) -> dict[str, Any]:
        return {
            "config": self.config.to_dict(),
            "dtype": keras.dtype_policies.serialize(self.dtype_policy),
            "name": self.name,
            "trainable": self.trainable,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "BertBackbone":
        config = dict(config)
        trainable = config.pop("trainable", True)
        backbone = cls(**config)
        backbone.trainable = trainable
        return backbone
