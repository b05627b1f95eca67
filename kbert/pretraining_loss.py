"""The pretraining loss, as sums: machines that share a batch add theirs up before anything is divided."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from keras import ops


class PretrainingSums(NamedTuple):
    """Sums over a batch, float32 scalars; those of a part of the batch add up to those of the whole.

    `mlm_*` run over the predicted positions, each counted by its weight; `nsp_*` over the sentence pairs, and are 0
    where there is no such head. Losses are cross-entropies in nats.
    """

    mlm_loss_sum: Any
    mlm_weight_sum: Any
    mlm_correct_sum: Any
    nsp_loss_sum: Any
    nsp_correct_sum: Any
    nsp_count: Any

    def loss(self) -> Any:
        """The mean over the positions plus the mean over the pairs; a mean over nothing is 0."""
        mlm = ops.divide_no_nan(self.mlm_loss_sum, self.mlm_weight_sum)
        return mlm + ops.divide_no_nan(self.nsp_loss_sum, self.nsp_count)

    def metrics(self) -> dict[str, float]:
        """Of sums that are numbers: `loss`, `masked_accuracy`, and with that head `nsp_accuracy`."""
        loss = float(ops.convert_to_numpy(self.loss()))
        found = {"loss": loss, "masked_accuracy": self.mlm_correct_sum / self.mlm_weight_sum}
        if self.nsp_count:
            found["nsp_accuracy"] = self.nsp_correct_sum / self.nsp_count
        return found


def pretraining_sums(
    outputs: Mapping[str, Any], labels: Mapping[str, Any], weights: Mapping[str, Any]
) -> PretrainingSums:
    """The sums behind `pretraining_loss`, which takes the same.

    Args:
        outputs: what `BertPretrainer` returns: `mlm_logits` (batch, positions, vocabulary_size) and, with that head,
            `nsp_logits` (batch, 2).
        labels: int32 token ids `mlm_logits` (batch, positions) and classes `nsp_logits` (batch,).
        weights: `mlm_logits` (batch, positions), 0 at positions that only fill up; `nsp_logits` (batch,), which may
            be missing: every pair then counts 1.
    """
    mlm = _weighted_sums(outputs["mlm_logits"], labels["mlm_logits"], weights["mlm_logits"])
    if "nsp_logits" not in outputs:
        zero = ops.zeros((), "float32")
        return PretrainingSums(mlm[0], mlm[1], mlm[2], zero, zero, zero)
    classes = labels["nsp_logits"]
    loss_sum, count, correct_sum = _weighted_sums(
        outputs["nsp_logits"], classes, weights.get("nsp_logits", ops.ones_like(classes))
    )
    return PretrainingSums(mlm[0], mlm[1], mlm[2], loss_sum, correct_sum, count)


def pretraining_loss(outputs: Mapping[str, Any], labels: Mapping[str, Any], weights: Mapping[str, Any]) -> Any:
    """Masked language modelling plus next sentence prediction (arXiv:1810.04805, appendix A.2): a float32 scalar."""
    return pretraining_sums(outputs, labels, weights).loss()


def _weighted_sums(logits: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    """The sums of loss, weights and right answers: (…, classes), (…), (…) -> three float32 scalars."""
    logits, weights = ops.cast(logits, "float32"), ops.cast(weights, "float32")
    losses = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    correct = ops.cast(ops.equal(ops.argmax(logits, axis=-1), ops.cast(labels, "int32")), "float32")
    return ops.sum(losses * weights), ops.sum(weights), ops.sum(correct * weights)
