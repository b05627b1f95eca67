import numpy as np
import pytest

from kbert.config import BertConfig
from kbert.layers import BertEmbeddings, sinusoidal_positions

SMALL = BertConfig(
    vocabulary_size=3, hidden_dim=2, num_heads=1, num_layers=1, intermediate_dim=2, max_sequence_length=4, dropout=0.0
)


def built(config: BertConfig) -> BertEmbeddings:
    layer = BertEmbeddings(config)
    layer(np.zeros((1, 2), "int32"), np.zeros((1, 2), "int32"))
    return layer


def test_sinusoidal_positions():
    # Columns 0 and 1 turn by 1 a position, columns 2 and 3 by 1 / 10000^(2/4) = 0.01.
    expected = [
        [0.0, 1.0, 0.0, 1.0],
        [0.841471, 0.540302, 0.0099998, 0.99995],
        [0.909297, -0.416147, 0.0199987, 0.9998],
    ]
    table = sinusoidal_positions(3, 4)
    assert table.dtype == "float32"
    np.testing.assert_allclose(table, expected, atol=1e-6)  # the literals have six digits


def test_the_three_tables_are_summed_and_normalized():
    layer = built(SMALL)
    layer.token.embeddings.assign([[0, 0], [10, 0], [0, 10]])
    layer.position.assign([[0, 0], [1, 0], [0, 0], [0, 0]])
    layer.segment.assign([[0, 0], [0, 30]])
    output = layer(np.array([[1, 1, 2]], "int32"), np.array([[0, 1, 0]], "int32"))
    # (10, 0), (10 + 1, 30) and (0, 10): of two numbers LayerNorm leaves which is larger.
    np.testing.assert_allclose(output, [[[1, -1], [-1, 1], [-1, 1]]], atol=1e-6)  # float32 rounding


def test_a_narrow_table_is_brought_to_the_encoders_width():
    layer = built(SMALL.replace(embedding_dim=1))
    layer.token.embeddings.assign([[0], [1], [-1]])
    layer.projection.kernel.assign([[10, 20]])
    layer.projection.bias.assign([1, 2])
    layer.position.assign(np.zeros((4, 2)))
    layer.segment.assign(np.zeros((2, 2)))
    np.testing.assert_allclose(layer.token_vectors(), [[1, 2], [11, 22], [-9, -18]])
    output = layer(np.array([[1, 2]], "int32"), np.zeros((1, 2), "int32"))
    np.testing.assert_allclose(output, [[[-1, 1], [1, -1]]], atol=1e-6)  # float32 rounding
    assert layer.named_variables()["projection.kernel"].shape == (1, 2)


def test_learned_positions_are_a_variable_and_fixed_ones_are_not():
    assert set(built(SMALL).named_variables()) == {
        "token",
        "position",
        "segment",
        "layer_norm.gamma",
        "layer_norm.beta",
    }
    fixed = built(SMALL.replace(position_embedding="sinusoidal"))
    assert set(fixed.named_variables()) == {"token", "segment", "layer_norm.gamma", "layer_norm.beta"}
    assert len(fixed.weights) == 4
    np.testing.assert_array_equal(fixed.position_table(), sinusoidal_positions(4, 2))


def test_fixed_positions_are_added():
    layer = built(SMALL.replace(position_embedding="sinusoidal"))
    layer.token.embeddings.assign(np.zeros((3, 2)))
    layer.segment.assign(np.zeros((2, 2)))
    # (sin, cos) of positions 0 and 2: (0, 1) and (0.91, -0.42).
    output = layer(np.zeros((1, 3), "int32"), np.zeros((1, 3), "int32"))
    np.testing.assert_allclose(np.asarray(output)[0, [0, 2]], [[-1, 1], [1, -1]], atol=1e-6)  # float32 rounding


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_config_there_and_back(positions):
    layer = BertEmbeddings(SMALL.replace(position_embedding=positions), dtype="mixed_bfloat16", name="embeddings")
    copy = BertEmbeddings.from_config(layer.get_config())
    assert copy.config == layer.config
    assert copy.name == "embeddings"
    assert copy.dtype_policy.name == "mixed_bfloat16"
    assert copy.compute_output_shape((5, 7), (5, 7)) == (5, 7, 2)
