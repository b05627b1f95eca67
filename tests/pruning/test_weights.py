"""Heads, neurons and layers taken out of weights: which numbers stay, and that nothing else changes."""

import re

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.config import BertConfig
from kbert.errors import InputError
from kbert.pruning.weights import keep_heads, keep_layers, keep_neurons

TWO_HEADS = BertConfig(
    vocabulary_size=9, hidden_dim=4, num_layers=1, num_heads=2, intermediate_dim=3, max_sequence_length=8
)
FEATURES = {
    "token_ids": np.array([[2, 9, 11, 60, 3], [2, 8, 3, 0, 0]], "int32"),
    "segment_ids": np.zeros((2, 5), "int32"),
    "padding_mask": np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], "int32"),
}


def numbered(config: BertConfig) -> dict[str, np.ndarray]:
    """Weights whose kernels hold 10 * row + column, and biases their place."""
    weights = extract_weights(BertBackbone(config).named_variables())
    return {
        name: np.add.outer(10.0 * np.arange(value.shape[0]), np.arange(value.shape[1]))
        if value.ndim == 2
        else np.arange(len(value), dtype="float64")
        for name, value in weights.items()
    }


def outputs(weights, config: BertConfig) -> np.ndarray:
    backbone = BertBackbone(config)
    for name, variable in backbone.named_variables().items():
        variable.assign(weights[name])
    return np.asarray(backbone(FEATURES)["sequence_output"])


def test_a_head_is_columns_of_three_kernels_and_rows_of_the_fourth():
    weights = numbered(TWO_HEADS)
    kept, config = keep_heads(weights, TWO_HEADS, [[1]])
    assert (config.num_heads, config.head_dim, config.heads_dim, config.hidden_dim) == (1, 2, 2, 4)
    for part in ("query", "key", "value"):
        assert kept[f"layers.0.attention.{part}.kernel"].tolist() == [[2, 3], [12, 13], [22, 23], [32, 33]]
        assert kept[f"layers.0.attention.{part}.bias"].tolist() == [2, 3]
    assert kept["layers.0.attention.output.kernel"].tolist() == [[20, 21, 22, 23], [30, 31, 32, 33]]
    assert kept["layers.0.attention.output.bias"].tolist() == [0, 1, 2, 3]
    same = [name for name in weights if ".attention." not in name]
    assert all(kept[name] is weights[name] for name in same)
    assert weights["layers.0.attention.query.kernel"].shape == (4, 4)


def test_all_heads_are_the_same_config():
    assert keep_heads(numbered(TWO_HEADS), TWO_HEADS, [[0, 1]])[1] == TWO_HEADS


def test_a_neuron_is_a_column_and_a_row():
    kept, config = keep_neurons(numbered(TWO_HEADS), TWO_HEADS, [[0, 2]])
    assert (config.intermediate_dim, config.attention_dim) == (2, None)
    assert kept["layers.0.intermediate.kernel"].tolist() == [[0, 2], [10, 12], [20, 22], [30, 32]]
    assert kept["layers.0.intermediate.bias"].tolist() == [0, 2]
    assert kept["layers.0.output.kernel"].tolist() == [[0, 1, 2, 3], [20, 21, 22, 23]]
    assert kept["layers.0.output.bias"].tolist() == [0, 1, 2, 3]


def test_layers_get_new_numbers():
    weights = {"layers.0.a": 0, "layers.1.a": 1, "layers.2.a": 2, "layers.2.b.c": 3, "pooler.bias": 4}
    kept, config = keep_layers(weights, BertConfig(num_layers=3), [0, 2])
    assert kept == {"layers.0.a": 0, "layers.1.a": 2, "layers.1.b.c": 3, "pooler.bias": 4}
    assert config == BertConfig(num_layers=2)


def test_the_smaller_encoder_is_the_whole_one_with_closed_gates(tiny_config):
    keras.utils.set_random_seed(3)
    config = tiny_config.replace(num_heads=4)
    weights = extract_weights(BertBackbone(config).named_variables())
    weights = {name: value + 0.1 if name.endswith("bias") else value for name, value in weights.items()}
    heads, neurons = [[3, 0], [1, 2]], [list(range(5, 25)), [*range(0, 32, 2), 1, 3, 5, 7]]
    closed = dict(weights)
    for layer in (0, 1):
        # A gate of 0 on what a part gives is a row of 0 where it is read.
        gate = np.isin(np.arange(16) // 4, heads[layer])[:, None]
        closed[f"layers.{layer}.attention.output.kernel"] = weights[f"layers.{layer}.attention.output.kernel"] * gate
        gate = np.isin(np.arange(32), neurons[layer])[:, None]
        closed[f"layers.{layer}.output.kernel"] = weights[f"layers.{layer}.output.kernel"] * gate
    smaller, small = keep_neurons(*keep_heads(weights, config, heads), neurons)
    assert (small.num_heads, small.head_dim, small.heads_dim, small.intermediate_dim) == (2, 4, 8, 20)
    assert np.abs(outputs(closed, config) - outputs(weights, config)).max() > 0.01
    # float32 in another order of summation
    np.testing.assert_allclose(outputs(smaller, small), outputs(closed, config), atol=1e-5)


@pytest.mark.parametrize(
    ("function", "chosen", "message"),
    [
        (keep_heads, [[0], [0]], "expected the heads to keep of each of 1 layers, got those of 2"),
        (keep_heads, [[2]], "expected heads to keep from 0 to 1, got 2"),
        (keep_heads, [[]], "expected at least one of the heads to keep, each once, got none"),
        (keep_neurons, [[1, 1]], "expected at least one of the neurons to keep, each once, got 1, 1"),
        (keep_neurons, [[-1]], "expected neurons to keep from 0 to 2, got -1"),
        (keep_layers, [1], "expected layers to keep from 0 to 0, got 1"),
        (keep_layers, [], "expected at least one of the layers to keep, each once, got none"),
    ],
)
def test_what_does_not_fit(function, chosen, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        function({}, TWO_HEADS, chosen)


def test_layers_have_one_size_and_one_order():
    config = TWO_HEADS.replace(num_layers=2)
    with pytest.raises(InputError, match="^expected as many neurons to keep in every layer, got 1, 2$"):
        keep_neurons({}, config, [[0], [1, 2]])
    with pytest.raises(InputError, match="^expected layers to keep in ascending order, got 1, 0$"):
        keep_layers({}, config, [1, 0])
