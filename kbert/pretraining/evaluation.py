"""How well a pretrainer does on text that it has not seen."""

import math
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from kbert.data.masking import MaskingSettings
from kbert.data.prepare import prepare_shards
from kbert.data.pretraining_batches import Batch, PretrainingBatches
from kbert.data.shards import ShardSet
from kbert.errors import InputError
from kbert.evaluation import Evaluation
from kbert.pretrainer import TASK, BertPretrainer
from kbert.pretraining_loss import PretrainingSums, pretraining_sums

# Of all chance in an evaluation, so that two of them ask the same.
EVALUATION_SEED = 20_181_011


class HeldOutText:
    """Held-out windows, always with the same masks."""

    def __init__(self, shards: ShardSet, masking: MaskingSettings, *, batch_size: int = 32, batches: int = 100) -> None:
        pairs = shards.sentence_objective == "nsp"
        size = min(batch_size, shards.num_windows)
        size -= size % 2 if pairs else 0
        if size == 0:
            sources = ", ".join(source["file"] for source in shards.manifest["sources"][:3])
            raise InputError(f"{sources}: expected at least two windows of held-out text, found one. Add text")
        self._source = PretrainingBatches(shards=shards, batch_size=size, masking=masking, seed=EVALUATION_SEED)
        self.batches = min(batches, self._source.batches_per_epoch)
        self.windows = self.batches * size
        # Made once: a function made anew for every evaluation would be traced anew.
        self._sums_of = tf.function(_sums_of, autograph=False)

    def read(self) -> Iterator[Batch]:
        """The batches, always the same."""
        return self._source.read(count=self.batches)

    def score(self, model: BertPretrainer) -> dict[str, float]:
        """Metrics of a model.

        `loss` (nats), `masked_accuracy` and `perplexity` (e to the mean loss of a masked token); `nsp_accuracy` where
        there is that head; and `most_frequent_accuracy`, what answering the most frequent token would reach.
        """
        total = [0.0] * len(PretrainingSums._fields)
        counts = tf.zeros([model.backbone.config.vocabulary_size], tf.int64)
        for features, labels, weights in self.read():
            sums = self._sums_of(model, features, labels, weights)
            total = [a + float(b) for a, b in zip(total, sums, strict=True)]
            asked = tf.boolean_mask(labels["mlm_logits"], weights["mlm_logits"] > 0)
            counts += tf.math.bincount(asked, minlength=len(counts), dtype=tf.int64)
        whole = PretrainingSums(*total)
        metrics = {
            "loss": float(keras.ops.convert_to_numpy(whole.loss())),
            "masked_accuracy": whole.mlm_correct_sum / whole.mlm_weight_sum,
            "perplexity": math.exp(min(whole.mlm_loss_sum / whole.mlm_weight_sum, 700.0)),
        }
        if whole.nsp_count:
            metrics["nsp_accuracy"] = whole.nsp_correct_sum / whole.nsp_count
        metrics["most_frequent_accuracy"] = float(tf.reduce_max(counts)) / whole.mlm_weight_sum
        return metrics


def evaluate_pretrainer(model: BertPretrainer, files: Sequence[str | os.PathLike[str]]) -> Evaluation:
    """Scores a model on files of text, as `HeldOutText` does: 15 % of the tokens of texts of its `max_length`.

    With a next sentence head the texts are pairs, of the kind that it learnt. `examples` are texts; those that do not
    fill a batch are left out.

    Raises:
        InputError: the text cannot be read, or makes too few texts.
    """
    share = MaskingSettings().mask_share
    masking = MaskingSettings(mask_share=share, max_predictions=max(1, round(share * model.max_length)))
    with tempfile.TemporaryDirectory(prefix="kbert-") as folder:
        shards = prepare_shards(
            files,
            model.known_tokenizer(),
            Path(folder) / "shards",
            max_length=model.max_length,
            sentence_objective=model.sentence_objective,
        )
        held_out = HeldOutText(shards, masking, batches=sys.maxsize)
        return Evaluation(task=TASK, examples=held_out.windows, metrics=held_out.score(model))


def _sums_of(model: BertPretrainer, features: dict, labels: dict, weights: dict) -> PretrainingSums:
    return pretraining_sums(model(features, training=False), labels, weights)
