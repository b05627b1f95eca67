from kbert.export.check import load as loading
from kbert.export.check.litert import check_litert
from kbert.export.check.load import load
from kbert.export.check.openvino import check_openvino_tflite
from kbert.export.check.tflite_file import read_tflite


def test_a_tflite_file_runs(bert_tflite):
    found = check_litert(read_tflite(bert_tflite(shapes=((1, 2),) * 3)))
    assert found.accepted
    assert found.verified.startswith("by loading it here with ai-edge-litert ")
    assert found.remarks == ("static length: every text is padded or cut to 2 tokens",)


def test_ids_are_padded_to_a_static_length(bert_tflite):
    # The graph casts its first input, the ids, to floats.
    assert load(bert_tflite(shapes=((1, 4),) * 3), [7, 8]).output == (7.0, 8.0, 0.0, 0.0)
    assert load(bert_tflite(shapes=((1, 2),) * 3), [7, 8, 9]).output == (7.0, 8.0)


def test_an_operator_that_litert_does_not_know(make_tflite):
    tensors = {"x": ("float32", (1, 8)), "y": ("float32", (1, 8))}
    found = check_litert(read_tflite(make_tflite(tensors, [("RESHAPE", 9, ["x"], ["y"])], ["x"], ["y"])))
    assert not found.accepted
    assert "'RESHAPE' version '9'" in found.reasons[0]


def test_an_operator_that_litert_2_1_does_not_know(make_tflite):
    tensors = {"x": ("float32", (1, 8)), "y": ("float32", (1, 8))}
    found = check_litert(read_tflite(make_tflite(tensors, [("COS", 2, ["x"], ["y"])], ["x"], ["y"])))
    assert found.remarks[0] == "COS version 2: LiteRT 2.1 refuses it, a newer one is needed"


def test_a_runtime_that_crashes(bert_tflite, monkeypatch):
    path = bert_tflite()
    monkeypatch.setattr(loading.sys, "executable", "/bin/sh")
    monkeypatch.setattr(loading, "_COMMAND", ("-c", "kill -SEGV $$"))
    assert load(path).error == "it crashes (SIGSEGV)"


def test_openvino_and_4_bit_weights(make_tflite):
    tensors = {"x": ("float32", (1, 8)), "constant": ("int4", (4, 8), 4), "y": ("float32", (1, 4))}
    path = make_tflite(tensors, [("FULLY_CONNECTED", 13, ["x", "constant"], ["y"])], ["x"], ["y"])
    assert check_openvino_tflite(read_tflite(path)).reasons == (
        "FULLY_CONNECTED version 13 with int4 weights: its matrix product takes equal types",
    )


def test_openvino_and_an_operator_that_it_does_not_convert(make_tflite):
    tensors = {"x": ("float32", (1, 8)), "y": ("float32", (1, 8))}
    path = make_tflite(tensors, [("ATAN2", 1, ["x", "x"], ["y"])], ["x"], ["y"])
    assert check_openvino_tflite(read_tflite(path)).reasons == ("ATAN2 version 1: not converted",)
