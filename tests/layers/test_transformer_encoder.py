import numpy as np
import pytest
from keras import ops

from kbert.config import BertConfig
from kbert.layers import SelfAttention, TransformerEncoder
from kbert.layers.transformer_encoder import activation_function

ONE_HEAD = BertConfig(hidden_dim=2, num_heads=1, num_layers=1, intermediate_dim=4, dropout=0.0, attention_dropout=0.0)
MANY_HEADS = ONE_HEAD.replace(hidden_dim=12, num_heads=3, initializer_range=0.5)
POLICIES = ["float32", "mixed_bfloat16", "mixed_float16"]


def identity_attention(config: BertConfig, scale: float = 1.0, **options) -> SelfAttention:
    """Query and key are `scale` times what comes in; value and output are what comes in."""
    layer = SelfAttention(config, **options)
    layer(np.zeros((1, 1, config.hidden_dim), "float32"), np.ones((1, 1), "int32"))
    one = np.eye(config.hidden_dim)
    for dense, kernel in (
        (layer.query, scale * one),
        (layer.key, scale * one),
        (layer.value, one),
        (layer.output_dense, one),
    ):
        dense.kernel.assign(kernel)
    return layer


def random_inputs(batch: int, length: int, hidden_dim: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(batch, length, hidden_dim)).astype("float32")


def sent_through_dropout(layer: SelfAttention) -> SelfAttention:
    """The config sends training calls down the path with dropout, where nothing is dropped then."""
    layer.config = layer.config.replace(attention_dropout=0.5)
    return layer


PATHS = [pytest.param(lambda layer: layer, id="without dropout"), pytest.param(sent_through_dropout, id="with dropout")]


@pytest.mark.parametrize(
    ("name", "at_minus_one", "at_one"),
    [("gelu", -0.158655, 0.841345), ("gelu_tanh", -0.158808, 0.841192), ("relu", 0.0, 1.0)],
)
def test_activations(name, at_minus_one, at_one):
    # The exact GELU at 1 is the normal distribution's 0.841345; the tanh formula gives 0.841192.
    values = activation_function(name)(np.array([-1.0, 0.0, 1.0], "float32"))
    np.testing.assert_allclose(values, [at_minus_one, 0.0, at_one], atol=1e-6)  # the literals have six digits


def test_attention_by_hand():
    layer = identity_attention(ONE_HEAD)
    x = np.array([[[1.0, 0.0], [0.0, 1.0]]], "float32")
    # Scores are 1/sqrt(2) with itself and 0 with the other: e^0.7071 / (e^0.7071 + 1) = 0.66976.
    output = layer(x, np.array([[1, 1]], "int32"))
    np.testing.assert_allclose(output, [[[0.66976, 0.33024], [0.33024, 0.66976]]], atol=1e-5)  # five digits


def test_padding_gets_no_weight_by_hand():
    layer = identity_attention(ONE_HEAD)
    x = np.array([[[1.0, 0.0], [0.0, 1.0]]], "float32")
    np.testing.assert_array_equal(layer(x, np.array([[1, 0]], "int32")), [[[1, 0], [1, 0]]])


@pytest.mark.parametrize("training", [False, True])
def test_padding_has_no_influence_on_real_tokens(training):
    layer = TransformerEncoder(MANY_HEADS)
    sent_through_dropout(layer.attention)
    x = random_inputs(2, 6, 12)
    mask = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]], "int32")
    noisy = x.copy()
    noisy[0, 4:] = 1e3
    alone = layer(x[:1, :4], mask[:1, :4], training=training)
    for padded in (x, noisy):
        output = np.asarray(layer(padded, mask, training=training))
        # Sums over six numbers round otherwise than over four: a few steps of float32 at values around 1.
        np.testing.assert_allclose(output[:1, :4], alone, atol=1e-5)


def test_at_rate_zero_the_path_with_dropout_is_the_path_without():
    layer = identity_attention(MANY_HEADS)
    query, key, value = (random_inputs(2, 5, 12).reshape(2, 5, 3, 4) * factor for factor in (1.0, -0.5, 2.0))
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], "bool")[:, None, None, :]
    with_dropout = layer._attend_with_dropout(query, key, value, mask)
    without = ops.dot_product_attention(query, key, value, mask=mask, scale=1.0)
    # The same sums in another order: a few steps of float32 at values up to 5.
    np.testing.assert_allclose(with_dropout, without, atol=1e-5)


def test_dropout_acts_in_training_only():
    layer = identity_attention(MANY_HEADS.replace(attention_dropout=0.5))
    x, mask = random_inputs(1, 5, 12), np.ones((1, 5), "int32")
    kept = np.asarray(layer(x, mask))
    np.testing.assert_array_equal(layer(x, mask, training=False), kept)
    first, second = np.asarray(layer(x, mask, training=True)), np.asarray(layer(x, mask, training=True))
    assert np.abs(first - kept).max() > 0.01
    assert np.abs(first - second).max() > 0.01


@pytest.mark.parametrize("path", PATHS)
def test_heads_may_be_narrower_than_the_model_together(path):
    layer = path(SelfAttention(MANY_HEADS.replace(num_heads=2, attention_dim=8, attention_dropout=0.0)))
    x, mask = random_inputs(2, 5, 12), np.ones((2, 5), "int32")
    assert layer(x, mask, training=False).shape == (2, 5, 12)
    assert [tuple(layer.named_variables()[f"{part}.kernel"].shape) for part in ("query", "output")] == [
        (12, 8),
        (8, 12),
    ]
    # Two of three heads are the three, the last of which gives nothing.
    whole = SelfAttention(MANY_HEADS)
    whole(x, mask)
    named = layer.named_variables()
    for name, variable in whole.named_variables().items():
        value = np.zeros(variable.shape, "float32")
        part = named[name].numpy()
        value[tuple(slice(size) for size in part.shape)] = part
        variable.assign(value)
    np.testing.assert_allclose(layer(x, mask), whole(x, mask), atol=1e-5)


def test_layer_norm_follows_each_residual():
    layer = TransformerEncoder(MANY_HEADS)
    output = np.asarray(layer(random_inputs(2, 5, 12), np.ones((2, 5), "int32")))
    # LayerNorm with its first weights leaves mean 0 and deviation 1, up to float32 rounding.
    np.testing.assert_allclose(output.mean(axis=-1), 0.0, atol=1e-5)
    np.testing.assert_allclose(output.std(axis=-1), 1.0, atol=1e-5)


@pytest.mark.parametrize("layer_class", [SelfAttention, TransformerEncoder])
@pytest.mark.parametrize("policy", POLICIES)
def test_config_there_and_back(layer_class, policy):
    layer = layer_class(MANY_HEADS, dtype=policy, name="mine")
    copy = layer_class.from_config(layer.get_config())
    assert (copy.config, copy.name, copy.dtype_policy.name) == (MANY_HEADS, "mine", policy)
    assert copy.compute_output_shape((2, 5, 12)) == (2, 5, 12)


@pytest.mark.parametrize("path", PATHS)
def test_float16_scores_are_scaled_before_they_overflow(path):
    config = ONE_HEAD.replace(hidden_dim=16, intermediate_dim=16)
    layer = path(identity_attention(config, scale=75.0, dtype="mixed_float16"))
    x = np.zeros((1, 3, 16), "float16")
    x[0, :, 0] = [4.0, -4.0, 4.0]
    # 300 times 300 is 90,000, beyond float16's 65,504; a quarter of it (1 / sqrt(16)) is not.
    output = np.asarray(layer(x, np.array([[1, 1, 0]], "int32"), training=True), "float32")
    np.testing.assert_array_equal(output[0, :, 0], [4.0, -4.0, 4.0])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("policy", POLICIES)
def test_the_softmax_is_float32(policy, path):
    """4,096 equal scores: in bfloat16 a sum of ones would stop at 256, and a token would have 1 / 256 of the weight."""
    layer = path(identity_attention(ONE_HEAD, dtype=policy))
    x = np.zeros((1, 4096, 2), layer.compute_dtype)
    # One value alone: processors without products of bfloat16 lose much when they add up many weighted ones.
    x[0, 0, 0] = 64.0
    output = np.asarray(layer(x, np.ones((1, 4096), "int32"), training=True), "float32")
    np.testing.assert_allclose(output[0, 1:], np.tile([64 / 4096, 0.0], (4095, 1)), rtol=0.01)
    all_padding = layer(x[:, :8], np.zeros((1, 8), "int32"), training=True)
    assert np.isfinite(np.asarray(all_padding, "float32")).all()


@pytest.mark.parametrize("policy", POLICIES)
def test_layer_norm_is_float32(policy):
    layer = TransformerEncoder(ONE_HEAD.replace(hidden_dim=4), dtype=policy)
    layer(np.zeros((1, 1, 4), "float32"), np.ones((1, 1), "int32"))
    # The variance of the first row is 90,000, beyond float16; that of the second, 1e-10, is 0 in float16.
    x = np.array([[300, -300, 300, -300], [1e-5, -1e-5, 1e-5, -1e-5]], layer.compute_dtype)
    output = np.asarray(layer.output_norm(x), "float32")
    np.testing.assert_allclose(output[0], [1, -1, 1, -1], atol=0.01)  # bfloat16 has three digits
    np.testing.assert_allclose(output[1], [1, -1, 1, -1], atol=0.01)
