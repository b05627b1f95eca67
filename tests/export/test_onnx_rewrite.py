"""The operators that ONNX has are in the graph whole, and it computes what the Keras model computes."""

import dataclasses
from collections import Counter

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.export.onnx import convert
from kbert.export.onnx_rewrite import fuse_attention
from kbert.export.onnx_weights import DOMAIN
from kbert.tasks import TextClassifier

# One layer is the last and works for [CLS] alone; the first of two works for all tokens.
MODELS = {"gelu": 2, "gelu_tanh": 1, "relu": 2}
PADDED = np.array([[2, 9, 11, 60, 3], [2, 8, 3, 0, 0], [2, 55, 41, 3, 0]], "int32")


@pytest.fixture(scope="module", params=MODELS)
def pair(request, tiny_config):
    """A Keras classifier with random weights, and its float32 ONNX graph."""
    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, activation=request.param, num_layers=MODELS[request.param])
    classifier = TextClassifier(BertBackbone(config), ["a", "b"])
    return classifier, convert(extract_weights(classifier.named_variables()), config, classifier.problem)


def logits(model) -> np.ndarray:
    feed = {
        "input_ids": PADDED.astype("int64"),
        "attention_mask": (PADDED != 0).astype("int64"),
        "token_type_ids": np.zeros_like(PADDED, "int64"),
    }
    return onnxruntime.InferenceSession(model.SerializeToString()).run(["logits"], feed)[0]


def keras_logits(classifier) -> np.ndarray:
    mask = (PADDED != 0).astype("int32")
    return np.asarray(classifier({"token_ids": PADDED, "padding_mask": mask, "segment_ids": 0 * PADDED})["logits"])


def test_layer_norm_and_gelu_are_one_operator_each(pair):
    classifier, model = pair
    config = classifier.backbone.config
    operators = Counter(node.op_type for node in model.graph.node)
    assert operators["LayerNormalization"] == 1 + 2 * config.num_layers
    assert operators["Gelu"] == (0 if config.activation == "relu" else config.num_layers)
    assert operators["Relu"] == (config.num_layers if config.activation == "relu" else 0)
    assert not {"Erf", "Pow", "ReduceMean", "Sqrt", "Reciprocal"} & set(operators)
    assert operators["Tanh"] == 1  # the pooler's
    approximations = {
        entry.s.decode() for node in model.graph.node if node.op_type == "Gelu" for entry in node.attribute
    }
    assert approximations - {"none"} == ({"tanh"} if config.activation == "gelu_tanh" else set())
    assert [entry.domain for entry in model.opset_import] == [""]
    assert model.opset_import[0].version >= 20  # which Gelu came with
    onnx.checker.check_model(model, full_check=True)


def test_padded_batches_give_the_models_logits(pair):
    classifier, model = pair
    # 1e-5: float32 in another order of operations; the logits are about 1.
    np.testing.assert_allclose(logits(model), keras_logits(classifier), atol=1e-5)


def test_attention_is_one_operator_a_layer_and_computes_the_same(pair):
    classifier, model = pair
    config = classifier.backbone.config
    fused = fuse_attention(model, config.num_heads)
    nodes = [node for node in fused.graph.node if node.op_type == "MultiHeadAttention"]
    assert len(nodes) == config.num_layers
    assert {node.domain for node in nodes} == {DOMAIN}
    assert not any(node.op_type == "Softmax" for node in fused.graph.node)
    np.testing.assert_allclose(logits(fused), keras_logits(classifier), atol=1e-5)
    assert len(model.graph.node) > len(fused.graph.node)
    assert any(node.op_type == "Softmax" for node in model.graph.node)  # the original is as it was
