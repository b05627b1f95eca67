"""The inference graph is the Keras model: same numbers, for every kind of configuration."""

import dataclasses

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export.graph_heads import onnx_function, tflite_function
from kbert.export.tflite import convert
from kbert.export.tflite_weights import read_graph, utilities
from kbert.tasks import TextClassifier

CHANGES = [
    {},
    {"activation": "gelu_tanh"},
    {"activation": "relu"},
    {"position_embedding": "sinusoidal"},
    {"num_segments": 1},
    {"num_segments": 3},
    {"num_layers": 1},
    {"num_heads": 3, "attention_dim": 12},
    {"embedding_dim": 6},
]


def model_with(tiny_config, **changes) -> TextClassifier:
    keras.utils.set_random_seed(5)
    return TextClassifier(BertBackbone(dataclasses.replace(tiny_config, **changes)), ["a", "b", "c"])


def features(num_segments: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    token_ids = random.integers(5, 60, (3, 9)).astype("int32")
    segment_ids = np.where(np.arange(9) > 4, num_segments - 1, 0)[None].repeat(3, 0).astype("int32")
    padding_mask = (np.arange(9)[None] < np.array([[9], [6], [3]])).astype("int32")
    return {"token_ids": token_ids, "segment_ids": segment_ids, "padding_mask": padding_mask}


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_onnx_function_gives_the_models_logits(tiny_config, changes):
    model = model_with(tiny_config, **changes)
    x = features(model.backbone.config.num_segments)
    function = onnx_function(extract_weights(model.named_variables()), model.backbone.config, model.problem)
    wide = {name: value.astype("int64") for name, value in x.items()}
    logits = function(wide["token_ids"], wide["padding_mask"], wide["segment_ids"])["logits"]
    # float32 in another order of summation
    np.testing.assert_allclose(logits, model(x)["logits"], atol=2e-6)


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_tflite_function_gives_the_models_probabilities(tiny_config, changes):
    model = model_with(tiny_config, **changes)
    x = features(model.backbone.config.num_segments)
    function = tflite_function(extract_weights(model.named_variables()), model.backbone.config, model.problem)
    expected = keras.ops.softmax(model(x)["logits"])
    for i in range(3):
        one = {name: value[i : i + 1] for name, value in x.items()}
        probability = function(one["token_ids"], one["padding_mask"], one["segment_ids"])["probability"]
        np.testing.assert_allclose(probability[0], expected[i], atol=1e-6)


def test_padding_changes_nothing(tiny_config):
    model = model_with(tiny_config)
    function = tflite_function(extract_weights(model.named_variables()), model.backbone.config, model.problem)
    ids = np.array([[2, 10, 11, 3]], "int32")
    alone = function(ids, np.ones_like(ids), np.zeros_like(ids))["probability"]
    padded = np.array([[2, 10, 11, 3, 0, 0, 0]], "int32")
    mask = np.array([[1, 1, 1, 1, 0, 0, 0]], "int32")
    np.testing.assert_allclose(function(padded, mask, np.zeros_like(padded))["probability"], alone, atol=1e-6)


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_a_fixed_length_with_padding_gives_the_models_probabilities(tiny_config, changes):
    model = model_with(tiny_config, **changes)
    x = features(model.backbone.config.num_segments)
    function = tflite_function(extract_weights(model.named_variables()), model.backbone.config, model.problem, length=9)
    expected = keras.ops.softmax(model(x)["logits"])
    for i in range(3):
        one = {name: value[i : i + 1] for name, value in x.items()}
        probability = function(one["token_ids"], one["padding_mask"], one["segment_ids"])["probability"]
        np.testing.assert_allclose(probability[0], expected[i], atol=1e-6)


def test_padding_to_a_fixed_length_changes_nothing(tiny_config):
    model = model_with(tiny_config)
    weights, config = extract_weights(model.named_variables()), model.backbone.config
    ids = np.array([[2, 10, 11, 3]], "int32")
    alone = tflite_function(weights, config, model.problem)(ids, np.ones_like(ids), np.zeros_like(ids))["probability"]
    # What stands in the padding must not matter either.
    padded, mask = np.array([[2, 10, 11, 3, 7, 0, 9]], "int32"), np.array([[1, 1, 1, 1, 0, 0, 0]], "int32")
    segments = np.array([[0, 0, 0, 0, 1, 0, 1]], "int32")
    fixed = tflite_function(weights, config, model.problem, length=7)(padded, mask, segments)["probability"]
    np.testing.assert_allclose(fixed, alone, atol=1e-6)


def test_a_fixed_length_keeps_the_rules_of_the_gpu_delegate(tiny_config):
    """Those of tflite/tools/versioning/gpu_compatibility.cc and tflite/delegates/gpu/common in LiteRT."""
    model = model_with(tiny_config)
    file = convert(
        tflite_function(extract_weights(model.named_variables()), model.backbone.config, model.problem, length=9)
    )
    graph = read_graph(file)
    names = {value: name for name, value in vars(utilities().BuiltinOperator).items()}
    tensors = graph.subgraphs[0].tensors
    on_cpu, on_gpu = [], []
    for operator in graph.subgraphs[0].operators:
        name = names[graph.operatorCodes[operator.opcodeIndex].builtinCode]
        first = tensors[operator.inputs[1 if name == "GATHER" else 0]]
        if name == "GATHER":
            assert len(first.shape) == 2  # the delegate takes indices of one axis only
        if name == "BATCH_MATMUL":
            assert not operator.builtinOptions.adjX
            assert not operator.builtinOptions.adjY
        for output in (tensors[i] for i in operator.outputs):
            assert output.shapeSignature is None or -1 not in output.shapeSignature
            assert 2 <= len(output.shape) <= 4
            assert output.shape[0] == 1
        (on_cpu if name in {"GATHER", "CAST"} else on_gpu).append(name)
        if on_gpu and name == "CAST":
            assert operator.inputs[0] in graph.subgraphs[0].inputs  # nothing from the GPU comes back
    assert sorted(on_cpu) == ["CAST", "GATHER", "GATHER"]
    assert set(on_gpu) == {
        *("ADD", "BATCH_MATMUL", "FULLY_CONNECTED", "GELU", "MEAN", "MUL", "RESHAPE", "RSQRT", "SOFTMAX"),
        *("SQUARED_DIFFERENCE", "STRIDED_SLICE", "SUB", "TANH", "TRANSPOSE"),
    }


@pytest.mark.parametrize("length", [0, 33])
def test_a_length_that_the_positions_lack(tiny_config, length):
    model = model_with(tiny_config)
    with pytest.raises(InputError, match="length must be from 1 to the model's 32 positions. Received"):
        tflite_function(extract_weights(model.named_variables()), model.backbone.config, model.problem, length=length)
