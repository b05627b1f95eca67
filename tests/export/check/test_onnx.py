import json

import pytest

from kbert.errors import InputError
from kbert.export.check.artefact import check_artefact
from kbert.export.check.onnx_file import read_onnx
from kbert.export.check.onnx_runtime import check_onnx_runtime
from kbert.export.check.openvino import check_openvino_onnx
from kbert.export.check.transformers_js import check_transformers_js

CONFIG = {"model_type": "bert", "id2label": {"0": "bad", "1": "good"}}


def beside(path, **changes: str):
    """Writes what transformers.js wants beside the folder of the model."""
    files = {"config.json": json.dumps(CONFIG), "tokenizer.json": "{}", "tokenizer_config.json": "{}", **changes}
    for name, content in files.items():
        if content:
            (path.parent.parent / name).write_text(content, "utf-8")


def test_what_a_file_holds(make_onnx):
    file = read_onnx(make_onnx(("", "Identity"), ("com.microsoft", "Gelu")))
    assert file.operators == {"ai.onnx": {"Identity"}, "com.microsoft": {"Gelu"}}
    assert file.opset == {"ai.onnx": 17, "com.microsoft": 1}
    assert [str(value) for value in file.inputs] == ["input_ids int64 ['batch', 'length']"]
    assert (file.ir_version, file.outside, file.facts) == (8, (), None)


@pytest.mark.parametrize("content", [b"", b"no protobuf \xff\xff", b"\x08\x08"])
def test_a_file_that_is_none(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"^{path}: .*Export it again$"):
        read_onnx(path)


def test_onnx_runtime_runs_it(make_onnx):
    desktop, mobile, web = check_onnx_runtime(read_onnx(make_onnx(("", "Identity"))))
    assert [verdict.accepted for verdict in (desktop, mobile, web)] == [True, True, True]
    assert desktop.verified.startswith("by loading it here with onnxruntime ")
    assert mobile.verified == web.verified == "by its rules"
    assert mobile.remarks == ("take onnxruntime-android or onnxruntime-c: onnxruntime-mobile ended with 1.18",)
    assert desktop.remarks == web.remarks == ()


def test_what_the_desktop_refuses_the_others_refuse(make_onnx):
    verdicts = check_onnx_runtime(read_onnx(make_onnx(("com.microsoft", "NoSuchOperator"))))
    for verdict in verdicts:
        assert not verdict.accepted
        assert "NoSuchOperator" in verdict.reasons[0]
        assert "by loading it here with onnxruntime " in verdict.verified


def test_operators_without_webgpu(make_onnx):
    _, _, web = check_onnx_runtime(read_onnx(make_onnx(("", "Identity"), ("", "Sign"))))
    assert web.remarks == ("with WebGPU these run in WebAssembly: Sign",)


def test_a_file_for_new_runtimes_alone(make_onnx):
    desktop, _, _ = check_onnx_runtime(read_onnx(make_onnx(("", "Identity"), ir_version=10)))
    assert desktop.remarks == ("IR version 10, opset 17: an ONNX Runtime before 1.18 refuses it",)


def test_openvino(make_onnx):
    file = read_onnx(make_onnx(("", "Identity"), ("com.microsoft", "MatMulNBits")))
    assert check_openvino_onnx(file).accepted
    file = read_onnx(make_onnx(("com.microsoft", "QAttention"), ("", "Det"), ("my.own", "Layer")))
    assert check_openvino_onnx(file).reasons == (
        "ai.onnx Det: not converted",
        "com.microsoft QAttention: not converted",
        "my.own Layer: not converted",
    )


def test_the_folder_of_transformers_js(make_onnx):
    path = make_onnx(("", "Identity"), name="onnx/model_quantized.onnx")
    beside(path)
    found = check_transformers_js(read_onnx(path), ())
    assert found.accepted
    assert found.remarks == ('pipeline("text-classification", FOLDER, { dtype: "q8" })',)


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("onnx/model_int4.onnx", {}, "this one is model_int4.onnx"),
        ("files/model.onnx", {}, "it looks for models in a folder onnx/, this one is in files/"),
        ("onnx/model.onnx", {"tokenizer_config.json": ""}, "tokenizer_config.json is missing in "),
        ("onnx/model.onnx", {"config.json": "{}"}, "config.json names no model_type"),
        ("onnx/model.onnx", {"config.json": "["}, "config.json is no JSON object"),
        ("onnx/model.onnx", {"config.json": '{"model_type": "bert"}'}, "config.json has no id2label"),
    ],
)
def test_folders_that_transformers_js_does_not_find(make_onnx, name, changes, reason):
    path = make_onnx(("", "Identity"), name=name)
    beside(path, **changes)
    reasons = check_transformers_js(read_onnx(path), ()).reasons
    assert any(reason in found for found in reasons), reasons


def test_names_that_transformers_js_does_not_know(make_onnx):
    path = make_onnx(("", "Identity"), output="pooled")
    beside(path)
    assert check_transformers_js(read_onnx(path), ("refused",)).reasons == (
        "refused",
        "it reads logits, the model gives pooled",
    )


def test_runtimes_of_the_other_format(make_onnx):
    verdicts = {verdict.runtime: verdict for verdict in check_artefact(make_onnx(("", "Identity")))}
    for runtime in ("litert", "tflite-runtime", "mediapipe", "gpu-delegate"):
        assert verdicts[runtime].reasons == ("it takes .tflite files",)
    assert verdicts["openvino"].accepted


def test_another_kind_of_file(tmp_path):
    with pytest.raises(InputError, match=r"model.bin: expected a .tflite or .onnx file$"):
        check_artefact(tmp_path / "model.bin")
