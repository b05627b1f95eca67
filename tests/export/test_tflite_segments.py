"""Tensors computed from one another are those of a run from the text on, in LiteRT."""

import dataclasses

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.export.tflite import convert_task
from kbert.export.tflite_quantize import tensor_reader
from kbert.export.tflite_segments import TensorValues
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    find_weights,
    gather_to_lookup,
    put_rounded,
    read_graph,
    write_graph,
)
from kbert.export.weight_schemes import SMALLEST, WeightFormat, round_weights
from kbert.tasks import TextClassifier

TEXTS = [np.array([2, 40, 7, 65, 41, 3], "int32"), np.array([2, 3], "int32"), np.array([2, 9, 9, 3], "int32")]


@pytest.fixture(scope="module", params=[None, 8], ids=["any length", "one length"])
def model(request, tiny_config, tiny_tokenizer) -> bytes:
    """A classifier of two layers and random weights, in float32."""
    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, hidden_dim=64, intermediate_dim=128)
    classifier = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    return convert_task(extract_weights(classifier.named_variables()), config, classifier.problem, length=request.param)


def dense_weights(graph) -> list[Weight]:
    return [weight for weight in find_weights(graph) if weight.kind == DENSE and weight.values.size >= SMALLEST]


def inputs_of(weights: list[Weight]) -> list[int]:
    return list(dict.fromkeys(weight.input for weight in weights))


def test_inputs_of_layers_are_those_of_the_whole_model(model):
    graph = read_graph(model)
    tensors = inputs_of(dense_weights(graph))
    assert len(tensors) > 6
    values, read = TensorValues(graph, tensors, TEXTS), tensor_reader(model, tensors)
    whole = [read(text) for text in sorted(TEXTS, key=len)]
    for i in range(len(tensors)):
        for found, expected in zip(values.next(), (of_text[i] for of_text in whole), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_weights_that_are_rounded_on_the_way_count_for_what_comes_after(model):
    graph = read_graph(model)
    gather_to_lookup(graph)
    weights = dense_weights(graph)
    tensors = inputs_of(weights)
    values = TensorValues(graph, tensors, TEXTS)
    for tensor in tensors:
        found = values.next()
        read = tensor_reader(write_graph(graph), [tensor])  # all that comes before is rounded by now
        for x, text in zip(found, sorted(TEXTS, key=len), strict=True):
            np.testing.assert_allclose(x, read(text)[0], rtol=1e-4, atol=1e-5)
        for weight in weights:
            if weight.input == tensor:
                put_rounded(graph, weight, round_weights(weight.name, weight.values, WeightFormat(4, 32)), 4)


def test_values_are_kept_no_longer_than_they_are_needed(model):
    tensors = inputs_of(dense_weights(read_graph(model)))
    values = TensorValues(read_graph(model), tensors, TEXTS)
    for _ in tensors:
        values.next()
        assert len(values._known) <= 3  # of nine
    assert not values._known
