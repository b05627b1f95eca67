"""What `check` says of the files that kbert writes."""

import pytest

from kbert.export.check.artefact import check_artefact


@pytest.fixture(scope="module")
def verdicts(exported):
    """By file name and runtime."""
    folder, _ = exported
    files = [*folder.glob("*.tflite"), *folder.glob("onnx/*.onnx")]
    return {path.name: {verdict.runtime: verdict for verdict in check_artefact(path)} for path in files}


def test_tflite(verdicts):
    for name in ("model.tflite", "model_float32.tflite", "model_float16.tflite"):
        found = verdicts[name]
        assert found["litert"].accepted
        assert "(kbert cuts at 16 tokens)" in found["mediapipe"].remarks[-1]
        assert found["gpu-delegate"].reasons[0].startswith("the delegate takes static shapes, there are ")
        assert found["gpu-delegate"].reasons[0].count("int32 [1, -1]") == 3
    assert verdicts["model_float32.tflite"]["tflite-runtime"].accepted
    assert verdicts["model_float32.tflite"]["openvino"].accepted
    assert not verdicts["model_float16.tflite"]["tflite-runtime"].accepted


def test_onnx(verdicts):
    for name, dtype in (("model.onnx", "fp32"), ("model_fp16.onnx", "fp16"), ("model_quantized.onnx", "q8")):
        found = verdicts[name]
        assert found["onnxruntime"].accepted
        assert found["onnxruntime-web"].accepted
        assert found["transformers.js"].remarks == (f'pipeline("text-classification", FOLDER, {{ dtype: "{dtype}" }})',)
        assert found["openvino"].accepted
