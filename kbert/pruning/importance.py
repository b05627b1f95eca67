"""How much the loss hangs on each attention head and each feed-forward neuron, by its first derivative.

Put a gate of value 1 on a part's output. The derivative of the loss by the gate says, to first order, how much the loss
changes when the gate is closed; its size, averaged over batches, is the part's importance: for heads arXiv:1905.10650
(section 4.1), for neurons arXiv:1906.10771 (their equation 8, of one gate).

No gate has to be built. What a part gives is multiplied by its rows of the next kernel and by nothing else, so scaling
the part scales those rows, and the derivative by the gate is the sum of kernel times the gradient of the kernel there.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from kbert.data.batching import TokenizedTexts, epoch_rows, make_batches, sorted_rows
from kbert.tasks.task import BertTask


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GateImportance:
    """float32 `heads` (layers, num_heads) and `neurons` (layers, intermediate_dim), none below 0."""

    heads: np.ndarray
    neurons: np.ndarray


def gate_importance(
    model: BertTask, data: Any, *, batch_size: int = 8, seed: int = 0, normalize: bool = True
) -> GateImportance:
    """Measures a model's heads and neurons on labelled data, without changing it.

    Args:
        model: of any task, with a tokenizer.
        data: as `model.problem.read` gives it.
        batch_size: examples whose derivatives are added up before their size counts; the fewer, the less can cancel.
        seed: of the order of the examples.
        normalize: scale each layer to a sum of squares of 1, as Michel et al. do (appendix A): the derivatives of one
            layer are as a whole larger than those of another, which says nothing about its parts.

    Raises:
        InputError: a row has a label that the model does not know; there are no rows.
    """
    import tensorflow as tf

    model.problem.check(data)
    tokens = model.problem.encode_examples(data)
    layers = model.backbone.encoder_layers
    attention = [layer.attention.output_dense.kernel.value for layer in layers]
    feed_forward = [layer.output_dense.kernel.value for layer in layers]
    num_heads = model.backbone.config.num_heads
    loss_of = batch_loss(model)

    # Lengths differ from batch to batch, and one graph has to do for all.
    @tf.function(reduce_retracing=True)
    def derivatives(features: Any, targets: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            tape.watch([*attention, *feed_forward])  # they may be frozen
            loss = loss_of(features, targets)
        slopes = tape.gradient(loss, [*attention, *feed_forward])
        rows = [
            tf.reduce_sum(kernel * slope, axis=1)
            for kernel, slope in zip([*attention, *feed_forward], slopes, strict=True)
        ]
        heads = tf.reshape(tf.stack(rows[: len(layers)]), [len(layers), num_heads, -1])
        return tf.abs(tf.reduce_sum(heads, axis=-1)), tf.abs(tf.stack(rows[len(layers) :]))

    batches = epoch_rows(tokens.lengths, batch_size, seed=seed, epoch=0, group=tokens.group)
    heads = neurons = 0.0
    for features, targets in make_batches(tokens, batches):
        of_heads, of_neurons = derivatives(features, targets)
        heads, neurons = heads + of_heads.numpy().astype("float64"), neurons + of_neurons.numpy().astype("float64")
    found = [np.asarray(sums) / len(batches) for sums in (heads, neurons)]
    if normalize:
        found = [values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-30) for values in found]
    return GateImportance(heads=found[0].astype("float32"), neurons=found[1].astype("float32"))


def mean_loss(model: BertTask, tokens: TokenizedTexts, *, batch_size: int = 32) -> float:
    """The task's loss, the mean over batches of like length; without dropout."""
    import tensorflow as tf

    loss_of = tf.function(batch_loss(model), reduce_retracing=True)
    batches = (
        sorted_rows(tokens.lengths, batch_size)
        if tokens.group == 1
        else epoch_rows(tokens.lengths, batch_size, seed=0, epoch=0, group=tokens.group)
    )
    return float(np.mean([loss_of(*batch).numpy() for batch in make_batches(tokens, batches)]))


def batch_loss(model: BertTask) -> Any:
    """A function of a batch's features and targets: the sum of the losses of the model's outputs, without dropout."""
    losses = model.losses_by_output()

    def loss_of(features: Any, targets: Any) -> Any:
        outputs = model(features, training=False)
        # Of one output the target is a tensor.
        by_output = targets if isinstance(targets, Mapping) else dict.fromkeys(losses, targets)
        return keras.ops.sum(keras.ops.stack([loss(by_output[name], outputs[name]) for name, loss in losses.items()]))

    return loss_of
