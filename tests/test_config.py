import dataclasses
import re

import pytest

from kbert.config import PRESETS, BertConfig, preset_config
from kbert.errors import InputError


def test_the_defaults_are_bert_base():
    config = BertConfig()
    assert (config.num_layers, config.hidden_dim, config.num_heads, config.intermediate_dim) == (12, 768, 12, 3072)
    assert config.head_dim == 64
    assert config == preset_config("base")


@pytest.mark.parametrize(
    ("name", "layers", "hidden", "heads"),
    [
        ("tiny", 2, 128, 2),
        ("mini", 4, 256, 4),
        ("small", 4, 512, 8),
        ("medium", 8, 512, 8),
        ("base", 12, 768, 12),
        ("large", 24, 1024, 16),
    ],
)
def test_presets_are_those_of_the_papers(name, layers, hidden, heads):
    config = PRESETS[name]
    assert (config.num_layers, config.hidden_dim, config.num_heads) == (layers, hidden, heads)
    assert config.intermediate_dim == 4 * hidden


def test_unknown_preset():
    with pytest.raises(InputError, match=r"preset 'huge' is unknown. Choose one of tiny, mini, small, medium, base"):
        preset_config("huge")


def test_there_and_back():
    config = BertConfig(hidden_dim=8, num_heads=2, classifier_dropout=0.3, position_embedding="sinusoidal")
    assert BertConfig(**config.to_dict()) == config
    assert config.replace(num_layers=3).num_layers == 3
    assert config.num_layers == 12


def test_the_width_of_heads_may_differ():
    config = BertConfig(hidden_dim=12, num_heads=3)
    assert (config.heads_dim, config.head_dim, config.attention_dim) == (12, 4, None)
    assert "attention_dim" not in config.to_dict()
    fewer = config.replace(num_heads=2, attention_dim=8)
    assert (fewer.heads_dim, fewer.head_dim, fewer.hidden_dim) == (8, 4, 12)
    assert BertConfig(**fewer.to_dict()) == fewer != config
    # One way to say what is the default.
    assert fewer.replace(num_heads=3, attention_dim=12) == config
    # Heads of any number, where hidden_dim does not decide their width.
    assert config.replace(num_heads=5, attention_dim=20).head_dim == 4


def test_the_token_table_may_be_narrower():
    config = BertConfig(hidden_dim=12, num_heads=3)
    assert (config.token_dim, config.embedding_dim) == (12, None)
    assert "embedding_dim" not in config.to_dict()
    narrow = config.replace(embedding_dim=4)
    assert (narrow.token_dim, narrow.hidden_dim) == (4, 12)
    assert BertConfig(**narrow.to_dict()) == narrow != config == narrow.replace(embedding_dim=12)


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        BertConfig().hidden_dim = 8


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"hidden_dim": 0}, "hidden_dim must be a whole number of at least 1. Received: 0"),
        ({"num_layers": 2.0}, "num_layers must be a whole number of at least 1. Received: 2.0"),
        ({"num_heads": True}, "num_heads must be a whole number of at least 1. Received: True"),
        ({"vocabulary_size": "30522"}, "vocabulary_size must be a whole number of at least 1. Received: '30522'"),
        (
            {"hidden_dim": 10, "num_heads": 4},
            "hidden_dim must be a multiple of num_heads. Received: hidden_dim=10, num_heads=4",
        ),
        (
            {"attention_dim": 10, "num_heads": 4},
            "attention_dim must be a multiple of num_heads. Received: attention_dim=10, num_heads=4",
        ),
        ({"embedding_dim": 0}, "embedding_dim must be a whole number of at least 1. Received: 0"),
        ({"attention_dim": 0}, "attention_dim must be a whole number of at least 1. Received: 0"),
        ({"activation": "swish"}, "activation must be one of gelu, gelu_tanh, relu. Received: 'swish'"),
        (
            {"position_embedding": "rotary"},
            "position_embedding must be one of learned, sinusoidal. Received: 'rotary'",
        ),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1. Received: 1.0"),
        ({"attention_dropout": -0.1}, "attention_dropout must be at least 0 and below 1. Received: -0.1"),
        ({"classifier_dropout": 2}, "classifier_dropout must be at least 0 and below 1. Received: 2"),
        ({"layer_norm_epsilon": "1e-12"}, "layer_norm_epsilon must be a number above 0. Received: '1e-12'"),
        ({"layer_norm_epsilon": 0}, "layer_norm_epsilon must be a number above 0. Received: 0"),
        ({"initializer_range": None}, "initializer_range must be a number above 0. Received: None"),
        ({"initializer_range": True}, "initializer_range must be a number above 0. Received: True"),
        ({"initializer_range": float("nan")}, "initializer_range must be a number above 0. Received: nan"),
    ],
)
def test_values_out_of_range(fields, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        BertConfig(**fields)
