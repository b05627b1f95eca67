"""ONNX at 8 bits: what is done to inputs and weights before they are rounded changes nothing in exact arithmetic."""

import dataclasses
from collections import Counter

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export import onnx_int8
from kbert.export.onnx import convert, with_scheme
from kbert.export.onnx_int8 import Spread, input_spreads, migration, round_without_saturation, to_int8
from kbert.tasks import TextClassifier

HIDDEN, INTERMEDIATE = 64, 128
DENSE = 4 + 5 + 1  # of two layers, the last has its query apart; and the pooler. The classifier is too small


@pytest.fixture(scope="module")
def model(tiny_config):
    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, hidden_dim=HIDDEN, intermediate_dim=INTERMEDIATE)
    classifier = TextClassifier(BertBackbone(config), ["a", "b"])
    return convert(extract_weights(classifier.named_variables()), config, classifier.problem)


def texts(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(5, 40, 4 + i % 9).astype("int32") for i in range(count)]


def run(model, row: np.ndarray, *names: str) -> list[np.ndarray]:
    """The values of tensors of a model while it runs on a text."""
    watched = type(model)()
    watched.CopyFrom(model)
    for name in names:
        if name != "logits":
            watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    ids = row[None].astype("int64")
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    return onnxruntime.InferenceSession(watched.SerializeToString()).run(list(names), feed)


def logits(model, rows: list[np.ndarray]) -> np.ndarray:
    return np.array([run(model, row, "logits")[0][0] for row in rows])


def copy(model):
    same = type(model)()
    same.CopyFrom(model)
    return same


def operators(model) -> Counter:
    return Counter(node.op_type for node in model.graph.node)


def lone_product(operator: str, kernel: np.ndarray):
    """y = operator(x) @ kernel, x float32 (batch, length, inputs)."""
    real = onnx.TensorProto.FLOAT
    axes = ["batch", "length"]
    graph = onnx.helper.make_graph(
        [
            onnx.helper.make_node(operator, ["x"], ["a"], name="activation"),
            onnx.helper.make_node("MatMul", ["a", "kernel"], ["y"], name="dense"),
        ],
        "lone",
        [onnx.helper.make_tensor_value_info("x", real, [*axes, kernel.shape[0]])],
        [onnx.helper.make_tensor_value_info("y", real, [*axes, kernel.shape[1]])],
        [onnx.numpy_helper.from_array(kernel, "kernel")],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)], ir_version=10)


def lone_int8(monkeypatch, operator: str, kernel: np.ndarray, *, tokens: float, channels: float, peaks=None):
    """`lone_product` at 8 bits, as if its inputs had these spreads."""
    spread = Spread(np.ones(len(kernel), "float32") if peaks is None else peaks, channels, tokens)
    monkeypatch.setattr(onnx_int8, "input_spreads", lambda model, names, texts: dict.fromkeys(names, spread))
    return to_int8(lone_product(operator, kernel), [])


def compute(model, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(["y"], {"x": x})[0]


def test_migration_by_hand():
    # Equal rows: each channel is divided by its peak ** 0.7, the geometric mean of all being 1.
    factors = migration(np.array([1.0, 16.0], "float32"), np.ones((2, 3), "float32"))
    np.testing.assert_allclose(factors, [16**-0.35, 16**0.35], rtol=1e-6)
    # Equal peaks: by its row's largest weight ** -0.3.
    factors = migration(np.ones(2, "float32"), np.array([[1.0, 0.5], [-16.0, 2.0]], "float32"))
    np.testing.assert_allclose(factors, [16**0.15, 16**-0.15], rtol=1e-6)


@pytest.mark.parametrize("dead", ["channel", "row", "all channels", "all rows"])
def test_migration_changes_no_product(dead):
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(5, 8)), random.normal(size=(8, 4)).astype("float32")
    x[:, 1] *= 100
    x[:, slice(None) if dead == "all channels" else slice(3, 4)] *= "channel" not in dead
    kernel[slice(None) if dead == "all rows" else slice(3, 4)] *= "row" not in dead
    factors = migration(np.abs(x).max(axis=0).astype("float32"), kernel)
    assert np.isfinite(factors).all()
    assert (factors > 0).all()
    np.testing.assert_allclose((x / factors) @ (kernel * factors[:, None]), x @ kernel, atol=1e-4, rtol=1e-5)


def test_rounding_by_hand():
    # The largest alone is 127 at a scale of 0.01; 0.9 and 0.87 side by side need one of 1.77 / 127.
    rounded = round_without_saturation(np.array([[1.27, 0.0, -0.5, 0.004], [0.9, -0.87, 0.0, 0.0]], "float32"))
    np.testing.assert_allclose(rounded.scales, [[0.01], [1.77 / 127]], rtol=1e-6)
    assert rounded.levels.tolist() == [[127, 0, -50, 0], [65, -62, 0, 0]]
    assert rounded.levels.dtype == np.int8


@pytest.mark.parametrize("kind", ["normal", "equal", "one column", "zero", "outlier"])
def test_two_neighbouring_products_fit_into_16_bits(kind):
    random = np.random.default_rng(1)
    weights = random.normal(size=(50, 1 if kind == "one column" else 64)).astype("float32")
    if kind == "equal":
        weights = np.sign(weights) * np.float32(0.3)  # 63.5 levels each, both of which are rounded up
    weights[:, 0] *= 30 if kind == "outlier" else 1
    weights *= kind != "zero"
    rounded = round_without_saturation(weights)
    levels = np.abs(rounded.levels.astype(int))
    assert levels.max() <= 127
    assert (255 * (levels[:, :-1] + levels[:, 1:]) < 2**15).all()
    # Half a level at most is lost, and a level is no larger than the largest two weights need.
    assert (np.abs(rounded.levels * rounded.scales - weights) <= rounded.scales * 0.5001).all()
    assert (rounded.scales[:, 0] <= np.maximum(2 * np.abs(weights).max(axis=1) / 127 * 1.0001, 1e-9)).all()


def test_spreads_by_hand(monkeypatch):
    values = {
        3: np.array([[[1.0, -8.0, 2.0], [0.5, 1.0, 1.0], [2.0, 0.0, 0.0]]]),
        4: np.array([[[-3.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]]),
    }
    monkeypatch.setattr(onnx_int8, "tensor_reader", lambda model, names: lambda ids: [values[len(ids)]])
    spread = input_spreads(None, ["x"], [np.zeros(3), np.zeros(4)])["x"]
    assert spread.peaks.tolist() == [3.0, 8.0, 2.0]
    assert spread.channels == pytest.approx(8 / 3)
    assert spread.tokens == pytest.approx((8 / 2 + 3 / 1) / 2)


def test_logits_are_nearly_those_of_float32_and_operators_are_onnxs_own(model):
    rounded = with_scheme(model, "dynamic_int8", probes=texts(5))
    expected, found = logits(model, texts(20)), logits(rounded, texts(20))
    assert 0 < np.sqrt(((found - expected) ** 2).mean()) < 0.05 * expected.std()
    onnx.checker.check_model(rounded, full_check=True)
    assert {node.domain for node in rounded.graph.node} == {""}
    assert {entry.domain for entry in rounded.opset_import} == {""}
    assert operators(rounded)["MatMulInteger"] == DENSE
    assert operators(rounded)["MatMul"] == 4 + 1  # two of attention in each layer, and the classifier
    read = {name for node in rounded.graph.node for name in node.input}
    assert {tensor.name for tensor in rounded.graph.initializer} <= read
    assert operators(model)["MatMul"] == 4 + 1 + DENSE  # the original is as it was


def test_without_texts_nothing_is_evened_out(model, recwarn):
    rounded = with_scheme(model, "dynamic_int8")
    assert not any(node.op_type == "ReduceMax" or "evener" in "".join(node.input) for node in rounded.graph.node)
    assert not [entry for entry in recwarn if entry.category is RuntimeWarning]


@pytest.mark.parametrize("threshold", [0.0, 1e9])
def test_uneven_inputs_get_operators_that_even_ones_do_not(model, monkeypatch, threshold):
    monkeypatch.setattr(onnx_int8, "UNEVEN_CHANNELS", threshold)
    monkeypatch.setattr(onnx_int8, "UNEVEN_TOKENS", threshold)
    rounded = to_int8(copy(model), texts(5))
    everywhere = threshold == 0.0
    by_token = 2 if everywhere else 0  # behind the activation functions
    assert operators(rounded)["ReduceMax"] == by_token
    assert operators(rounded)["Div"] == by_token
    evened = [node for node in rounded.graph.node if any(name.endswith("/evener") for name in node.input)]
    assert len(evened) == (DENSE - by_token if everywhere else 0)
    onnx.checker.check_model(rounded, full_check=True)
    expected, found = logits(model, texts(20)), logits(rounded, texts(20))
    assert np.sqrt(((found - expected) ** 2).mean()) < 0.05 * expected.std()


def test_channels_that_differ_lose_less_when_evened_out(monkeypatch):
    random = np.random.default_rng(2)
    kernel = random.normal(size=(64, 32)).astype("float32")
    x = np.abs(random.normal(size=(1, 10, 64))).astype("float32")
    x[..., 5] *= 50
    peaks = x.max(axis=(0, 1))
    errors = {}
    for channels in (1.0, 50.0):
        rounded = lone_int8(monkeypatch, "Relu", kernel, tokens=1.0, channels=channels, peaks=peaks)
        errors[channels] = np.abs(compute(rounded, x) - x @ kernel).mean()
    assert errors[50.0] < errors[1.0] / 2


@pytest.mark.parametrize("operator", ["Relu", "Gelu"])
def test_tokens_of_one_size_give_the_product_of_float_arithmetic(monkeypatch, operator):
    random = np.random.default_rng(3)
    kernel = random.normal(size=(64, 32)).astype("float32")
    x = random.normal(size=(2, 4, 64)).astype("float32")
    x[0, 1] *= 100  # a token that would take the levels of all others
    x[0, 2] = 0  # activations that are all zero
    x[0, 3] = -np.abs(x[0, 3]) - 0.1  # all zero after Relu, all negative after Gelu
    x[1] = -9  # a text whose activations are all about zero
    (activations,) = onnxruntime.InferenceSession(
        with_output(lone_product(operator, kernel), "a").SerializeToString()
    ).run(["a"], {"x": x})
    rounded = lone_int8(monkeypatch, operator, kernel, tokens=9.0, channels=9.0)
    found = compute(rounded, x)
    onnx.checker.check_model(rounded, full_check=True)
    assert operators(rounded)["ReduceMax"] == 1
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in rounded.graph.initializer}
    dequantized = constants["dense/int8"] * constants["dense/scales"]
    # Each activation is rounded to half of 1 / 255 of its token's size, and least and greatest differ by 1.85 sizes.
    sizes = np.maximum(activations.max(axis=-1, keepdims=True), 0.2)
    allowed = sizes * 1.85 / 255 * 0.51 * np.abs(dequantized).sum(axis=0)
    assert np.isfinite(found).all()
    assert (np.abs(found - activations @ dequantized) <= allowed + 1e-5).all()
    # With one scale for the text, what is lost of the small tokens is many times as much.
    plain = compute(lone_int8(monkeypatch, operator, kernel, tokens=1.0, channels=1.0), x)
    lost = [np.abs(y[0, 0] - (activations @ kernel)[0, 0]).mean() for y in (found, plain)]
    assert lost[0] < lost[1] / 5


def with_output(model, name: str):
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    return model


@pytest.mark.parametrize(
    ("shape", "layer"), [([HIDDEN, INTERMEDIATE], "layer_0/feed_forward"), ([32, HIDDEN], "embeddings/positions")]
)
def test_weights_that_are_no_numbers(model, shape, layer):
    broken = copy(model)
    tensor = next(tensor for tensor in broken.graph.initializer if list(tensor.dims) == shape)
    values = onnx.numpy_helper.to_array(tensor).copy()
    values[0, 0] = np.nan
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    with pytest.raises(InputError, match=f"^{layer}.*: expected weights that are numbers, some are none"):
        with_scheme(broken, "dynamic_int8", probes=texts(2))
