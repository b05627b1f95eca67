import json
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights, open_checkpoint
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.pretraining_loss import pretraining_loss

FEATURES = {
    "token_ids": np.array([[2, 5, 6, 3, 0], [2, 7, 8, 9, 3]], "int32"),
    "segment_ids": np.array([[0, 0, 1, 1, 0], [0, 0, 0, 1, 1]], "int32"),
    "padding_mask": np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]], "int32"),
}
# Two tokens of each text to predict; of the first text's the second only fills up.
MASK_POSITIONS = np.array([[2, 0], [4, 1]], "int32")
LABELS = {"mlm_logits": np.array([[6, 0], [3, 7]], "int32"), "nsp_logits": np.array([0, 1], "int32")}
WEIGHTS = {"mlm_logits": np.array([[1, 0], [1, 1]], "float32"), "nsp_logits": np.ones(2, "float32")}


def without_next_sentence(values):
    return {name: value for name, value in values.items() if name != "nsp_logits"}


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


def test_only_the_mask_positions_are_projected(tiny_config):
    model = BertPretrainer(BertBackbone(tiny_config))
    everywhere, chosen = model(FEATURES), model({**FEATURES, "mask_positions": MASK_POSITIONS})
    expected = np.take_along_axis(np.asarray(everywhere["mlm_logits"]), MASK_POSITIONS[..., None], axis=1)
    assert expected.shape == (2, 2, tiny_config.vocabulary_size)
    np.testing.assert_allclose(chosen["mlm_logits"], expected, atol=1e-5)  # float32 sums in another order
    np.testing.assert_array_equal(chosen["nsp_logits"], everywhere["nsp_logits"])


def test_without_next_sentence(tiny_config):
    model = BertPretrainer(BertBackbone(tiny_config), next_sentence=False)
    assert set(model(FEATURES)) == set(model.loss_functions()) == set(model.metric_functions()) == {"mlm_logits"}
    assert not any(name.startswith("nsp.") for name in model.named_variables())
    named = {name for name, value in model.named_variables().items() if name not in ("pooler.kernel", "pooler.bias")}
    assert len(model.trainable_variables) == len(model.trainable_weights) == len(named)


@pytest.mark.parametrize("next_sentence", [True, False])
@pytest.mark.parametrize("policy", [None, "mixed_float16"])
def test_a_saved_model_gives_equal_outputs(tiny_config, tiny_tokenizer, tmp_path, policy, next_sentence):
    backbone = BertBackbone(tiny_config, dtype=policy)
    model = BertPretrainer(backbone, tiny_tokenizer, 16, next_sentence=next_sentence, name="mine")
    model.compile("adam", loss=model.loss_functions(), weighted_metrics=model.metric_functions())
    labels, weights = (LABELS, WEIGHTS) if next_sentence else map(without_next_sentence, (LABELS, WEIGHTS))
    model.fit({**FEATURES, "mask_positions": MASK_POSITIONS}, labels, sample_weight=weights, verbose=0)
    model.save(tmp_path / "x.keras")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        copy = keras.models.load_model(tmp_path / "x.keras")
    assert type(copy) is BertPretrainer
    assert copy.compiled
    assert (copy.name, copy.dtype_policy.name, copy.backbone.config) == ("mine", policy or "float32", tiny_config)
    assert (copy.tokenizer.vocabulary, copy.max_length) == (tiny_tokenizer.vocabulary, 16)
    for features in (FEATURES, {**FEATURES, "mask_positions": MASK_POSITIONS}):
        expected, outputs = model(features), copy(features)
        assert outputs.keys() == expected.keys()
        for name, value in outputs.items():
            np.testing.assert_array_equal(value, expected[name])


@pytest.mark.parametrize("next_sentence", [True, False])
def test_keras_computes_the_pretraining_loss(tiny_config, next_sentence):
    backbone = BertBackbone(tiny_config.replace(dropout=0.0, attention_dropout=0.0))
    model = BertPretrainer(backbone, next_sentence=next_sentence)
    model.compile("adam", loss=model.loss_functions(), weighted_metrics=model.metric_functions())
    features = {**FEATURES, "mask_positions": MASK_POSITIONS}
    labels, weights = (LABELS, WEIGHTS) if next_sentence else map(without_next_sentence, (LABELS, WEIGHTS))
    dataset = tf.data.Dataset.from_tensors((features, labels, weights))
    outputs = model(features)
    # Before the first step, and of one batch alone: what `fit` tells is the loss of the model as it is.
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # such as of weights without a gradient
        history = model.fit(dataset, shuffle=False, verbose=0).history
    expected = float(pretraining_loss(outputs, labels, weights))
    assert history["loss"] == [pytest.approx(expected, abs=1e-5)]  # float32 sums in another order
    right = np.argmax(outputs["mlm_logits"], axis=-1) == labels["mlm_logits"]
    names = [name for name in history if name.endswith("accuracy")]
    assert len(names) == len(labels)
    (mlm_accuracy,) = (history[name] for name in names if "nsp" not in name)
    assert mlm_accuracy == [pytest.approx(right[[0, 1, 1], [0, 0, 1]].mean())]


def test_a_batch_without_masks_costs_nothing(tiny_config):
    model = BertPretrainer(BertBackbone(tiny_config), next_sentence=False)
    model.compile("adam", loss=model.loss_functions())
    features, labels = {**FEATURES, "mask_positions": MASK_POSITIONS}, without_next_sentence(LABELS)
    nothing = {"mlm_logits": np.zeros((2, 2), "float32")}
    assert model.evaluate(features, labels, sample_weight=nothing, verbose=0) == 0.0
    assert float(pretraining_loss(model(features), labels, nothing)) == 0.0


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


# Checkpoints


@pytest.fixture
def pretrainer(tiny_config, tiny_tokenizer):
    keras.utils.set_random_seed(7)
    return BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, 16)


def test_a_checkpoint_there_and_back(pretrainer, tmp_path):
    folder = pretrainer.save_checkpoint(tmp_path / "run", seed=5)
    facts = {"task": "pretraining", "max_length": 16, "sentence_objective": "nsp", "seed": 5}
    assert json.loads((folder / "kbert.json").read_text()) == facts
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["BertForPreTraining"]
    copy = BertPretrainer.from_checkpoint(folder)
    assert (copy.tokenizer.vocabulary, copy.max_length) == (pretrainer.tokenizer.vocabulary, 16)
    expected = pretrainer(FEATURES)
    for name, value in copy(FEATURES).items():
        np.testing.assert_array_equal(value, expected[name])
    with pytest.raises(InputError, match="holds something already"):
        pretrainer.save_checkpoint(folder)


def test_a_checkpoint_without_next_sentence(tiny_config, tiny_tokenizer, tmp_path):
    model = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, next_sentence=False)
    folder = model.save_checkpoint(tmp_path / "run")
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["BertForMaskedLM"]
    assert BertPretrainer.from_checkpoint(folder).nsp is None
    assert BertPretrainer.from_checkpoint(folder, next_sentence=True).nsp is not None


def test_a_model_knows_its_sentence_objective(tiny_config, tiny_tokenizer, tmp_path):
    model = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer, sentence_objective="sop")
    folder = model.save_checkpoint(tmp_path / "run")
    assert BertPretrainer.from_checkpoint(folder).sentence_objective == "sop"
    assert BertPretrainer.from_config(model.get_config()).sentence_objective == "sop"
    without = BertPretrainer.from_checkpoint(folder, next_sentence=False)
    assert (without.sentence_objective, without.nsp) == ("none", None)
    # A head that the run did not have is trained anew.
    without.save_checkpoint(folder, overwrite=True)
    assert BertPretrainer.from_checkpoint(folder).sentence_objective == "none"
    assert BertPretrainer.from_checkpoint(folder, next_sentence=True).sentence_objective == "nsp"
    with pytest.raises(InputError, match=r"^a next sentence head learns nsp or sop. Received: none$"):
        BertPretrainer(BertBackbone(tiny_config), sentence_objective="none")


def test_the_encoder_alone(tiny_config, tiny_tokenizer, tmp_path):
    backbone = BertBackbone(tiny_config)
    folder = backbone.save_checkpoint(tmp_path / "encoder", tokenizer=tiny_tokenizer)
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["BertModel"]
    checkpoint = open_checkpoint(folder)
    assert checkpoint.tokenizer().vocabulary == tiny_tokenizer.vocabulary
    np.testing.assert_array_equal(
        BertBackbone.from_checkpoint(checkpoint.folder)(FEATURES)["pooled_output"], backbone(FEATURES)["pooled_output"]
    )
    backbone.save_checkpoint(folder, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]


def test_a_preset_takes_any_vocabulary(tiny_tokenizer):
    model = BertPretrainer.from_checkpoint("preset:tiny", tokenizer=tiny_tokenizer, next_sentence=False)
    assert model.backbone.config.vocabulary_size == tiny_tokenizer.vocabulary_size
    assert (model.nsp, model.max_length) == (None, 512)
