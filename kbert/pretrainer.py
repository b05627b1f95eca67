"""`BertPretrainer`: the encoder with its pretraining heads."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from keras import ops

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, as_checkpoint, assign_weights, extract_weights, load_backbone
from kbert.checkpoints.huggingface import write_checkpoint
from kbert.errors import InputError
from kbert.files import new_directory, write_json
from kbert.fill_mask import MaskedTextPrediction, fill_mask
from kbert.layers import MaskedLanguageModelHead, NextSentenceHead
from kbert.layers.naming import named_variables
from kbert.tokenizer import BertTokenizer

TASK = "pretraining"


@keras.saving.register_keras_serializable("kbert")
class BertPretrainer(keras.Model):
    """Masked language modelling and next sentence prediction (arXiv:1810.04805, section 3.1).

    Takes the dict of `BertBackbone`; returns `mlm_logits` (batch, length, vocabulary_size) and `nsp_logits`
    (batch, 2), both float32. With a further int32 input `mask_positions` (batch, positions), each below the length of
    the batch, `mlm_logits` is (batch, positions, vocabulary_size): only those are projected on the vocabulary, which
    is the token embedding table itself.

    Args:
        backbone: the encoder.
        tokenizer: what turns texts into ids.
        max_length: `fill_mask` cuts texts to so many tokens; by default as many as there are positions.
        next_sentence: have the next sentence head; without it there are no `nsp_logits`, and the pooler is not trained.
        sentence_objective: what that head learns, `nsp` or `sop`, see `prepare_shards`. The attribute of that name is
            `none` without the head.

    Example:
        >>> model = BertPretrainer(BertBackbone(preset_config("tiny")))
        >>> model.compile("adamw", loss=model.loss_functions(), weighted_metrics=model.metric_functions())
        >>> model.fit(dataset)  # of (features, labels, weights); the last two are dicts by the names of the outputs
    """

    def __init__(
        self,
        backbone: BertBackbone,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        *,
        next_sentence: bool = True,
        sentence_objective: str = "nsp",
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=backbone.dtype_policy, **kwargs)
        self.backbone = backbone
        self.tokenizer = tokenizer
        config, policy = backbone.config, backbone.dtype_policy
        self.max_length = min(max_length or config.max_sequence_length, config.max_sequence_length)
        if next_sentence and sentence_objective not in ("nsp", "sop"):
            raise InputError(f"a next sentence head learns nsp or sop. Received: {sentence_objective}")
        self.sentence_objective = sentence_objective if next_sentence else "none"
        self.mlm = MaskedLanguageModelHead(config, dtype=policy, name="mlm")
        self.mlm.build((None, None, config.hidden_dim))
        self.nsp = None
        if next_sentence:
            self.nsp = NextSentenceHead(initializer_range=config.initializer_range, dtype=policy, name="nsp")
            self.nsp.build((None, config.hidden_dim))
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool | None = None) -> dict[str, Any]:
        outputs = self.backbone({name: inputs[name] for name in self.backbone.input}, training=training)
        logits = {"mlm_logits": self.mlm_logits(outputs["sequence_output"], inputs.get("mask_positions"))}
        if self.nsp is not None:
            logits["nsp_logits"] = self.nsp(outputs["pooled_output"], training=training)
        return logits

    def mlm_logits(self, sequence_output: Any, mask_positions: Any = None) -> Any:
        """What stands at those positions, or at all: (batch, positions or length, vocabulary_size), float32."""
        x = sequence_output if mask_positions is None else _rows_at(sequence_output, mask_positions)
        return self.mlm(x, self.backbone.embeddings.token_vectors())

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """Without next sentences no loss reaches the pooler: training it would only warn of missing gradients."""
        unused = set() if self.nsp is not None else {id(variable) for variable in self.backbone.pooler.variables}
        return [variable for variable in super().trainable_variables if id(variable) not in unused]

    @property
    def trainable_weights(self) -> list[keras.Variable]:
        return self.trainable_variables

    def loss_functions(self) -> dict[str, keras.losses.Loss]:
        """For `compile(loss=…)`: with the weights of each output, their sum is `pretraining_loss`."""
        names = ["mlm_logits"] if self.nsp is None else ["mlm_logits", "nsp_logits"]
        reduction = "mean_with_sample_weight"
        return {
            name: keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction) for name in names
        }

    def metric_functions(self) -> dict[str, keras.metrics.Metric]:
        """For `compile(weighted_metrics=…)`: the accuracy of each output."""
        return {name: keras.metrics.SparseCategoricalAccuracy("accuracy") for name in self.loss_functions()}

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        *,
        next_sentence: bool | None = None,
        sentence_objective: str | None = None,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
    ) -> "BertPretrainer":
        """Loads encoder and heads; a head that the checkpoint lacks starts from random weights.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME`, `preset:NAME`, or what `open_checkpoint` gave.
            next_sentence: have the next sentence head; by default unless the checkpoint was pretrained without.
            sentence_objective: by default what the checkpoint was pretrained with, or `nsp`.
            tokenizer: by default the checkpoint's own.
            max_length: by default what the checkpoint was pretrained with, or as many as there are positions.
            dtype: a Keras dtype policy.

        Raises:
            InputError: the checkpoint is missing or unsound; or its MLM head has a decoder of its own.
        """
        checkpoint = as_checkpoint(reference)
        heads = {name.split(".")[0] for name in checkpoint.weights} & {"mlm", "nsp"}
        if "mlm" in heads and not checkpoint.tied_decoder:
            raise InputError(
                f"{checkpoint.source}: expected an MLM head whose decoder is the token embedding table, got one with "
                "weights of its own (tie_word_embeddings: false). Its encoder alone can be loaded"
            )
        if tokenizer is not None:
            checkpoint = checkpoint.with_vocabulary(tokenizer)
        elif checkpoint.folder is not None:
            tokenizer = checkpoint.tokenizer()
        if next_sentence is None:
            next_sentence = heads != {"mlm"}
        max_length = max_length or checkpoint.run.get("max_length")
        if sentence_objective is None:
            sentence_objective = "sop" if checkpoint.run.get("sentence_objective") == "sop" else "nsp"
        model = cls(
            load_backbone(checkpoint, dtype=dtype),
            tokenizer,
            max_length,
            next_sentence=next_sentence,
            sentence_objective=sentence_objective,
        )
        # A head is there as a whole or not at all: half of one is no pretrained head.
        absent = [f"{head}." for head in ("mlm", "nsp") if head not in heads]
        assign_weights(named_variables(mlm=model.mlm, nsp=model.nsp), checkpoint, optional=absent)
        return model

    def fill_mask(self, texts: Sequence[str], top: int = 5) -> list[MaskedTextPrediction]:
        """The likeliest tokens for every [MASK] of every text; see `kbert.fill_mask`."""
        return fill_mask(self, texts, top)

    def known_tokenizer(self) -> BertTokenizer:
        """The tokenizer; raises InputError where the model was built without one."""
        if self.tokenizer is None:
            raise InputError("a model without a tokenizer takes tensors only: give it a vocabulary (--vocab FILE)")
        return self.tokenizer

    def save_checkpoint(self, directory: str | os.PathLike[str], *, overwrite: bool = False, **facts: Any) -> Path:
        """Writes a run directory: a Hugging Face checkpoint, its tokenizer if known, and `kbert.json` with `facts`.

        Raises:
            InputError: the directory holds something already and `overwrite` is not set.
        """
        with new_directory(directory, overwrite=overwrite) as folder:
            self.write_checkpoint_files(folder, **facts)
        return Path(directory)

    def write_checkpoint_files(self, folder: Path, **facts: Any) -> None:
        """The files of `save_checkpoint`, into a folder that exists."""
        write_checkpoint(
            folder,
            self.backbone.config,
            extract_weights(self.named_variables()),
            architecture="BertForMaskedLM" if self.nsp is None else "BertForPreTraining",
        )
        if self.tokenizer is not None:
            self.tokenizer.save(folder, max_length=self.backbone.config.max_sequence_length)
        own = {"task": TASK, "max_length": self.max_length, "sentence_objective": self.sentence_objective}
        write_json(folder / "kbert.json", {**own, **facts})

    def named_variables(self) -> dict[str, keras.Variable]:
        return {**self.backbone.named_variables(), **named_variables(mlm=self.mlm, nsp=self.nsp)}

    def get_config(self) -> dict[str, Any]:
        return {
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "tokenizer": None if self.tokenizer is None else self.tokenizer.to_tokenizer_json(),
            "max_length": self.max_length,
            "next_sentence": self.nsp is not None,
            "sentence_objective": self.sentence_objective,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "BertPretrainer":
        backbone = keras.saving.deserialize_keras_object(config["backbone"], custom_objects=custom_objects)
        text = config["tokenizer"]
        tokenizer = None if text is None else BertTokenizer.from_tokenizer_json(text)
        settings = {name: config[name] for name in ("max_length", "next_sentence", "sentence_objective", "name")}
        return cls(backbone, tokenizer, **settings)


def _rows_at(x: Any, positions: Any) -> Any:
    """Rows of each text: (batch, length, hidden_dim), (batch, positions) -> (batch, positions, hidden_dim).

    One gather of whole rows: `take_along_axis` gathers number by number, seven times as slow with its gradient.
    """
    batch, length, hidden_dim = ops.shape(x)
    starts = ops.arange(batch, dtype="int32")[:, None] * length
    return ops.take(ops.reshape(x, (-1, hidden_dim)), starts + ops.cast(positions, "int32"), axis=0)
