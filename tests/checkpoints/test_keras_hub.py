"""keras-hub's BERT and ours give the same outputs with the same weights, whichever way the weights went."""

import json
import sys
import warnings

import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import Checkpoint, extract_weights, from_keras_hub, load_backbone, open_checkpoint, to_keras_hub
from kbert.errors import InputError

# Float32 on both sides, but sums in another order.
TOLERANCE = 1e-5


@pytest.fixture
def keras_hub(optional):
    return optional("keras_hub")


@pytest.fixture
def theirs(keras_hub, randomize):
    """Two heads of 8: heads and head_dim differ, so a wrong reshape shows."""
    backbone = keras_hub.models.BertBackbone(
        vocabulary_size=30,
        num_layers=2,
        num_heads=2,
        hidden_dim=16,
        intermediate_dim=32,
        dropout=0.25,
        max_sequence_length=12,
        num_segments=3,
    )
    randomize(backbone.trainable_variables)
    return backbone


@pytest.fixture
def ours(keras_hub, tiny_config, randomize):
    backbone = BertBackbone(tiny_config.replace(activation="gelu_tanh"))
    randomize(backbone.trainable_variables)
    return backbone


@pytest.fixture
def preset(theirs, tmp_path):
    theirs.save_to_preset(str(tmp_path / "preset"))
    return tmp_path / "preset"


def test_their_model_as_ours(theirs, features, difference):
    loaded = load_backbone(from_keras_hub(theirs))
    ours, expected = loaded(features), theirs(features)
    assert difference(ours["sequence_output"], expected["sequence_output"]) < TOLERANCE
    assert difference(ours["pooled_output"], expected["pooled_output"]) < TOLERANCE


def test_their_sizes_as_ours(theirs):
    checkpoint = from_keras_hub(theirs)
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.config.to_dict() == {
        "vocabulary_size": 30,
        "hidden_dim": 16,
        "num_layers": 2,
        "num_heads": 2,
        "intermediate_dim": 32,
        "max_sequence_length": 12,
        "num_segments": 3,
        "activation": "gelu_tanh",
        "position_embedding": "learned",
        "dropout": 0.25,
        "attention_dropout": 0.25,
        "classifier_dropout": None,
        "layer_norm_epsilon": 1e-12,
        "initializer_range": 0.02,
    }
    shapes = {name: value.shape for name, value in checkpoint.weights.items()}
    assert shapes["embeddings.segment"] == (3, 16)
    assert shapes["layers.1.attention.query.kernel"] == (16, 16)
    assert shapes["layers.1.attention.query.bias"] == (16,)
    assert shapes["layers.1.attention.output.kernel"] == (16, 16)
    assert shapes["layers.1.intermediate.kernel"] == (16, 32)
    # Three tables and a norm of two, the pooler's two, and in each of the 2 layers 6 dense layers and 2 norms of two.
    assert len(shapes) == 5 + 2 + 2 * 16


def test_our_model_as_theirs(ours, features, difference):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        saved = to_keras_hub(ours)
    actual, expected = saved(features), ours(features)
    assert difference(actual["sequence_output"], expected["sequence_output"]) < TOLERANCE
    assert difference(actual["pooled_output"], expected["pooled_output"]) < TOLERANCE


def test_there_and_back_every_bit_is_kept(ours):
    before = extract_weights(ours.named_variables())
    after = from_keras_hub(to_keras_hub(ours)).weights
    assert before.keys() == after.keys()
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value, err_msg=name)


def test_a_fixed_position_table_is_written_out(keras_hub, tiny_config, features, difference):
    ours = BertBackbone(tiny_config.replace(activation="gelu_tanh", position_embedding="sinusoidal"))
    saved = to_keras_hub(ours)
    assert difference(saved(features)["sequence_output"], ours(features)["sequence_output"]) < TOLERANCE
    # Position 0 is sin(0), cos(0), …; position 1 begins with sin(1).
    table = saved.get_layer("position_embedding").get_weights()[0]
    np.testing.assert_allclose(table[0], [0.0, 1.0] * 8, atol=1e-7)
    assert table[1, 0] == pytest.approx(0.841471, abs=1e-6)


def test_exact_gelu_is_warned_about(keras_hub, tiny_config, features, difference, randomize):
    ours = BertBackbone(tiny_config)
    randomize(ours.trainable_variables)
    with pytest.warns(UserWarning, match=r"tanh approximation, this model has the exact one \(erf\): the outputs will"):
        saved = to_keras_hub(ours)
    # Far above the noise of float32: the comparisons above would see a wrong activation.
    assert 1e-4 < difference(saved(features)["sequence_output"], ours(features)["sequence_output"]) < 1e-2


def test_another_epsilon_is_warned_about(keras_hub, tiny_config):
    config = tiny_config.replace(activation="gelu_tanh", layer_norm_epsilon=1e-5)
    with pytest.warns(UserWarning, match="layer_norm_epsilon of 1e-12, this model 1e-05"):
        to_keras_hub(BertBackbone(config))


def test_relu_is_refused(keras_hub, tiny_config):
    with pytest.raises(InputError, match=r"no other activation than GELU\. Received: activation='relu'"):
        to_keras_hub(BertBackbone(tiny_config.replace(activation="relu")))


def test_fewer_heads_are_refused(keras_hub, tiny_config):
    config = tiny_config.replace(num_heads=1, attention_dim=8, activation="gelu_tanh")
    with pytest.raises(InputError, match=r"hidden_dim wide\. Received: hidden_dim=16, attention_dim=8"):
        to_keras_hub(BertBackbone(config))


def test_another_model_is_refused(keras_hub, ours):
    with pytest.raises(
        InputError, match=r"expected a keras_hub\.models\.BertBackbone, got kbert\.backbone\.BertBackbone"
    ):
        from_keras_hub(ours)


def test_a_preset_folder_is_a_checkpoint(preset, theirs, features, difference):
    checkpoint = open_checkpoint(preset)
    assert checkpoint.source == str(preset)
    assert checkpoint.config == from_keras_hub(theirs).config
    loaded = load_backbone(checkpoint)
    assert difference(loaded(features)["sequence_output"], theirs(features)["sequence_output"]) < TOLERANCE
    with pytest.raises(InputError, match="has no vocabulary of its own: give one with --vocab FILE"):
        checkpoint.tokenizer()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_a_cut_preset_is_one_clear_error(preset, share):
    path = preset / "model.weights.h5"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError) as error:
        open_checkpoint(preset)
    assert str(error.value).startswith(f"{preset}: expected a whole keras-hub preset, could not read it (")
    assert "\n" not in str(error.value)


def test_a_preset_without_weights(preset):
    (preset / "model.weights.h5").unlink()
    with pytest.raises(InputError) as error:
        open_checkpoint(preset)
    expected = "expected the weights of a keras-hub preset, found no such file"
    assert str(error.value) == f"{preset / 'model.weights.h5'}: {expected}"


def test_a_preset_of_another_model(preset):
    raw = json.loads((preset / "config.json").read_text())
    (preset / "config.json").write_text(json.dumps(raw | {"registered_name": "keras_hub>RobertaBackbone"}))
    with pytest.raises(InputError) as error:
        open_checkpoint(preset)
    expected = "expected keras_hub>BertBackbone, got keras_hub>RobertaBackbone: not a BERT checkpoint"
    assert str(error.value) == f"{preset / 'config.json'}: {expected}"


def test_without_keras_hub_the_extra_is_named(tmp_path, tiny_config, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    (tmp_path / "config.json").write_text('{"registered_name": "keras_hub>BertBackbone"}')
    expected = "this needs the package keras_hub, which is not installed: pip install 'kbert[keras-hub]'"
    with pytest.raises(InputError) as error:
        open_checkpoint(tmp_path)
    assert str(error.value) == expected
    with pytest.raises(InputError) as error:
        to_keras_hub(BertBackbone(tiny_config))
    assert str(error.value) == expected
