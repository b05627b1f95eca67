"""A training step with R-Drop and adversarial training, for every task that returns a dict of logits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras
from keras import ops

from kbert.data.batching import IGNORED
from kbert.fine_tuning.settings import FineTuningOptions

if TYPE_CHECKING:
    from keras import Model as _Model

    from kbert.distillation.teaching import Teaching
else:
    _Model = object  # Keras makes a functional model of the class that this is mixed into

# What the numbers of an output say: how far two passes are from each other depends on it.
SOFTMAX, SIGMOID, VALUES = "softmax", "sigmoid", "values"


class FineTuningStep(_Model):
    """Mixed into a task before `keras.Model`: its `fit` does what `fine_tuning` says, if it says anything.

    **R-Drop** (arXiv:2106.14448): a batch goes through the model twice, with dropout drawn anew. The loss is the mean
    of both, plus `r_drop` times half the sum of the Kullback-Leibler divergences of their outputs in both directions.
    Padding and whatever else has no target does not count.

    **Adversarial training** (arXiv:1605.07725, as the "fast gradient method" on the token table): after the gradients,
    the table is moved by `adversarial * g / ||g||`, which is where the loss grows fastest, and the gradients there are
    added. Only rows of the batch's tokens move, and a token moves alike wherever it stands. The weights themselves are
    never changed for it.

    Both together: the divergence is part of the first gradients only. The loss that callbacks see is that of the batch
    as it is, with R-Drop's divergence and without the adversarial loss. On several devices each moves the table for
    its part of the batch. TensorFlow's backend alone.

    The options are read when the step is compiled: set them before the first `fit`, or compile again.

    Attributes:
        fine_tuning: `r_drop` and `adversarial` are read.
        teaching: what a student learns from its teacher; where there is one, it alone makes the loss.
        output_kinds: what an output holds, by its name: `softmax` (the default: log-odds of classes that exclude each
            other, along the last axis), `sigmoid` (log-odds of independent classes) or `values`.
    """

    fine_tuning: FineTuningOptions = FineTuningOptions()
    output_kinds: Mapping[str, str] = {}
    teaching: "Teaching | None" = None

    def train_step(self, data: Any) -> Any:
        if self.teaching is not None:
            return self._taught_step(self.teaching, data)
        options = self.fine_tuning
        if not (options.r_drop or options.adversarial):
            return super().train_step(data)
        import tensorflow as tf

        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        variables = [variable.value for variable in self.trainable_variables]
        table = self.named_variables()["embeddings.token"]
        with tf.GradientTape() as tape:
            tape.watch(table.value)  # it may be frozen
            outputs, loss = self._clean_pass(x, y, sample_weight)
            scaled = self.optimizer.scale_loss(loss)
        *gradients, slope = tape.gradient(scaled, [*variables, table.value])
        if options.adversarial:
            step = options.adversarial * _unit(slope)
            added = self._adversarial_gradients(x, y, sample_weight, table, step)
            gradients = [_sum(pair) for pair in zip(gradients, added, strict=True)]
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
        self._count_loss(loss * _replicas(), x)
        return self.compute_metrics(x, y, outputs, sample_weight=sample_weight)

    def _taught_step(self, teaching: "Teaching", data: Any) -> Any:
        import tensorflow as tf

        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        variables = [variable.value for variable in self.trainable_variables]
        with tf.GradientTape() as tape:
            outputs, inside = teaching.run(self, x)
            loss = teaching.loss(x, y, outputs, inside)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, variables)
        # Without answers to learn, the head has no gradient.
        known = [(g, v) for g, v in zip(gradients, self.trainable_variables, strict=True) if g is not None]
        self.optimizer.apply_gradients(known)
        self._count_loss(loss, x)
        return {metric.name: metric.result() for metric in self.metrics if metric.name == "loss"}

    def _count_loss(self, loss: Any, x: Any) -> None:
        import tensorflow as tf

        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(x)[0])[0])

    def _clean_pass(self, x: Any, y: Any, sample_weight: Any) -> tuple[dict[str, Any], Any]:
        outputs = self(x, training=True)
        loss = self.compute_loss(x, y, outputs, sample_weight, training=True)
        if self.fine_tuning.r_drop:
            # Two passes, not one of a doubled batch: a loss may compare the texts of a batch with each other.
            others = self(x, training=True)
            loss = (loss + self.compute_loss(x, y, others, sample_weight, training=True)) / 2
            divergences = [
                _mean(
                    symmetric_divergence(output, others[name], self.output_kinds.get(name, SOFTMAX)),
                    _of_output(sample_weight, name),
                    _counted(output, _of_output(y, name), x),
                )
                for name, output in outputs.items()
            ]
            # As Keras divides losses: gradients are added up over replicas.
            loss = loss + self.fine_tuning.r_drop * sum(divergences) / _replicas()
        return outputs, loss

    def _adversarial_gradients(self, x: Any, y: Any, sample_weight: Any, table: Any, step: Any) -> list[Any]:
        import tensorflow as tf

        variables = [variable.value for variable in self.trainable_variables]
        with tf.GradientTape() as tape:
            # Within the scope the table has another value, and no variable changes: no trace of it can stay behind.
            with keras.StatelessScope([(table, table.value + step)]) as scope:
                loss = self.compute_loss(x, y, self(x, training=True), sample_weight, training=True)
            scaled = self.optimizer.scale_loss(loss)
        for state in self.non_trainable_variables:  # those of dropout's seeds are to go on
            value = None if state is table else scope.get_current_value(state)
            if value is not None:
                state.assign(value)
        gradients: list[Any] = tape.gradient(scaled, variables)
        return gradients


def symmetric_divergence(a: Any, b: Any, kind: str = SOFTMAX) -> Any:
    """Half the sum of the Kullback-Leibler divergences in both directions, along the last axis: float32 (…).

    Of `sigmoid` outputs it is the mean over the classes, as their cross-entropy is. `values` have no distribution: of
    them it is the mean squared difference.
    """
    a, b = ops.cast(a, "float32"), ops.cast(b, "float32")
    # KL(a, b) + KL(b, a) is the sum of (a - b) (log a - log b); of two outcomes, (a - b) times that of the log-odds.
    if kind == SOFTMAX:
        return ops.sum((ops.softmax(a) - ops.softmax(b)) * (ops.log_softmax(a) - ops.log_softmax(b)), axis=-1) / 2
    if kind == SIGMOID:
        return ops.mean((ops.sigmoid(a) - ops.sigmoid(b)) * (a - b), axis=-1) / 2
    return ops.mean(ops.square(a - b), axis=-1)


def _of_output(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else value


def _counted(output: Any, targets: Any, features: Any) -> Any:
    """1.0 for each text, or for each token that has a target; where targets do not tell, for each that is real."""
    if len(output.shape) == 2:
        return ops.ones(ops.shape(output)[:1], "float32")
    if targets is not None and len(targets.shape) == 2:
        return ops.cast(ops.not_equal(targets, IGNORED), "float32")
    return ops.cast(features["padding_mask"], "float32")


def _mean(values: Any, sample_weight: Any, counted: Any) -> Any:
    """The mean over what counts, with weights that multiply, as in Keras's losses."""
    values = ops.where(counted > 0, values, 0.0)
    if sample_weight is not None:
        weights = ops.cast(sample_weight, "float32")
        values = values * (weights if len(weights.shape) == len(values.shape) else weights[:, None])
    return ops.divide_no_nan(ops.sum(values), ops.sum(counted))


def _unit(gradient: Any) -> Any:
    import tensorflow as tf

    gradient = tf.convert_to_tensor(gradient)  # slices summed by row: a token's places in a batch are one direction
    return tf.math.divide_no_nan(gradient, tf.norm(gradient))


def _sum(pair: tuple[Any, Any]) -> Any:
    import tensorflow as tf

    given = [tf.convert_to_tensor(gradient) for gradient in pair if gradient is not None]
    return tf.add_n(given) if given else None


def _replicas() -> int:
    import tensorflow as tf

    return int(tf.distribute.get_strategy().num_replicas_in_sync)
