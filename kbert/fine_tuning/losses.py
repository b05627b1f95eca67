"""Cross-entropy with what fine-tuning may add: label smoothing, weights of classes, the focal factor.

All three are off by default, and the loss is then Keras's own. Computed in float32 from logits, through the logarithm
of the softmax or the sigmoid: Keras's focal losses clip probabilities at 1e-7, and give an example that is wrong beyond
that no gradient.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kbert.data.batching import IGNORED
from kbert.errors import InputError
from kbert.fine_tuning.settings import BALANCED, FineTuningOptions


class _Crossentropy(keras.losses.Loss):
    def __init__(
        self,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        focal_gamma: float = 0.0,
        name: str = "crossentropy",
        reduction: str = "sum_over_batch_size",
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype="float32")
        self.label_smoothing = label_smoothing
        self.class_weights = None if class_weights is None else tuple(float(weight) for weight in class_weights)
        self.focal_gamma = focal_gamma

    def get_config(self) -> dict[str, Any]:
        own = {
            "label_smoothing": self.label_smoothing,
            "class_weights": self.class_weights,
            "focal_gamma": self.focal_gamma,
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("kbert")
class LabelCrossentropy(_Crossentropy):
    """One class for every text, or for every token.

    Logits (…, classes) and whole-number targets (…), of which those that are `IGNORED` do not count: the loss is the
    mean over all others of the batch. Padding needs no more than that target.

    Args:
        label_smoothing: a target is `1 - label_smoothing` of its class, and the rest in equal parts of all classes
            (arXiv:1512.00567, section 7).
        class_weights: what the loss of an example is multiplied by, for each class it may be of. The mean is over the
            number of examples, not over their weights: a batch of heavy ones is to weigh more.
        focal_gamma: each term is multiplied by (1 - p) ** gamma, with p the probability of its class: what the model
            is sure of counts less (arXiv:1708.02002).

    Example:
        >>> loss = LabelCrossentropy(focal_gamma=2.0)
        >>> loss(np.array([1]), np.array([[0.0, 0.0]]))  # 0.5 ** 2 * ln 2
        <tf.Tensor: shape=(), dtype=float32, numpy=0.17328680>
    """

    def call(self, targets: Any, logits: Any) -> Any:
        if not (self.label_smoothing or self.focal_gamma or self.class_weights):
            return keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True, ignore_class=IGNORED)
        classes = logits.shape[-1]
        counts = ops.not_equal(targets, IGNORED)
        targets = ops.cast(ops.where(counts, targets, 0), "int32")
        wanted = ops.one_hot(targets, classes, dtype="float32")
        wanted = wanted * (1.0 - self.label_smoothing) + self.label_smoothing / classes
        log_p = ops.log_softmax(ops.where(counts[..., None], logits, 0.0))  # no NaN out of padding
        losses = -ops.sum(wanted * _focal_factor(log_p, self.focal_gamma) * log_p, axis=-1)
        if self.class_weights:
            losses = losses * ops.take(ops.convert_to_tensor(self.class_weights, "float32"), targets)
        losses = ops.where(counts, losses, 0.0)
        # As Keras's own loss does with `ignore_class`: the reduction divides by the number of those that count.
        losses._keras_mask = counts
        return losses


@keras.saving.register_keras_serializable("kbert")
class MultiLabelCrossentropy(_Crossentropy):
    """Any number of classes for a text: logits and targets of 0 or 1, both (batch, classes); the mean over all.

    Args:
        label_smoothing: a target of 1 becomes `1 - label_smoothing / 2`, and one of 0 `label_smoothing / 2`.
        class_weights: what the loss is multiplied by where a text has the class, for each class.
        focal_gamma: each term is multiplied by (1 - p) ** gamma, with p the probability of that outcome
            (arXiv:1708.02002).
    """

    def call(self, targets: Any, logits: Any) -> Any:
        if not (self.focal_gamma or self.class_weights):
            return keras.losses.binary_crossentropy(
                targets, logits, from_logits=True, label_smoothing=self.label_smoothing
            )
        wanted = targets * (1.0 - self.label_smoothing) + self.label_smoothing / 2
        log_p, log_not = ops.log_sigmoid(logits), ops.log_sigmoid(-logits)
        has = wanted * _focal_factor(log_p, self.focal_gamma) * log_p
        if self.class_weights:
            has = has * ops.convert_to_tensor(self.class_weights, "float32")
        has_not = (1.0 - wanted) * _focal_factor(log_not, self.focal_gamma) * log_not
        return -ops.mean(has + has_not, axis=-1)


def with_options(
    losses: Mapping[str, keras.losses.Loss],
    options: FineTuningOptions,
    targets: Mapping[str, np.ndarray],
    num_classes: int,
) -> dict[str, keras.losses.Loss]:
    """The losses of a task's outputs with what the options add to those of labels.

    Args:
        losses: by output.
        options: `label_smoothing`, `class_weights` and `focal_gamma` are read.
        targets: of the training data, by output: balanced weights are counted there.
        num_classes: the labels of an output that has classes.

    Raises:
        InputError: an option is for labels, and the task has none; or there are not as many weights as classes.
    """
    if not (options.label_smoothing or options.class_weights or options.focal_gamma):
        return dict(losses)
    found = dict(losses)
    for name, loss in losses.items():
        several = isinstance(loss, (keras.losses.BinaryCrossentropy, MultiLabelCrossentropy))
        if not several and not isinstance(loss, (keras.losses.SparseCategoricalCrossentropy, LabelCrossentropy)):
            continue
        weights = _class_weights(options.class_weights, targets[name], num_classes, several)
        kind = MultiLabelCrossentropy if several else LabelCrossentropy
        found[name] = kind(options.label_smoothing, weights, options.focal_gamma)
    if found == losses:
        raise InputError("label_smoothing, class_weights and focal_gamma are for tasks with labels: leave them out")
    return found


def _class_weights(
    given: str | tuple[float, ...] | None, targets: np.ndarray, num_classes: int, several: bool
) -> tuple[float, ...] | None:
    if given == BALANCED:
        return balanced_positive_weights(targets) if several else balanced_class_weights(targets, num_classes)
    if given is not None and len(given) != num_classes:
        raise InputError(f"class_weights must be one for each of the {num_classes} labels. Received: {len(given)}")
    return given if isinstance(given, tuple) else None


def _focal_factor(log_p: Any, gamma: float) -> Any:
    if not gamma:
        return 1.0
    # -expm1 keeps the digits of 1 - p where p is near 1. The bound keeps the slope of a power below 1 finite at 0.
    return ops.maximum(-ops.expm1(log_p), 1e-12) ** gamma


def balanced_class_weights(label_ids: np.ndarray, num_classes: int) -> tuple[float, ...]:
    """Weights with which all classes that occur weigh alike: examples / (classes that occur * examples of the class).

    Args:
        label_ids: the classes of texts or of tokens, of any shape; `IGNORED` does not count.
        num_classes: how many there are; one that does not occur gets 1.
    """
    from sklearn.utils.class_weight import compute_class_weight

    found = np.asarray(label_ids).ravel()
    found = found[found != IGNORED]
    weights = np.ones(num_classes)
    occurring = np.unique(found)
    weights[occurring] = compute_class_weight("balanced", classes=occurring, y=found)
    return tuple(float(weight) for weight in weights)


def balanced_positive_weights(targets: np.ndarray) -> tuple[float, ...]:
    """For each class of (texts, classes) targets of 0 or 1, how many texts without it there are for one with it.

    With these weights having a class and not having it weigh alike. A class that all texts have or none gets 1.
    """
    having = np.asarray(targets, "float64").sum(axis=0)
    lacking = len(targets) - having
    usable = (having > 0) & (lacking > 0)
    return tuple(float(weight) for weight in np.where(usable, lacking / np.maximum(having, 1.0), 1.0))
