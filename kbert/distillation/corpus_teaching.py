"""What a student learns from a teacher on raw text: the loss of a batch of masked windows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from kbert.backbone import BertBackbone
from kbert.data.batching import IGNORED
from kbert.distillation.corpus_settings import CorpusDistillSettings
from kbert.distillation.features import FeatureLosses
from kbert.distillation.soft_targets import soft_loss
from kbert.fine_tuning.step import SOFTMAX
from kbert.pretrainer import BertPretrainer
from kbert.pretraining.evaluation import HeldOutText
from kbert.pretraining_loss import pretraining_sums

Tensors = Mapping[str, Any]
SEQUENCE, INSIDE = "sequence_output", "inside"
PLACES = "mlm_logits"  # what labels and weights of masked places are called


class DistillationSums(NamedTuple):
    """Sums over batches, float32 scalars: of their losses, and at masked places, where an MLM head learns."""

    loss_sum: Any
    batches: Any
    mlm_weight_sum: Any
    mlm_correct_sum: Any

    def loss(self) -> Any:
        """The mean over the batches."""
        return self.loss_sum / self.batches

    def metrics(self) -> dict[str, float]:
        """Of sums that are numbers: `loss`, and `masked_accuracy` where masked places were looked at."""
        found = {"loss": self.loss_sum / self.batches}
        if self.mlm_weight_sum:
            found["masked_accuracy"] = self.mlm_correct_sum / self.mlm_weight_sum
        return found


class CorpusTeaching:
    """Teaches a student on batches of `PretrainingBatches`.

    Both models read the same text. It is masked where an objective is about masked places (`soft`, `mlm`), as for
    DistilBERT, and whole for features alone: a teacher that was fine-tuned since may not know [MASK] any more.

    Args:
        student: the model that learns; of one without an MLM head worth the name only the encoder.
        teacher: with an MLM head, or an encoder alone; it is not trained.
        settings: `objectives`, `temperature` and what `FeatureLosses` reads.
    """

    sums_type = DistillationSums

    def __init__(
        self, student: BertPretrainer, teacher: BertPretrainer | BertBackbone, settings: CorpusDistillSettings
    ) -> None:
        self.settings = settings
        self.student = student
        self.head = teacher if isinstance(teacher, BertPretrainer) else None
        encoder = teacher.backbone if isinstance(teacher, BertPretrainer) else teacher
        assert settings.objectives is not None  # chosen for the teacher before
        self.objectives = settings.objectives
        self.features = None
        ours, theirs = ({SEQUENCE: model.output[SEQUENCE]} for model in (student.backbone, encoder))
        if self.objectives.reads_features:
            self.features = FeatureLosses(student.backbone, encoder, settings)
            ours[INSIDE], theirs[INSIDE] = self.features.outputs, self.features.teacher.output
        self._student = keras.Model(student.backbone.input, ours)
        self._teacher = keras.Model(encoder.input, theirs)
        teacher.trainable = False
        self.taught_variables = self._reached()

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """What has to be learned besides the student: projections, which go when it is done."""
        return [] if self.features is None else self.features.trainable_variables

    def sums(self, features: Tensors, labels: Tensors, weights: Tensors, *, training: bool) -> DistillationSums:
        """The loss of a batch, all objectives each with its weight, and how often the student's best guess is right."""
        places = features["mask_positions"]
        if not self.objectives.reads_masks:
            features = {**features, "token_ids": unmasked_ids(features, labels, weights)}
        inputs = {name: ops.convert_to_tensor(features[name]) for name in self._student.input}
        ours = self._student(inputs, training=training)
        theirs = self._teacher(inputs, training=False)
        total: Any = ops.zeros((), "float32")
        count, correct = total, total
        if self.objectives.reads_masks:
            logits = self.student.mlm_logits(ours[SEQUENCE], places)
            found = pretraining_sums({PLACES: logits}, labels, weights)
            count, correct = found.mlm_weight_sum, found.mlm_correct_sum
            total += self.objectives.mlm * found.loss()
            if self.objectives.soft:
                assert self.head is not None
                targets = self.head.mlm_logits(theirs[SEQUENCE], places)
                loss = soft_masked_loss(targets, logits, weights[PLACES], self.settings.temperature)
                total += self.objectives.soft * loss
        if self.features is not None:
            total += self.features.loss(ours[INSIDE], inputs, theirs[INSIDE])
        return DistillationSums(total, ops.ones((), "float32"), count, correct)

    def _reached(self) -> list[keras.Variable]:
        """The variables that the loss depends on: relations leave alone what is behind the last layer's values.

        Asked of a batch of two tokens: weight decay would shrink the others, whose gradient is none.
        """
        variables = [*self.student.trainable_variables, *self.trainable_variables]
        ids = np.array([[0, 1]], "int32")
        features = {"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": 0 * ids + 1}
        with tf.GradientTape() as tape:
            sums = self.sums(
                {**features, "mask_positions": ids[:, :1]},
                {PLACES: ids[:, :1]},
                {PLACES: np.ones((1, 1), "float32")},
                training=False,
            )
            loss = sums.loss()
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        return [variable for variable, found in zip(variables, gradients, strict=True) if found is not None]


def soft_masked_loss(teacher: Any, logits: Any, weights: Any, temperature: float) -> Any:
    """How far a student's predictions of masked tokens are from its teacher's, one number (arXiv:1910.01108).

    The Kullback-Leibler divergence over the vocabulary at a temperature, times its square, as a mean over the places.

    Args:
        teacher, logits: (batch, places, vocabulary_size).
        weights: (batch, places), 0 at places that only fill up.
        temperature: above 1 flattens both.
    """
    return soft_loss(SOFTMAX, ops.where(weights[..., None] > 0, teacher, float(IGNORED)), logits, temperature)


def unmasked_ids(features: Tensors, labels: Tensors, weights: Tensors) -> Any:
    """The `token_ids` of a batch as they were before some of them were hidden: int32 (batch, length)."""
    ids, places = ops.convert_to_tensor(features["token_ids"]), features["mask_positions"]
    true_ids = ops.where(weights[PLACES] > 0, labels[PLACES], ops.take_along_axis(ids, places, axis=1))
    rows = ops.broadcast_to(ops.arange(ops.shape(ids)[0], dtype="int32")[:, None], ops.shape(places))
    indices = ops.reshape(ops.stack([rows, ops.cast(places, "int32")], axis=-1), (-1, 2))
    return ops.scatter_update(ids, indices, ops.reshape(ops.cast(true_ids, ids.dtype), (-1,)))


class TaughtText:
    """Held-out text to score a student on: how near it is to its teacher, and how well it fills masks.

    Args:
        text: the windows, always with the same masks.
        teaching: of the student that is scored.
    """

    def __init__(self, text: HeldOutText, teaching: CorpusTeaching) -> None:
        self.text = text
        self.teaching = teaching
        self._sums_of = tf.function(self._sums, autograph=False)

    def score(self, model: BertPretrainer) -> dict[str, float]:
        """`loss`, that of the distillation; where the teacher has an MLM head, `masked_accuracy` and `perplexity`."""
        batches = [self._sums_of(*batch) for batch in self.text.read()]
        losses = [float(sums.loss_sum) for sums in batches]
        found = {} if self.teaching.head is None else masked_scores(self.text, model)
        return {"loss": float(np.mean(losses)), **found}

    def _sums(self, features: Tensors, labels: Tensors, weights: Tensors) -> DistillationSums:
        return self.teaching.sums(features, labels, weights, training=False)


def masked_scores(text: HeldOutText, model: BertPretrainer) -> dict[str, float]:
    """How well a model fills masks, and what the most frequent token alone would reach."""
    scores = text.score(model)
    return {name: scores[name] for name in ("masked_accuracy", "perplexity", "most_frequent_accuracy")}
