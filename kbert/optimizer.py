"""AdamW as BERT is fine-tuned with: warm-up, linear decay, no decay of biases and LayerNorm."""

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("kbert")
class WarmUpLinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """Linear from 0 to `peak` over `warmup_steps`, then linear to 0 at `total_steps` (arXiv:1810.04805, A.2).

    With another `power` than 1 the way down is polynomial: that power of the share of steps left.

    Steps are updates of the weights. Keras asks with the number of batches so far, which under gradient accumulation is
    `batches_per_step` times as many.
    """

    def __init__(
        self, peak: float, total_steps: int, warmup_steps: int = 0, batches_per_step: int = 1, power: float = 1.0
    ) -> None:
        self.peak = peak
        self.total_steps = total_steps
        self.warmup_steps = warmup_steps
        self.batches_per_step = batches_per_step
        self.power = power

    def __call__(self, batches: Any) -> Any:
        step = ops.floor(ops.cast(batches, "float32") / self.batches_per_step)
        rising = step / self.warmup_steps if self.warmup_steps else 1.0
        falling = (self.total_steps - step) / max(1, self.total_steps - self.warmup_steps)
        return self.peak * ops.minimum(rising, ops.maximum(0.0, falling) ** self.power)

    def get_config(self) -> dict[str, Any]:
        return {
            "peak": self.peak,
            "total_steps": self.total_steps,
            "warmup_steps": self.warmup_steps,
            "batches_per_step": self.batches_per_step,
            "power": self.power,
        }


@keras.saving.register_keras_serializable("kbert")
class AdamW(keras.optimizers.AdamW):
    """`keras.optimizers.AdamW` (arXiv:1711.05101) with its update in one pass over memory.

    On TensorFlow the same formula runs as one fused kernel instead of ten elementwise operations, each of which reads
    and writes whole variables. Elsewhere, and for variables that are not float32, it is Keras's own.

    Gradients of embeddings are summed by row first. Keras 3.15 takes the slices that TensorFlow hands it as they are:
    a token that stands three times in a batch then counts as three gradients in the norm to clip by and in Adam's
    second moment, not as their sum.
    """

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            grads = [tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in grads]
        super().apply(grads, trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if keras.backend.backend() != "tensorflow" or variable.dtype != "float32" or self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        import tensorflow as tf

        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, "float32")
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(self._momentums[index]),
            v=_handle(self._velocities[index]),
            beta1_power=tf.pow(tf.constant(self.beta_1, "float32"), step),
            beta2_power=tf.pow(tf.constant(self.beta_2, "float32"), step),
            lr=tf.cast(learning_rate, "float32"),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, "float32"),
        )


def _handle(variable: Any) -> Any:
    """The resource behind a variable: Keras hands its optimizers now its own, now TensorFlow's."""
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle


def make_optimizer(
    *,
    learning_rate: float,
    total_steps: int,
    warmup_steps: int,
    weight_decay: float = 0.01,
    clip_norm: float | None = 1.0,
    gradient_accumulation: int = 1,
    decay_power: float = 1.0,
    kind: str = "adamw",
) -> Any:
    """AdamW or LAMB (`kind` adamw, lamb) with warm-up and decay; steps are updates of the weights, not batches.

    `clip_norm` bounds the norm of all gradients together. Biases and LayerNorm are not decayed.
    """
    make = {"adamw": AdamW, "lamb": keras.optimizers.Lamb}[kind]
    optimizer = make(
        WarmUpLinearDecay(learning_rate, total_steps, warmup_steps, gradient_accumulation, decay_power),
        weight_decay=weight_decay,
        global_clipnorm=clip_norm,
        epsilon=1e-8 if kind == "adamw" else 1e-6,
        gradient_accumulation_steps=gradient_accumulation if gradient_accumulation > 1 else None,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def decay_without_gradient(optimizer: AdamW, num_updates: int) -> float:
    """What `num_updates` steps of decoupled weight decay leave of a weight whose gradient was always zero."""
    batches = np.arange(num_updates) * (optimizer.gradient_accumulation_steps or 1)
    rates = np.asarray(optimizer._learning_rate(batches), "float64")
    return float(np.prod(1.0 - rates * (optimizer.weight_decay or 0.0)))
