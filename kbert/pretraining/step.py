"""One update of the weights, on one device or on many."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kbert.data.pretraining_batches import Batch
from kbert.errors import InputError
from kbert.optimizer import make_optimizer
from kbert.pretrainer import BertPretrainer
from kbert.pretraining.settings import PretrainSettings
from kbert.pretraining_loss import PretrainingSums, pretraining_sums


class PretrainingStep:
    """Trains a model on batches, of which every replica of the strategy gets a part.

    Keras's `fit` cannot train on several machines, and clips the gradients of each replica before it adds them up. Here
    sums of losses and of gradients are added up first: the result is that of one device with the whole batch.
    """

    def __init__(self, model: BertPretrainer, settings: PretrainSettings) -> None:
        self.strategy = tf.distribute.get_strategy()
        self.replicas = self.strategy.num_replicas_in_sync
        # Without a strategy there is no list of devices to count.
        self.local_replicas = 1 if self.replicas == 1 else len(self.strategy.extended.worker_devices)
        self.model = model
        inner = _make_optimizer(settings)
        inner.build(model.trainable_variables)
        # Gradients come here added up over the replicas; Keras would do it once more.
        inner._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
        self.inner_optimizer = inner
        self.optimizer: Any = inner
        if settings.precision == "mixed_float16":
            self.optimizer = keras.optimizers.LossScaleOptimizer(inner)
            self.optimizer.build(model.trainable_variables)
        on_gpu = bool(tf.config.list_physical_devices("GPU"))
        jit = on_gpu and self.replicas == 1 if settings.jit_compile is None else settings.jit_compile
        # Nothing here depends on the value of a tensor; looking for it would take half as long again to trace.
        self._train = tf.function(self._on_all_replicas, autograph=False)
        self._replica_step = (
            tf.function(self._on_one_replica, autograph=False, jit_compile=True) if jit else self._on_one_replica
        )

    def __call__(self, batches: Sequence[Batch], *, wants_to_stop: bool = False) -> tuple[PretrainingSums, bool]:
        """Trains on this worker's part of some batches, which count as one large batch.

        Returns:
            The sums over the whole batch, as numbers; and whether any worker wants to stop, which all learn together.
        """
        wishes = tf.fill([self.local_replicas], float(wants_to_stop))
        *sums, wishes = self._train([self._for_replicas(batch) for batch in batches], self._for_replicas(wishes))
        return PretrainingSums(*map(float, sums)), float(wishes) > 0

    def _for_replicas(self, inputs: Any) -> Any:
        """The arguments of the step: for each local replica its rows."""
        if self.replicas == 1:
            return inputs
        rows = int(tf.nest.flatten(inputs)[0].shape[0])
        if rows % self.local_replicas:
            raise InputError(
                f"batch_size must be a multiple of the {self.replicas} devices. Received: {rows} texts for the "
                f"{self.local_replicas} of this machine"
            )

        def part(context: Any) -> Any:
            index = context.replica_id_in_sync_group % self.local_replicas

            def cut(value: tf.Tensor) -> tf.Tensor:
                size = value.shape[0] // self.local_replicas
                return value[index * size : (index + 1) * size]

            return tf.nest.map_structure(cut, inputs)

        return self.strategy.experimental_distribute_values_from_function(part)

    def _on_all_replicas(self, batches: Any, wishes: Any) -> list[tf.Tensor]:
        results = self.strategy.run(self._replica_step, args=(batches, wishes))
        return [self.strategy.experimental_local_results(value)[0] for value in results]

    def _on_one_replica(self, batches: Sequence[Batch], wishes: tf.Tensor) -> list[tf.Tensor]:
        positions = tf.add_n([tf.reduce_sum(weights["mlm_logits"]) for _, _, weights in batches])
        pairs = tf.add_n([tf.reduce_sum(weights.get("nsp_logits", 0.0)) for _, _, weights in batches])
        positions, pairs = self._added_up([positions, pairs])
        variables = self.model.trainable_variables
        total: list[tf.Tensor] = []
        gradients: list[tf.Tensor] = []
        for features, labels, weights in batches:
            # One after the other: side by side they would need the memory of one large batch.
            with tf.control_dependencies(gradients), tf.GradientTape() as tape:
                sums = pretraining_sums(self.model(features, training=True), labels, weights)
                # This part of the loss of the whole batch.
                loss = tf.math.divide_no_nan(sums.mlm_loss_sum, positions)
                loss += tf.math.divide_no_nan(sums.nsp_loss_sum, pairs)
                loss = self.optimizer.scale_loss(loss)
            found = tape.gradient(loss, [variable.value for variable in variables])
            found = [tf.convert_to_tensor(gradient) for gradient in found]
            gradients = [a + b for a, b in zip(gradients, found, strict=True)] if gradients else found
            total = [a + b for a, b in zip(total, sums, strict=True)] if total else list(sums)
        self.optimizer.apply(self._added_up(gradients), variables)
        return self._added_up([*total, tf.reduce_sum(wishes)])

    def _added_up(self, tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        if self.replicas == 1:
            return tensors
        added: list[tf.Tensor] = tf.distribute.get_replica_context().all_reduce("SUM", tensors)
        return added


def _make_optimizer(settings: PretrainSettings) -> Any:
    return make_optimizer(
        kind=settings.optimizer,
        learning_rate=settings.learning_rate,
        total_steps=settings.steps,
        warmup_steps=round(settings.warmup * settings.steps),
        decay_power=settings.decay_power,
        weight_decay=settings.weight_decay,
        clip_norm=settings.clip_norm,
    )
