"""`BertPretrainer`: the encoder with its two pretraining heads."""

import os
from typing import Any

import keras
from keras import ops

from kbert.backbone import BertBackbone
from kbert.layers import MaskedLanguageModelHead, NextSentenceHead
from kbert.layers.naming import named_variables


@keras.saving.register_keras_serializable("kbert")
class BertPretrainer(keras.Model):
    """Masked language modelling and next sentence prediction (arXiv:1810.04805, section 3.1).

    Takes the dict of `BertBackbone`; returns `mlm_logits` (batch, length, vocabulary_size) and `nsp_logits`
    (batch, 2), both float32. The vocabulary projection is the token embedding table itself.
    """

    def __init__(self, backbone: BertBackbone, **kwargs: Any) -> None:
        super().__init__(dtype=backbone.dtype_policy, **kwargs)
        self.backbone = backbone
        policy = backbone.dtype_policy
        self.mlm = MaskedLanguageModelHead(backbone.config, dtype=policy, name="mlm")
        self.nsp = NextSentenceHead(initializer_range=backbone.config.initializer_range, dtype=policy, name="nsp")
        self.mlm.build((None, None, backbone.config.hidden_dim))
        self.nsp.build((None, backbone.config.hidden_dim))
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        outputs = self.backbone(inputs, training=training)
        token_table = ops.convert_to_tensor(self.backbone.embeddings.token.embeddings)
        return {
            "mlm_logits": self.mlm(outputs["sequence_output"], token_table),
            "nsp_logits": self.nsp(outputs["pooled_output"], training=training),
        }

    @classmethod
    def from_checkpoint(cls, reference: str | os.PathLike[str], *, dtype: Any = None) -> "BertPretrainer":
        """Loads encoder and heads; a head that the checkpoint lacks starts from random weights.

        Raises:
            InputError: the checkpoint is missing or unsound.
        """
        from kbert.checkpoints import assign_weights, load_backbone, open_checkpoint

        checkpoint = open_checkpoint(reference)
        model = cls(load_backbone(checkpoint, dtype=dtype))
        assign_weights(named_variables(mlm=model.mlm, nsp=model.nsp), checkpoint, optional=("mlm.", "nsp."))
        return model

    def named_variables(self) -> dict[str, keras.Variable]:
        return {**self.backbone.named_variables(), **named_variables(mlm=self.mlm, nsp=self.nsp)}

    def get_config(self) -> dict[str, Any]:
        return {"backbone": keras.saving.serialize_keras_object(self.backbone), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "BertPretrainer":
        backbone = keras.saving.deserialize_keras_object(config["backbone"], custom_objects=custom_objects)
        return cls(backbone, name=config["name"])
