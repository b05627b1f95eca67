"""TFLite files: what is in them, and what may not be."""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from kbert.errors import InputError
from kbert.export.inspect import inspect_artefact
from kbert.export.metadata import read_metadata
from kbert.export.tflite import convert


def test_an_operation_without_builtin_is_named_with_its_layer():
    @tf.function(input_signature=[tf.TensorSpec([1, None], tf.float32)])
    def model(x):
        with tf.name_scope("layer_3/feed_forward"):
            return {"y": tf.math.special.dawsn(x)}

    with pytest.raises(InputError, match=r"tf\.Dawsn in layer_3/feed_forward"):
        convert(model)


def test_the_file_is_one_subgraph_of_dynamic_length_with_integer_inputs(exported):
    facts = inspect_artefact(exported[0] / "model.tflite")
    assert facts["subgraphs"] == 1
    assert [(t["dtype"], t["shape"]) for t in facts["inputs"]] == [("int32", [1, -1])] * 3
    assert [(t["dtype"], t["shape"]) for t in facts["outputs"]] == [("float32", [1, 2])]
    assert "CUSTOM" not in facts["operators"]
    assert facts["operators"]["GELU"] == 2
    assert facts["labels"] == ["bad", "good"]


def test_the_metadata_names_the_inputs_as_mediapipe_does(exported):
    metadata = read_metadata((exported[0] / "model.tflite").read_bytes())
    assert sorted(metadata.input_names) == ["ids", "mask", "segment_ids"]
    assert metadata.output_names == ("probability",)
    assert metadata.files["labels.txt"] == b"bad\ngood\n"
    assert metadata.files["vocab.txt"].startswith(b"[PAD]\n[UNK]\n[CLS]\n")


def test_a_file_in_the_bare_interpreter_gives_the_models_probabilities(exported, trained):
    text = "the film was good"
    interpreter = Interpreter(str(exported[0] / "model_float32.tflite"))
    ids = np.array([trained.tokenizer.encode(text).token_ids], "int32")
    inputs = {d["name"].split(":")[0].removeprefix("serving_default_"): d for d in interpreter.get_input_details()}
    for details in inputs.values():
        interpreter.resize_tensor_input(details["index"], ids.shape)
    interpreter.allocate_tensors()
    for name, value in (("ids", ids), ("mask", np.ones_like(ids)), ("segment_ids", np.zeros_like(ids))):
        interpreter.set_tensor(inputs[name]["index"], value)
    interpreter.invoke()
    probability = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(probability, trained.predict_proba([text]), atol=1e-5)


def test_int8_and_float16_are_smaller_than_float32(exported):
    folder, _ = exported
    whole = (folder / "model_float32.tflite").stat().st_size
    assert (folder / "model.tflite").stat().st_size < whole
    assert (folder / "model_float16.tflite").stat().st_size < whole
