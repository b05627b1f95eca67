"""The whole export, its gate, and the commands that take an exported file."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.cli.main import main
from kbert.data import read_labelled_texts
from kbert.errors import GateError, InputError
from kbert.export import Recipe, export_model, measure, open_artefact
from kbert.export import graph as inference_graph
from kbert.tasks import TextClassifier

FILES = [
    "README.md",
    "config.json",
    "labels.txt",
    "model.tflite",
    "model_float16.tflite",
    "model_float32.tflite",
    "onnx/model.onnx",
    "onnx/model_fp16.onnx",
    "onnx/model_quantized.onnx",
    "report.html",
    "report.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer_golden.json",
    "vocab.txt",
]
MODELS = [name for name in FILES if name.endswith((".tflite", ".onnx"))]


def run(capsys, *arguments) -> tuple[int, str, str]:
    """The command line in this process: exit code, stdout, stderr."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return int(stopped.value.code or 0), out, err


def test_the_export_directory(exported):
    folder, _ = exported
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == FILES


def test_the_report(exported):
    folder, report = exported
    written = json.loads((folder / "report.json").read_text())
    assert written["passed"] is True
    assert report.passed
    for entry, file in zip(written["files"], report.files, strict=True):
        assert entry["size_bytes"] == (folder / entry["file"]).stat().st_size
        assert entry["verdict"]["full"] == 1.0
        assert entry["verdict"]["drop_points"] == 0.0
        assert entry["verdict"]["agreement"] == 1.0
        assert entry["verdict"]["examples"] == 60
        assert file.measurement.latency_ms > 0
        assert file.measurement.cold_start_ms > 0
    assert written["notes"] == []


def test_the_golden_vectors_are_the_tokenizers(exported, trained):
    golden = json.loads((exported[0] / "tokenizer_golden.json").read_text())
    assert golden["lowercase"] is True
    assert len(golden["vectors"]) > 30
    for vector in golden["vectors"]:
        assert vector["token_ids"] == trained.tokenizer.encode(vector["text"], max_length=16).token_ids


@pytest.mark.parametrize("name", MODELS)
def test_every_file_classifies_text_alone(exported, trained, validation, name, tmp_path):
    moved = tmp_path / Path(name).name
    shutil.copy(exported[0] / name, moved)
    artefact = open_artefact(moved)
    assert artefact.labels == ("bad", "good")
    texts = [*validation.texts[:6], "", "a" * 100_000]
    tolerance = 1e-4 if "float32" in name or name.endswith("model.onnx") else 0.1
    np.testing.assert_allclose(artefact.predict_proba(texts), trained.predict_proba(texts), atol=tolerance)


def break_weights(monkeypatch):
    """The known disaster: weights scaled wrongly on their way into the file."""
    original = inference_graph.InferenceGraph.__init__

    def scaled(self, weights, config, **options):
        broken = {name: value * (-3.0 if "intermediate" in name else 1.0) for name, value in weights.items()}
        broken["classifier.dense.kernel"] = -weights["classifier.dense.kernel"]
        original(self, broken, config, **options)

    monkeypatch.setattr(inference_graph.InferenceGraph, "__init__", scaled)


@pytest.mark.parametrize("format_", ["tflite", "onnx"])
def test_a_broken_file_is_refused_and_nothing_put_in_place(trained, validation, tmp_path, monkeypatch, format_):
    break_weights(monkeypatch)
    with pytest.raises(GateError, match=r"accuracy fell by .* points, from 100\.00%") as refused:
        export_model(trained, Recipe(formats=(format_,), max_drop=5.0), validation, tmp_path / "out")
    assert not refused.value.report.passed
    assert list(tmp_path.iterdir()) == []


def test_a_refused_export_exits_with_3_and_leaves_what_was_there(trained, validation, tmp_path, monkeypatch, capsys):
    trained.save_checkpoint(tmp_path / "run")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "older.txt").write_text("kept")
    break_weights(monkeypatch)
    arguments = ("export", tmp_path / "run", "--tflite", "--validation", validation.path, "--output", tmp_path / "out")
    code, out, err = run(capsys, *arguments, "--overwrite")
    assert code == 3
    assert "refused" in out
    assert "nothing was put in place" in err
    assert "became" in err  # the worst examples
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["older.txt"]


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_mixed_precision_model_exports_from_its_float32_twin(trained, validation, tmp_path, precision):
    backbone = BertBackbone(trained.backbone.config, dtype=precision)
    model = TextClassifier(backbone, trained.labels, trained.tokenizer, trained.max_length)
    weights = extract_weights(trained.named_variables())
    for name, variable in model.named_variables().items():
        variable.assign(weights[name])
    recipe = Recipe(formats=("tflite",), schemes=("float32",), max_drop=0.0)
    export_model(model, recipe, validation, tmp_path / "out")
    exported = open_artefact(tmp_path / "out").predict_proba(validation.texts)
    np.testing.assert_allclose(exported, trained.predict_proba(validation.texts), atol=1e-5)


def test_two_commands_make_proven_files(shallow_checkpoint, sentiment_file, tmp_path, capsys):
    out = tmp_path / "exported"
    code, _, err = run(
        capsys,
        *("finetune", "--checkpoint", shallow_checkpoint, "--train", sentiment_file, "--output", tmp_path / "run"),
        *("--epochs", 30, "--learning-rate", 5e-3, "--batch-size", 20, "--max-length", 16),
    )
    assert code == 0, err
    code, shown, err = run(
        capsys,
        *("export", tmp_path / "run", "--tflite", "--onnx", "--validation", sentiment_file, "--output", out),
        *("--max-drop", 3),
    )
    assert code == 0, err
    assert "passed" in shown
    for model in (out / "model.tflite", out / "onnx/model_quantized.onnx", out):
        code, shown, err = run(capsys, "predict", model, "the film was good")
        assert code == 0, err
        assert json.loads(shown)["label"] == "good"
        code, shown, err = run(capsys, "evaluate", model, "--data", sentiment_file, "--json")
        assert code == 0, err
        assert json.loads(shown)["examples"] == 40
        code, shown, err = run(capsys, "inspect", model)
        assert code == 0, err
        assert json.loads(shown)
    code, shown, err = run(capsys, "bench", tmp_path / "run", out, "--data", sentiment_file, "--json")
    assert code == 0, err
    rows = [json.loads(line) for line in shown.splitlines()]
    assert [Path(row["file"]).name for row in rows] == ["run", "model.tflite", "model_quantized.onnx"]
    assert [row["texts"] for row in rows] == [40] * 3
    assert all(row["latency_ms"] > 0 and row["size_bytes"] > 1000 for row in rows)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["model.tflite", "onnx/model_quantized.onnx"])
def test_a_file_cut_short_is_one_line(exported, tmp_path, capsys, name, share):
    data = (exported[0] / name).read_bytes()
    cut = tmp_path / Path(name).name
    cut.write_bytes(data[: int(len(data) * share)])
    code, _, err = run(capsys, "predict", cut, "good")
    assert code == 1
    assert err.count("\n") == 1
    assert err.startswith(f"error: {cut}: ")


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_another_kind_of_file_is_one_line(tmp_path, capsys, name):
    (tmp_path / name).write_text("this is no model\n" * 10)
    code, _, err = run(capsys, "evaluate", tmp_path / name, "--data", __file__)
    assert code == 1
    assert err.count("\n") == 1
    assert err.startswith(f"error: {tmp_path / name}: ")
    assert "defect" not in err


def test_a_validation_set_of_one_row(trained, validation, tmp_path):
    one = dataclasses.replace(validation, texts=["good"], labels=["good"], line_numbers=[2])
    with pytest.raises(InputError, match="expected at least 2 rows to measure a drop, got 1"):
        export_model(trained, Recipe(), one, tmp_path / "out")


def test_an_unknown_label_in_validation(trained, tmp_path):
    path = tmp_path / "v.tsv"
    path.write_text("text\tlabel\nfine\tgood\nwell\tsplendid\n")
    with pytest.raises(InputError, match=r"v\.tsv:3: label 'splendid' is unknown"):
        export_model(trained, Recipe(), read_labelled_texts(path), tmp_path / "out")


def test_an_output_folder_with_something_in_it(trained, validation, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something already"):
        export_model(trained, Recipe(), validation, tmp_path / "out")


def test_a_coarse_validation_set_is_noted(trained, validation, tmp_path):
    few = dataclasses.replace(
        validation,
        texts=validation.texts[:20],
        labels=validation.labels[:20],
        line_numbers=validation.line_numbers[:20],
    )
    report = export_model(trained, Recipe(formats=("tflite",), max_drop=0.5), few, tmp_path / "out")
    assert report.notes[0].startswith("one changed label of 20 is worth 5.00 points, more than the 0.5 allowed")


def test_a_disk_that_fills_midway_leaves_nothing(trained, validation, tmp_path):
    trained.save_checkpoint(tmp_path / "run")
    limit = (tmp_path / "run" / "model.safetensors").stat().st_size // 2
    # A limit on file size makes the write itself fail midway, as a full disk does.
    script = (
        "import resource, sys; from kbert.cli.main import main\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        f"main(['export', {str(tmp_path / 'run')!r}, '--onnx', '--scheme', 'float32', '--validation', "
        f"{validation.path!r}, '--output', {str(tmp_path / 'out')!r}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    reason = f"error: {tmp_path / 'out'}: could not be written (File too large); nothing was put in place"
    assert done.stderr.splitlines()[-1] == reason
    assert "defect" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_measure_runs_in_a_process_of_its_own(exported):
    result = measure(exported[0] / "model.tflite", ["good", "a bad day"], num_threads=1)
    assert result.texts == 2
    assert result.threads == 1
    # LiteRT and this package, without TensorFlow, which alone takes some 400 MB.
    assert 10 < result.memory_mb < 300


def test_exporting_needs_a_tokenizer(tiny_config, validation, tmp_path):
    model = TextClassifier(BertBackbone(tiny_config), ["bad", "good"])
    with pytest.raises(InputError, match="without a tokenizer takes tensors only"):
        export_model(model, Recipe(), validation, tmp_path / "out")


def test_four_bits_with_and_without_calibration(tiny_config, tiny_tokenizer, validation, tmp_path):
    config = dataclasses.replace(tiny_config, hidden_dim=64, intermediate_dim=128)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    recipe = Recipe(formats=("tflite",), schemes=("int4", "dynamic_int8"), max_drop=100.0)
    plain = export_model(model, recipe, validation, tmp_path / "plain")
    calibrated = export_model(model, recipe, validation, tmp_path / "out", calibration=validation.texts)
    assert calibrated.files[0].size_bytes < calibrated.files[1].size_bytes
    assert any("with --calibration they are rounded for real inputs" in note for note in plain.notes)
    assert not any("--calibration" in note for note in calibrated.notes)
    files = {name: [(tmp_path / f / name).read_bytes() for f in ("plain", "out")] for name in recipe.files()}
    assert files["model.tflite"][0] != files["model.tflite"][1]
    assert files["model_dynamic_int8.tflite"][0] == files["model_dynamic_int8.tflite"][1]  # the same bytes every time


def test_calibration_texts_of_one_length_are_noted(trained, validation, tmp_path):
    recipe = Recipe(formats=("tflite",), schemes=("static_int8",), max_drop=100.0)
    report = export_model(trained, recipe, validation, tmp_path / "one", calibration=["the film", "the day"])
    (note,) = [note for note in report.notes if "calibration" in note]
    assert note.startswith("the calibration texts are all 4 tokens long: activations of other lengths may be unlike")
    with pytest.raises(InputError, match="ranges of activations beforehand: expected --calibration"):
        export_model(trained, recipe, validation, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_calibration_texts_that_are_missing_or_empty(exported, trained, validation, tmp_path, capsys):
    trained.save_checkpoint(tmp_path / "run")
    options = ["--tflite", "--scheme", "int4", "--validation", validation.path, "--output", tmp_path / "out"]
    code, _, err = run(capsys, "export", tmp_path / "run", *options, "--calibration", tmp_path / "none.tsv")
    assert (code, len(err.splitlines())) == (1, 1)
    assert f"{tmp_path / 'none.tsv'}: expected" in err
    (tmp_path / "empty.tsv").write_text("text\tlabel\n")
    code, _, err = run(capsys, "export", tmp_path / "run", *options, "--calibration", tmp_path / "empty.tsv")
    assert (code, len(err.splitlines())) == (1, 1)
    assert f"{tmp_path / 'empty.tsv'}: " in err
    assert not (tmp_path / "out").exists()
