"""Files converted with stand-ins for the weights are those that the weights themselves give."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.export import stand_ins
from kbert.export.graph_heads import tflite_function
from kbert.export.stand_ins import StandIns
from kbert.export.tflite import convert, convert_task
from kbert.problems.classification import Classification
from kbert.tasks import TextClassifier

PROBLEM = Classification(labels=("bad", "good"), tokenizer=None, max_length=16)


@pytest.fixture
def small_weights_too(monkeypatch):
    """Stand-ins for the weights of tiny models, which have none as large as those of real ones."""
    monkeypatch.setattr(stand_ins, "SMALLEST", 64)


@pytest.mark.parametrize("half_precision", [False, True])
@pytest.mark.parametrize(
    ("changes", "length"),
    [
        ({}, None),
        ({}, 9),
        ({"activation": "relu", "position_embedding": "sinusoidal"}, 9),
        ({"activation": "relu", "num_segments": 3}, None),
        ({"activation": "gelu_tanh", "num_layers": 1}, None),
    ],
)
def test_the_file_is_the_same_to_the_byte(tiny_config, small_weights_too, changes, length, half_precision):
    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, **changes)
    weights = extract_weights(TextClassifier(BertBackbone(config), ["a", "b", "c"]).named_variables())
    # As training leaves them: a fresh model's γ and β are 1 and 0.
    random = np.random.default_rng(5)
    weights = {name: value + random.normal(0, 0.1, value.shape).astype("float32") for name, value in weights.items()}
    whole = convert(tflite_function(weights, config, PROBLEM, length), half_precision=half_precision)
    assert convert_task(weights, config, PROBLEM, length=length, half_precision=half_precision) == whole


@pytest.mark.parametrize("length", [None, 9])
def test_a_model_that_was_never_trained(tiny_classifier, small_weights_too, length):
    # Its γ are 1, its β and biases 0, which the converter leaves out.
    weights, config = extract_weights(tiny_classifier.named_variables()), tiny_classifier.backbone.config
    whole = convert(tflite_function(weights, config, PROBLEM, length))
    assert convert_task(weights, config, PROBLEM, length=length) == whole


def test_square_weights_are_turned_for_a_dense_layer_and_not_for_a_table(small_weights_too):
    kernel, table = np.arange(64, dtype="float32").reshape(8, 8), np.arange(100, 164, dtype="float32").reshape(8, 8)
    stood_in = StandIns()

    @tf.function(input_signature=[tf.TensorSpec([1], tf.int32)])
    def model(ids):
        return {"y": tf.matmul(tf.gather(stood_in(table), ids), stood_in(kernel))}

    file = bytearray(convert(model))
    stood_in.fill(file)
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_content=bytes(file)).get_signature_runner()
    np.testing.assert_array_equal(runner(ids=np.array([3], "int32"))["y"], table[3:4] @ kernel)


def test_vectors_and_small_matrices_are_what_they_are():
    vector, small = np.arange(2000, dtype="float32"), np.arange(1022, dtype="float32").reshape(2, 511)
    for weight in (vector, small):
        np.testing.assert_array_equal(StandIns()(weight).numpy(), weight)
    assert np.unique(StandIns()(np.arange(1024, dtype="float32").reshape(2, 512)).numpy()).tolist() == [2.0]


def test_a_weight_that_was_folded_into_another_is_missed(small_weights_too):
    stood_in = StandIns()
    kernel = np.eye(16, dtype="float32")

    @tf.function(input_signature=[tf.TensorSpec([4, 16], tf.float32)])
    def model(x):
        return {"y": tf.matmul(x, stood_in(kernel) * tf.range(16, dtype=tf.float32))}

    file = bytearray(convert(model))
    with pytest.raises(RuntimeError, match=r"expected every weight in the converted file, missing.*\(16, 16\)"):
        stood_in.fill(file)
