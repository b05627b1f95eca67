"""Exported files that were tampered with."""

import dataclasses

import onnx
import pytest

from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export import graph_heads, open_artefact, tflite

MESSAGE = "expected a label for each of its 2 probabilities, its metadata has 3"


def test_a_tflite_file_with_more_labels_than_probabilities_is_refused(exported, trained, tmp_path):
    facts = open_artefact(exported[0] / "model.tflite").facts
    function = graph_heads.tflite_function(
        extract_weights(trained.named_variables()), trained.backbone.config, trained.problem
    )
    lying = dataclasses.replace(facts, labels=("bad", "good", "so so"))
    (tmp_path / "model.tflite").write_bytes(tflite.write_tflite(tflite.convert(function), lying, "model"))
    with pytest.raises(InputError, match=MESSAGE):
        open_artefact(tmp_path / "model.tflite")


def test_an_onnx_file_with_more_labels_than_probabilities_is_refused(exported, tmp_path):
    model = onnx.load(exported[0] / "onnx/model.onnx")
    (entry,) = [entry for entry in model.metadata_props if entry.key == "kbert:labels.txt"]
    entry.value += "so so\n"
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(InputError, match=MESSAGE):
        open_artefact(tmp_path / "model.onnx")
