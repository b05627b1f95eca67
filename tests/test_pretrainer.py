import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.pretrainer import BertPretrainer

FEATURES = {
    "token_ids": np.array([[2, 5, 6, 3, 0], [2, 7, 8, 9, 3]], "int32"),
    "segment_ids": np.array([[0, 0, 1, 1, 0], [0, 0, 0, 1, 1]], "int32"),
    "padding_mask": np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]], "int32"),
}


@pytest.mark.parametrize("policy", [None, "mixed_bfloat16", "mixed_float16"])
def test_logits_are_float32(tiny_config, policy):
    outputs = BertPretrainer(BertBackbone(tiny_config, dtype=policy))(FEATURES)
    assert {name: value.shape for name, value in outputs.items()} == {
        "mlm_logits": (2, 5, tiny_config.vocabulary_size),
        "nsp_logits": (2, 2),
    }
    assert {keras.backend.standardize_dtype(value.dtype) for value in outputs.values()} == {"float32"}


def test_the_vocabulary_projection_is_the_token_table(tiny_config):
    model = BertPretrainer(BertBackbone(tiny_config))
    before = np.asarray(model(FEATURES)["mlm_logits"])
    # Token 60 stands in no text: its row acts only as the projection's. With the bias alone left its logit is that.
    model.mlm.bias.assign(np.full(tiny_config.vocabulary_size, 0.5))
    table = keras.ops.convert_to_numpy(model.backbone.embeddings.token.embeddings).copy()
    table[60] = 0.0
    model.backbone.embeddings.token.embeddings.assign(table)
    after = np.asarray(model(FEATURES)["mlm_logits"])
    np.testing.assert_array_equal(after[..., 60], 0.5)
    np.testing.assert_allclose(after[..., 59], before[..., 59] + 0.5, atol=1e-6)  # float32 rounding


def test_every_weight_has_a_name(tiny_config):
    model = BertPretrainer(BertBackbone(tiny_config))
    names = model.named_variables()
    assert set(names) - set(model.backbone.named_variables()) == {
        "mlm.transform.kernel",
        "mlm.transform.bias",
        "mlm.layer_norm.gamma",
        "mlm.layer_norm.beta",
        "mlm.bias",
        "nsp.dense.kernel",
        "nsp.dense.bias",
    }
    assert {id(variable) for variable in names.values()} == {id(v) for v in model.trainable_variables}


@pytest.mark.parametrize("policy", [None, "mixed_float16"])
def test_a_saved_model_gives_equal_outputs(tiny_config, tmp_path, policy):
    model = BertPretrainer(BertBackbone(tiny_config, dtype=policy), name="mine")
    model.save(tmp_path / "x.keras")
    copy = keras.models.load_model(tmp_path / "x.keras")
    assert type(copy) is BertPretrainer
    assert (copy.name, copy.dtype_policy.name, copy.backbone.config) == ("mine", policy or "float32", tiny_config)
    expected = model(FEATURES)
    for name, value in copy(FEATURES).items():
        np.testing.assert_array_equal(value, expected[name])


def test_float16_training_scales_the_loss(tiny_config):
    model = BertPretrainer(BertBackbone(tiny_config, dtype="mixed_float16"))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss={"mlm_logits": loss, "nsp_logits": loss}, run_eagerly=True)
    assert isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    labels = {"mlm_logits": FEATURES["token_ids"], "nsp_logits": np.array([0, 1], "int32")}
    history = model.fit(FEATURES, labels, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


def test_a_head_that_the_checkpoint_lacks_starts_at_random(tiny_checkpoint, tiny_config):
    model = BertPretrainer.from_checkpoint(tiny_checkpoint)
    saved = extract_weights(BertBackbone.from_checkpoint(tiny_checkpoint).named_variables())
    loaded = extract_weights(model.backbone.named_variables())
    for name, value in saved.items():
        np.testing.assert_array_equal(loaded[name], value)
    assert float(keras.ops.std(model.mlm.transform.kernel)) > 0.1
