"""ONNX Runtime's own operators: fewer of them, and the same answers."""

import dataclasses
from collections import Counter

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.export.onnx import convert, with_runtime_operators, with_scheme
from kbert.export.onnx_attention import quantize_attention
from kbert.export.onnx_rewrite import fuse_attention
from kbert.export.onnx_weights import DOMAIN
from kbert.tasks import TextClassifier

HEADS, HEAD_DIM = 4, 16
PADDED = np.array([[2, 9, 11, 60, 14, 3], [2, 8, 3, 0, 0, 0], [2, 55, 41, 3, 0, 0]])


def fused_model(config, layers: int, hidden_dim: int = HEADS * HEAD_DIM):
    """A float32 graph of a classifier with random weights, and its attention in one operator a layer."""
    keras.utils.set_random_seed(5)
    sizes = {"hidden_dim": hidden_dim, "num_heads": HEADS, "intermediate_dim": 128, "num_layers": layers}
    config = dataclasses.replace(config, **sizes)
    classifier = TextClassifier(BertBackbone(config), ["a", "b"])
    return fuse_attention(convert(extract_weights(classifier.named_variables()), config, classifier.problem), HEADS)


@pytest.fixture(scope="module")
def fused(tiny_config):
    return fused_model(tiny_config, layers=3)


@pytest.fixture(scope="module")
def optimized(fused):
    probes = [row[row != 0].astype("int32") for row in PADDED]
    return with_runtime_operators(with_scheme(fused, "dynamic_int8", probes=probes))


def copy(model):
    same = type(model)()
    same.CopyFrom(model)
    return same


def logits(model, ids=PADDED) -> np.ndarray:
    feed = {"input_ids": ids, "attention_mask": (ids != 0).astype("int64"), "token_type_ids": np.zeros_like(ids)}
    return onnxruntime.InferenceSession(model.SerializeToString()).run(["logits"], feed)[0]


def operators(model) -> Counter:
    return Counter(node.op_type for node in model.graph.node)


def unread(model) -> set[str]:
    read = {name for node in model.graph.node for name in node.input}
    return {tensor.name for tensor in model.graph.initializer} - read


def test_all_layers_but_the_last_have_one_operator_for_attention(optimized):
    assert operators(optimized)["MultiHeadAttention"] == 3
    found = quantize_attention(copy(optimized), HEAD_DIM)
    assert operators(found)["QAttention"] == 2
    assert operators(found)["MultiHeadAttention"] == 1
    # Of each of two layers a dense layer, a split and attention are now a quantizer and attention.
    assert len(found.graph.node) == len(optimized.graph.node) - 2
    assert unread(found) == set()
    assert {entry.domain for entry in found.opset_import} == {"", DOMAIN}
    assert {node.domain for node in found.graph.node} == {"", DOMAIN}


def test_attention_in_one_operator_gives_the_same_logits(optimized):
    found = quantize_attention(copy(optimized), HEAD_DIM)
    # 1e-4: sums of the same levels, but a softmax of their own.
    np.testing.assert_allclose(logits(found), logits(optimized), atol=1e-4)
    for row in PADDED:
        text = row[None, row != 0]
        np.testing.assert_allclose(logits(found, text), logits(optimized, text), atol=1e-4)


def test_heads_may_be_narrower_than_the_model_together(tiny_config):
    config = dataclasses.replace(tiny_config, hidden_dim=64, num_heads=3, attention_dim=48, num_layers=2)
    keras.utils.set_random_seed(5)
    model = TextClassifier(BertBackbone(config), ["a", "b"])
    plain = convert(extract_weights(model.named_variables()), config, model.problem)
    features = {"token_ids": PADDED, "padding_mask": (PADDED != 0).astype("int32"), "segment_ids": 0 * PADDED}
    whole = fuse_attention(copy(plain), 3)
    assert operators(whole)["MultiHeadAttention"] == 2
    # float32 in another order of summation
    np.testing.assert_allclose(logits(whole), model(features)["logits"], atol=1e-5)
    rounded = with_runtime_operators(with_scheme(whole, "dynamic_int8"))
    found = quantize_attention(copy(rounded), config.head_dim)
    assert operators(found)["QAttention"] == 1
    np.testing.assert_allclose(logits(found), logits(rounded), atol=1e-4)


def test_the_query_alone_is_scaled_back(optimized):
    found = quantize_attention(copy(optimized), HEAD_DIM)
    before = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in optimized.graph.initializer}
    after = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in found.graph.initializer}
    node = next(node for node in found.graph.node if node.op_type == "QAttention")
    for name in (node.input[2], node.input[4]):  # bias and scales
        old = before[name.removeprefix(f"{node.name}/")]
        width = len(old) // 3
        np.testing.assert_array_equal(after[name][:width], 4 * old[:width])  # the root of 16
        np.testing.assert_array_equal(after[name][width:], old[width:])


def test_one_layer_is_the_last(tiny_config):
    model = fused_model(tiny_config, layers=1)
    rounded = with_runtime_operators(with_scheme(model, "dynamic_int8"))
    expected = logits(rounded)
    found = quantize_attention(copy(rounded), HEAD_DIM)
    assert operators(found)["QAttention"] == 0
    np.testing.assert_array_equal(logits(found), expected)


def test_dense_layers_too_small_to_round_stay(tiny_config):
    model = fused_model(tiny_config, layers=2, hidden_dim=16)  # 16 * 48 weights are fewer than 1024
    rounded = with_runtime_operators(with_scheme(model, "dynamic_int8"))
    found = quantize_attention(copy(rounded), 16 // HEADS)
    assert operators(found)["QAttention"] == 0
    np.testing.assert_array_equal(logits(found), logits(rounded))


@pytest.mark.parametrize("scheme", ["float32", "int4"])
def test_runtime_operators_of_other_schemes_give_the_same_logits(fused, scheme):
    rounded = with_scheme(fused, scheme)
    found = with_runtime_operators(rounded)
    assert len(found.graph.node) < len(rounded.graph.node)
    assert [entry.domain for entry in found.opset_import].count(DOMAIN) == 1
    np.testing.assert_allclose(logits(found), logits(rounded), atol=1e-4)
