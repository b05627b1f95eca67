import json

import pytest

onnx = pytest.importorskip("onnx")


@pytest.fixture
def model(tmp_path):
    """An .onnx file that ONNX Runtime runs and that gives no logits."""
    helper, types = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [helper.make_node("Sign", ["input_ids"], ["signs"])],
        "made",
        [helper.make_tensor_value_info("input_ids", types.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("signs", types.INT64, ["batch", "length"])],
    )
    path = tmp_path / "exported" / "onnx" / "model.onnx"
    path.parent.mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    (path.parent.parent / "savedmodel").mkdir()
    (path.parent.parent / "savedmodel" / "saved_model.pb").write_bytes(b"not looked at")
    return path


def test_the_table(kbert, model):
    outcome = kbert("check", model)
    assert (outcome.code, outcome.err) == (0, "")
    rows = [[cell.strip() for cell in line.split("│")[1:4]] for line in outcome.out.splitlines() if "│" in line]
    assert ["ONNX Runtime", "yes", rows[0][2]] == rows[0]
    assert rows[0][2].startswith("(by loading it here with onnxruntime ")
    assert ["ONNX Runtime Web", "yes, with remarks", "with WebGPU these run in WebAssembly: Sign"] in rows
    assert ["transformers.js", "no", "config.json is missing in exported/"] in rows
    assert all(row[0] != "LiteRT" for row in rows)  # it takes no .onnx files at all


def test_json_of_a_directory(kbert, model):
    outcome = kbert("check", model.parent.parent, "--json")
    assert outcome.code == 0
    (line,) = outcome.out.splitlines()
    found = json.loads(line)
    assert found["file"] == str(model)
    accepted = {verdict["runtime"]: verdict["accepted"] for verdict in found["runtimes"]}
    assert accepted == {
        "litert": False,
        "tflite-runtime": False,
        "mediapipe": False,
        "gpu-delegate": False,
        "onnxruntime": True,
        "onnxruntime-mobile": True,
        "onnxruntime-web": True,
        "transformers.js": False,
        "openvino": True,
    }
    litert = found["runtimes"][0]
    assert (litert["runtime"], litert["reasons"]) == ("litert", ["it takes .tflite files"])


def test_required_runtimes(kbert, model):
    assert kbert("check", model, "--require", "onnxruntime", "--require", "openvino").code == 0
    outcome = kbert(
        "check", model, "--require", "onnxruntime", "--require", "mediapipe", "--require", "transformers.js"
    )
    assert outcome.code == 3
    assert outcome.err == f"{model}: not taken by MediaPipe Text, transformers.js\n"


def test_a_runtime_that_is_none(kbert, model):
    assert kbert("check", model, "--require", "coreml").code == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.onnx", b"nothing", "expected an ONNX file, it cannot be read"),
        ("model.tflite", b"nothing", "a TFLite file has the identifier b'TFL3'"),
        ("model.tflite", None, "cannot be read (No such file or directory)"),
        ("model.onnx", None, "cannot be read (No such file or directory)"),
        ("model.bin", b"nothing", "expected a .tflite or .onnx file"),
    ],
)
def test_files_that_cannot_be_checked(kbert, tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    outcome = kbert("check", path)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"error: {path}: ")
    assert message in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_a_directory_without_files(kbert, tmp_path):
    outcome = kbert("check", tmp_path)
    assert (outcome.code, outcome.err) == (
        1,
        f"error: {tmp_path}: expected a .tflite file, an .onnx file or a SavedModel inside, found none\n",
    )
