"""Training in half precision: nothing overflows, nothing vanishes."""

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.compact_vocabulary import CompactVocabulary
from kbert.config import BertConfig
from kbert.tasks import TextClassifier

# One head of width 16: with the kernels below raw scores reach 16 * 70 * 70 = 78,400, beyond float16's 65,504.
CONFIG = BertConfig(
    vocabulary_size=20, hidden_dim=16, num_layers=1, num_heads=1, intermediate_dim=32, max_sequence_length=12
)


class LossOfEveryBatch(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.losses: list[float] = []

    def on_train_batch_begin(self, batch: int, logs=None) -> None:
        self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs=None) -> None:
        self.losses.append(float(logs["loss"]))


def padded_batch() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Thirty-two texts of 1 to 12 tokens; the label is whether the first token is above 9."""
    random = np.random.default_rng(0)
    padding_mask = (np.arange(12) < random.integers(1, 13, 32)[:, None]).astype("int32")
    token_ids = random.integers(1, 20, (32, 12)).astype("int32") * padding_mask
    labels = (token_ids[:, 0] > 9).astype("int32")
    return {"token_ids": token_ids, "segment_ids": np.zeros_like(token_ids), "padding_mask": padding_mask}, labels


@pytest.mark.parametrize(("policy", "attention_dropout"), [("mixed_float16", 0.1), ("mixed_bfloat16", 0.0)])
def test_training_with_large_scores_stays_finite_and_learns(policy, attention_dropout):
    keras.utils.set_random_seed(1)
    backbone = BertBackbone(CONFIG.replace(attention_dropout=attention_dropout), dtype=policy)
    model = TextClassifier(backbone, ["low", "high"])
    for layer in model.backbone.encoder_layers:
        layer.attention.query.kernel.assign(70.0 * np.eye(16))
        layer.attention.key.kernel.assign(70.0 * np.eye(16))
    model.compile(keras.optimizers.Adam(3e-3), loss=TextClassifier.loss_function())
    scaled = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")

    features, labels = padded_batch()
    seen = LossOfEveryBatch()
    model.fit(features, labels, batch_size=16, epochs=30, verbose=0, shuffle=False, callbacks=[seen])
    assert len(seen.losses) == 60
    assert np.isfinite(seen.losses).all()
    assert all(np.isfinite(keras.ops.convert_to_numpy(weight)).all() for weight in model.weights)
    assert all(weight.dtype == "float32" for weight in model.trainable_weights)
    # A step whose gradients overflow is skipped: most must not be.
    updates = model.optimizer.inner_optimizer.iterations if scaled else model.optimizer.iterations
    assert int(keras.ops.convert_to_numpy(updates)) > 30
    assert np.mean(seen.losses[-4:]) < 0.6 * np.mean(seen.losses[:4])


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_a_compact_vocabulary_keeps_the_precision(tiny_config, policy):
    model = TextClassifier(BertBackbone(tiny_config, dtype=policy), ["low", "high"])
    table = keras.ops.convert_to_numpy(model.backbone.embeddings.token.embeddings)
    small = CompactVocabulary(np.arange(10), table).shrink(model)
    assert small.dtype_policy.name == small.backbone.dtype_policy.name == policy
    assert small.backbone.encoder_layers[0].compute_dtype == policy.removeprefix("mixed_")


@pytest.mark.parametrize(("policy", "tolerance"), [("mixed_float16", 0.01), ("mixed_bfloat16", 0.08)])
def test_half_precision_gives_nearly_the_outputs_of_float32(policy, tolerance, tiny_config):
    keras.utils.set_random_seed(1)
    exact = BertBackbone(tiny_config)
    rounded = BertBackbone(tiny_config, dtype=policy)
    rounded.set_weights(exact.get_weights())
    features, _ = padded_batch()
    expected, got = exact(features), rounded(features)
    for name in ("sequence_output", "pooled_output"):
        assert keras.backend.standardize_dtype(got[name].dtype) == policy.removeprefix("mixed_")
        # float16 has 11 bits, bfloat16 8; two layers of outputs around 1 to 3 lose a few of the last ones.
        assert np.abs(np.asarray(got[name], "float32") - np.asarray(expected[name])).max() < tolerance
