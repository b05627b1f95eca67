import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.errors import InputError

FEATURES = {
    "token_ids": np.array([[2, 5, 6, 3, 0], [2, 7, 8, 9, 3]], "int32"),
    "segment_ids": np.array([[0, 0, 1, 1, 0], [0, 0, 0, 1, 1]], "int32"),
    "padding_mask": np.array([[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]], "int32"),
}


def test_shapes_and_the_pooler_on_the_first_token(tiny_config):
    backbone = BertBackbone(tiny_config)
    outputs = backbone(FEATURES)
    assert {name: value.shape for name, value in outputs.items()} == {
        "sequence_output": (2, 5, 16),
        "pooled_output": (2, 16),
    }
    kernel, bias = (keras.ops.convert_to_numpy(weight) for weight in backbone.pooler.weights)
    expected = np.tanh(np.asarray(outputs["sequence_output"])[:, 0] @ kernel + bias)
    np.testing.assert_allclose(outputs["pooled_output"], expected, atol=1e-6)  # float32 rounding


def test_hidden_states_are_the_embeddings_and_every_layer(tiny_config):
    backbone = BertBackbone(tiny_config)
    states = keras.Model(backbone.input, backbone.hidden_states)(FEATURES)
    assert [state.shape for state in states] == [(2, 5, 16)] * 3
    embedded = backbone.embeddings(FEATURES["token_ids"], FEATURES["segment_ids"])
    np.testing.assert_array_equal(states[0], embedded)
    np.testing.assert_array_equal(states[-1], backbone(FEATURES)["sequence_output"])


def test_padding_changes_nothing(tiny_config):
    backbone = BertBackbone(tiny_config)
    alone = backbone({name: value[:1, :4] for name, value in FEATURES.items()})
    padded = backbone(FEATURES)
    # Sums of another length round otherwise: a few steps of float32 at values around 1.
    np.testing.assert_allclose(padded["sequence_output"][:1, :4], alone["sequence_output"], atol=1e-5)
    np.testing.assert_allclose(padded["pooled_output"][:1], alone["pooled_output"], atol=1e-5)


def test_every_weight_has_a_name(tiny_config):
    backbone = BertBackbone(tiny_config)
    names = backbone.named_variables()
    assert len(names) == len(backbone.trainable_variables) == 5 + 2 * 16 + 2
    assert {id(variable) for variable in names.values()} == {id(v) for v in backbone.trainable_variables}
    assert names["layers.1.attention.query.kernel"] is backbone.encoder_layers[1].attention.query.kernel
    assert names["embeddings.position"] is backbone.embeddings.position
    assert names["pooler.bias"] is backbone.pooler.bias


def test_fixed_positions_have_no_weight(tiny_config):
    backbone = BertBackbone(tiny_config.replace(position_embedding="sinusoidal"))
    assert "embeddings.position" not in backbone.named_variables()
    assert len(backbone.trainable_variables) == 4 + 2 * 16 + 2


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
@pytest.mark.parametrize("policy", [None, "mixed_bfloat16", "mixed_float16"])
def test_a_saved_model_gives_equal_outputs(tiny_config, tmp_path, policy, positions):
    backbone = BertBackbone(tiny_config.replace(position_embedding=positions), dtype=policy, name="mine")
    backbone.save(tmp_path / "x.keras")
    copy = keras.models.load_model(tmp_path / "x.keras")
    assert type(copy) is BertBackbone
    assert (copy.config, copy.name, copy.dtype_policy.name) == (backbone.config, "mine", policy or "float32")
    expected = backbone(FEATURES)
    for name, value in copy(FEATURES).items():
        np.testing.assert_array_equal(value, expected[name])


def test_config_there_and_back(tiny_config):
    backbone = BertBackbone(tiny_config, dtype="mixed_float16")
    assert backbone.dtype_policy.name == "mixed_float16"
    backbone.trainable = False
    copy = BertBackbone.from_config(backbone.get_config())
    assert copy.get_config() == backbone.get_config()
    assert not copy.trainable


def test_a_preset_has_random_weights():
    backbone = BertBackbone.from_checkpoint("preset:tiny")
    assert backbone.config.hidden_dim == 128
    # 30,522 tokens, 512 positions, 2 segments and a LayerNorm; two layers; the pooler.
    layer = 4 * (128 * 128 + 128) + 2 * 2 * 128 + 128 * 512 + 512 + 512 * 128 + 128
    assert backbone.count_params() == (30522 + 512 + 2 + 2) * 128 + 2 * layer + 128 * 128 + 128


def test_unknown_checkpoint():
    with pytest.raises(InputError, match=r"no/such/folder: expected the folder of a checkpoint, found no such folder"):
        BertBackbone.from_checkpoint("no/such/folder")
