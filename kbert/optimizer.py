"""AdamW as BERT is fine-tuned with: warm-up, linear decay, no decay of biases and LayerNorm."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kbert.errors import InputError


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

    With `use_ema` the averages stay beside the weights until `kbert.fine_tuning.averaging` puts them into the model:
    Keras would do so at the end of every `fit`, and training goes on after it where each epoch is a `fit` of its own.
    Under gradient accumulation they are averages over updates, where Keras's are over batches.

    Args:
        learning_rate_multipliers: what the learning rate of a variable, and so its weight decay, is multiplied by: for
            each `path` of a Keras variable that is not to have 1.
        kwargs: those of `keras.optimizers.AdamW`.
    """

    def __init__(self, *args: Any, learning_rate_multipliers: Mapping[str, float] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learning_rate_multipliers = dict(learning_rate_multipliers or {})
        self._multipliers: list[float] = []

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if self.built:
            return
        # A list by position: where they are applied, Keras hands variables of TensorFlow, which have no path.
        self._multipliers = [self.multiplier_of(variable) for variable in variables]
        super().build(variables)

    def multiplier_of(self, variable: keras.Variable) -> float:
        """What the learning rate of a variable is multiplied by."""
        return self.learning_rate_multipliers.get(getattr(variable, "path", ""), 1.0)

    def average_of(self, variable: keras.Variable) -> keras.Variable:
        """The moving average of a variable, with `use_ema`; before the first update it is 0."""
        return self._model_variables_moving_average[self._get_variable_index(variable)]

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            grads = [tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in grads]
        super().apply(grads, trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        multiplier = self._multipliers[self._get_variable_index(variable)]
        if multiplier != 1.0:
            learning_rate = learning_rate * multiplier
        if self.weight_decay and self._use_weight_decay(variable):
            self.assign_sub(variable, variable * self.weight_decay * ops.cast(learning_rate, variable.dtype))
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

    def _apply_weight_decay(self, variables: Any) -> None:
        """Nothing: `update_step` decays, as it alone knows the variable's own learning rate."""

    def _update_model_variables_moving_average(self, trainable_variables: Any) -> None:
        update = super()._update_model_variables_moving_average
        if not self.gradient_accumulation_steps:
            update(trainable_variables)
            return
        is_update = (self._iterations + 1) % self.gradient_accumulation_steps == 0
        ops.cond(is_update, lambda: update(trainable_variables), lambda: None)

    def finalize_variable_values(self, var_list: Any) -> None:
        """Nothing, see `use_ema` above."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate_multipliers": dict(self.learning_rate_multipliers)}


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
    learning_rate_multipliers: Mapping[str, float] | None = None,
    ema: float = 0.0,
) -> Any:
    """AdamW or LAMB (`kind` adamw, lamb) with warm-up and decay; steps are updates of the weights, not batches.

    `clip_norm` bounds the norm of all gradients together. Biases and LayerNorm are not decayed. For AdamW alone:
    `learning_rate_multipliers`, see `AdamW`, and `ema`, the share that a moving average of the weights keeps of itself
    at each update; 0 keeps none.

    Raises:
        InputError: LAMB was to have what AdamW alone has.
    """
    own: dict[str, Any] = {}
    if learning_rate_multipliers:
        own["learning_rate_multipliers"] = learning_rate_multipliers
    if ema:
        own |= {"use_ema": True, "ema_momentum": ema}
    if own and kind != "adamw":
        raise InputError(f"kind must be adamw for {' and '.join(own)}. Received: {kind}")
    make = {"adamw": AdamW, "lamb": keras.optimizers.Lamb}[kind]
    optimizer = make(
        WarmUpLinearDecay(learning_rate, total_steps, warmup_steps, gradient_accumulation, decay_power),
        weight_decay=weight_decay,
        global_clipnorm=clip_norm,
        epsilon=1e-8 if kind == "adamw" else 1e-6,
        gradient_accumulation_steps=gradient_accumulation if gradient_accumulation > 1 else None,
        **own,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def decay_without_gradient(
    optimizer: AdamW, num_updates: int, variable: keras.Variable | None = None, *, averaged: bool = False
) -> float:
    """What `num_updates` steps of decoupled weight decay leave of a weight whose gradient was always zero.

    Args:
        optimizer: with the schedule and the decay.
        num_updates: updates so far.
        variable: whose weight it is; by default one with the learning rate of the schedule. A frozen one keeps all.
        averaged: of the moving average instead of the weight itself.
    """
    if num_updates == 0 or (variable is not None and not variable.trainable):
        return 1.0
    multiplier = 1.0 if variable is None else optimizer.multiplier_of(variable)
    batches = np.arange(num_updates) * (optimizer.gradient_accumulation_steps or 1)
    rates = multiplier * np.asarray(optimizer._learning_rate(batches), "float64")
    left = np.cumprod(1.0 - rates * (optimizer.weight_decay or 0.0))
    if not averaged:
        return float(left[-1])
    average = left[0]  # the first average is the first weight
    for value in left[1:]:
        average = optimizer.ema_momentum * average + (1.0 - optimizer.ema_momentum) * value
    return float(average)
