"""One update of the weights, on one device or on many."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import keras
import tensorflow as tf

from kbert.data.pretraining_batches import Batch
from kbert.errors import InputError
from kbert.optimizer import make_optimizer
from kbert.pretrainer import BertPretrainer
from kbert.pretraining.settings import PretrainSettings
from kbert.pretraining_loss import PretrainingSums, pretraining_sums

if TYPE_CHECKING:
    from kbert.distillation.corpus_teaching import CorpusTeaching, DistillationSums

StepSums: TypeAlias = "PretrainingSums | DistillationSums"


class PretrainingStep:
    """Trains a model on batches, of which every replica of the strategy gets a part.

    Keras's `fit` cannot train on several machines, and clips the gradients of each replica before it adds them up. Here
    sums of losses and of gradients are added up first: without dropout the result is that of one device with the whole
    batch. With it every replica draws masks of its own for its part.

    Where there is a `teaching`, it alone makes the loss of a batch, which is a mean: it takes one device and one batch
    at a time.
    """

    def __init__(
        self, model: BertPretrainer, settings: PretrainSettings, teaching: "CorpusTeaching | None" = None
    ) -> None:
        self.strategy = tf.distribute.get_strategy()
        self.replicas = self.strategy.num_replicas_in_sync
        # Without a strategy there is no list of devices to count.
        self.local_replicas = 1 if self.replicas == 1 else len(self.strategy.extended.worker_devices)
        self.model = model
        self.teaching = teaching
        self.variables = model.trainable_variables if teaching is None else teaching.taught_variables
        inner = _make_optimizer(settings)
        inner.build(self.variables)
        # Gradients come here added up over the replicas; Keras would do it once more.
        inner._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
        self.inner_optimizer = inner
        self.optimizer: Any = inner
        if settings.precision == "mixed_float16":
            self.optimizer = keras.optimizers.LossScaleOptimizer(inner)
            self.optimizer.build(self.variables)
        if self.replicas > 1:
            if settings.jit_compile:
                raise InputError(f"jit_compile must not be set with several devices. Received: {self.replicas} devices")
            _give_replicas_their_own_masks(model)
        on_gpu = bool(tf.config.list_physical_devices("GPU"))
        jit = on_gpu and self.replicas == 1 if settings.jit_compile is None else settings.jit_compile
        self._whole = self._on_replicas(self._replica_step, jit=jit)
        # Batches that count as one come one after the other through the same graph: one with all of them in it would
        # take as many times as long to trace, and their activations might lie in memory side by side.
        self._counts = self._on_replicas(self._replica_counts, jit=False)
        self._gradients = self._on_replicas(self._replica_gradients, jit=jit)
        self._add = self._on_replicas(_sums_of_pairs, jit=False)
        self._update = self._on_replicas(self._replica_update, jit=jit)

    def __call__(self, batches: Sequence[Batch], *, wants_to_stop: bool = False) -> tuple[StepSums, bool]:
        """Trains on this worker's part of some batches, which count as one large batch.

        Returns:
            The sums over the whole batch, as numbers; and whether any worker wants to stop, which all learn together.
        """
        wishes = self._for_replicas(tf.fill([self.local_replicas], float(wants_to_stop)))
        parts = [self._for_replicas(batch) for batch in batches]
        if len(parts) == 1:
            results = self._whole(parts[0], wishes)
        else:
            counts = self._counts([weights for _, _, weights in parts])
            found = self._gradients(parts[0], counts)
            for part in parts[1:]:
                found = self._add(found, self._gradients(part, counts))
            results = self._update(*found, wishes)
        *sums, wishes = [self.strategy.experimental_local_results(value)[0] for value in results]
        kind = PretrainingSums if self.teaching is None else self.teaching.sums_type
        return kind(*map(float, sums)), float(wishes) > 0

    def _on_replicas(self, function: Callable[..., Any], *, jit: bool) -> Callable[..., Any]:
        # Nothing here depends on the value of a tensor; looking for it would take half as long again to trace.
        step = tf.function(function, autograph=False, jit_compile=True) if jit else function
        traced: Callable[..., Any] = tf.function(functools.partial(self._run, step), autograph=False)
        return traced

    def _run(self, step: Callable[..., Any], *args: Any) -> Any:
        return self.strategy.run(step, args=args)

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

    def _replica_step(self, batch: Batch, wishes: tf.Tensor) -> list[tf.Tensor]:
        gradients, sums = self._replica_gradients(batch, self._replica_counts([batch[2]]))
        return self._replica_update(gradients, sums, wishes)

    def _replica_counts(self, weights: list[dict[str, tf.Tensor]]) -> list[tf.Tensor]:
        """How many positions and pairs the whole batch has, all replicas' together."""
        positions = tf.add_n([tf.reduce_sum(part["mlm_logits"]) for part in weights])
        pairs = tf.add_n([tf.reduce_sum(part.get("nsp_logits", 0.0)) for part in weights])
        return self._added_up([positions, pairs])

    def _replica_gradients(self, batch: Batch, counts: list[tf.Tensor]) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """This replica's gradients of a part of the batch, and its sums."""
        features, labels, weights = batch
        positions, pairs = counts
        with tf.GradientTape() as tape:
            sums: StepSums
            if self.teaching is None:
                sums = pretraining_sums(self.model(features, training=True), labels, weights)
                # This part of the loss of the whole batch.
                loss = tf.math.divide_no_nan(sums.mlm_loss_sum, positions)
                loss += tf.math.divide_no_nan(sums.nsp_loss_sum, pairs)
            else:
                sums = self.teaching.sums(features, labels, weights, training=True)
                loss = sums.loss()
            loss = self.optimizer.scale_loss(loss)
        found = tape.gradient(loss, [variable.value for variable in self.variables])
        return [tf.convert_to_tensor(gradient) for gradient in found], list(sums)

    def _replica_update(self, gradients: list[tf.Tensor], sums: list[tf.Tensor], wishes: tf.Tensor) -> list[tf.Tensor]:
        self.optimizer.apply(self._added_up(gradients), self.variables)
        return self._added_up([*sums, tf.reduce_sum(wishes)])

    def _added_up(self, tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        if self.replicas == 1:
            return tensors
        added: list[tf.Tensor] = tf.distribute.get_replica_context().all_reduce("SUM", tensors)
        return added


def _sums_of_pairs(first: Any, second: Any) -> Any:
    return tf.nest.map_structure(tf.add, first, second)


def _give_replicas_their_own_masks(model: keras.Model) -> None:
    """Makes dropout differ between replicas: Keras keeps one state of a seed, which is the same on all of them."""
    for layer in model._flatten_layers():
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.next = functools.partial(
                _next_seed_of_replica, functools.partial(type(generator).next, generator)
            )


def _next_seed_of_replica(next_seed: Callable[..., tf.Tensor], *args: Any, **kwargs: Any) -> tf.Tensor:
    seed = next_seed(*args, **kwargs)  # (2,): the layer's seed and a counter
    context = tf.distribute.get_replica_context()
    if context is None:
        return seed
    # Seeds of layers are below 2**32: those of two replicas never meet.
    replica = tf.cast(context.replica_id_in_sync_group, tf.int64) * 2**32
    return seed + tf.cast(tf.stack([replica, tf.zeros_like(replica)]), seed.dtype)


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
