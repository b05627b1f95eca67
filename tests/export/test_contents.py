"""What lies inside the files of a real export."""

from kbert.export.contents import file_contents


def test_a_tflite_file(exported):
    folder, _ = exported
    found = file_contents(folder / "model_float32.tflite")
    assert {(entry["name"].split(":")[0], entry["dtype"], tuple(entry["shape"])) for entry in found["outputs"]}
    assert [entry["dtype"] for entry in found["inputs"]] == ["int32"] * 3
    assert [entry["shape"] for entry in found["inputs"]] == [[1, -1]] * 3
    assert set(found["operator_versions"]) == set(found["operators"])
    assert all(version >= 1 for version in found["operator_versions"].values())
    assert found["packed"]["labels.txt"] == len("bad\ngood\n")
    assert set(found["packed"]) == {"vocab.txt", "labels.txt", "kbert.json"}
    # Paths of the machine and what the report says elsewhere are left out.
    assert not {"file", "labels", "scheme"} & set(found)


def test_weights_by_type(exported):
    folder, _ = exported
    floats = file_contents(folder / "model_float32.tflite")["weights"]
    small = file_contents(folder / "model.tflite")["weights"]
    assert next(iter(floats)) == "float32"
    assert small["int8"]["bytes"] * 4 <= floats["float32"]["bytes"]
    half = file_contents(folder / "onnx" / "model_fp16.onnx")["weights"]
    whole = file_contents(folder / "onnx" / "model.onnx")["weights"]
    assert half["float16"]["bytes"] * 2 <= whole["float32"]["bytes"]


def test_an_onnx_file(exported):
    folder, _ = exported
    found = file_contents(folder / "onnx" / "model_quantized.onnx")
    assert [entry["name"] for entry in found["inputs"]] == ["input_ids", "attention_mask", "token_type_ids"]
    assert found["opset"]["ai.onnx"] >= 17
    assert found["packed"]["labels.txt"] == len("bad\ngood\n")
    assert found["weights"]["int8"]["tensors"] > 0
