"""Each kind of file that a recipe can ask for, written and opened again; and a report of it."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
from ai_edge_litert import schema_py_generated as schema

from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export import Recipe, conversion, export_model, open_artefact
from kbert.export import onnx as onnx_format
from kbert.export.conversion import Converter
from kbert.export.facts import ArtefactFacts
from kbert.export.usage import SAMPLE

SHORT = ["good", "the bad day", "a film !", ""]  # 8 tokens at most, with [CLS] and [SEP]


def write(trained, path: Path, scheme: str, **settings) -> Path:
    """One file of the trained classifier."""
    format_ = {".onnx": "onnx", ".tflite": "tflite"}[path.suffix]
    recipe = Recipe(formats=(format_,), schemes=(scheme,), **settings)
    facts = ArtefactFacts(
        task="text-classification",
        labels=trained.labels,
        tokenizer=trained.known_tokenizer(),
        max_length=min(trained.max_length, recipe.length or trained.max_length),
        scheme=scheme,
        kbert_version="0.1.0",
    )
    Converter(trained, extract_weights(trained.named_variables()), recipe, "tiny", []).write(path, format_, facts)
    return path


def check_report(folder: Path, files: list[str]) -> dict:
    """Everything that tells people of the files was written, and names each of them."""
    report = json.loads((folder / "report.json").read_text())
    assert report["passed"] is True
    assert [entry["file"] for entry in report["files"]] == files
    for entry in report["files"]:
        assert entry["contents"]["operators"]
    for page in ("report.html", "README.md"):
        text = (folder / page).read_text()
        assert all(file in text for file in files)
    return report


@pytest.fixture
def printed(monkeypatch, capsys):
    """What the code of a title in an export's README.md says."""

    def run(folder: Path, title: str) -> list[str]:
        section = (folder / "README.md").read_text().split(f"### {title}\n")[1]
        monkeypatch.chdir(folder)
        capsys.readouterr()
        exec(section.split("```python\n")[1].split("\n```")[0], {})
        return capsys.readouterr().out.split()

    return run


def test_weights_too_large_for_one_file_lie_beside_it(trained, validation, tmp_path, monkeypatch):
    whole = write(trained, tmp_path / "one" / "model.onnx", "float32")
    assert [path.name for path in whole.parent.iterdir()] == ["model.onnx"]
    monkeypatch.setattr(onnx_format, "MAX_WEIGHT_BYTES", 1000)
    split = write(trained, tmp_path / "two" / "model.onnx", "float32")
    assert sorted(path.name for path in split.parent.iterdir()) == ["model.onnx", "model.onnx_data"]
    # The token embeddings alone, 66 rows of 16.
    assert (split.parent / "model.onnx_data").stat().st_size >= 66 * 16 * 4
    assert split.stat().st_size < whole.stat().st_size
    onnx.checker.check_model(str(split))
    found = [open_artefact(path).predict_proba(validation.texts) for path in (whole, split)]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_allclose(found[1], trained.predict_proba(validation.texts), atol=1e-5)


def test_a_model_too_large_for_tflite(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "MAX_BYTES", 1000)
    message = r"a TFLite file holds 2 GB at most.*Export to ONNX, or distil the model first"
    with pytest.raises(InputError, match=message):
        write(trained, tmp_path / "model.tflite", "float32")
    assert list(tmp_path.iterdir()) == []
    write(trained, tmp_path / "model.onnx", "float32")  # which can hold it


def test_onnx_runtimes_own_operators(trained, validation, tmp_path):
    recipe = Recipe(
        formats=("onnx",), schemes=("dynamic_int8", "float32", "float16"), onnx_operators="onnxruntime", max_drop=0.0
    )
    export_model(trained, recipe, validation, tmp_path / "out")
    files = ["onnx/model_quantized.onnx", "onnx/model.onnx", "onnx/model_fp16.onnx"]
    check_report(tmp_path / "out", files)
    domains = {file: Counter(node.domain for node in onnx.load(tmp_path / "out" / file).graph.node) for file in files}
    for file in files[:2]:
        assert domains[file]["com.microsoft"] >= 2  # attention of both layers at least
    assert set(domains["onnx/model_fp16.onnx"]) == {""}
    found = open_artefact(tmp_path / "out" / "onnx/model.onnx").predict_proba(validation.texts)
    np.testing.assert_allclose(found, trained.predict_proba(validation.texts), atol=1e-5)


def test_portable_operators_unless_asked_for(trained, tmp_path):
    for scheme in ("float32", "dynamic_int8"):
        model = onnx.load(write(trained, tmp_path / f"{scheme}.onnx", scheme))
        assert {node.domain for node in model.graph.node} == {""}


def test_a_file_of_one_length_pads_shorter_texts(trained, validation, tmp_path, printed):
    recipe = Recipe(formats=("tflite",), schemes=("float32",), length=8, max_drop=100.0)
    export_model(trained, recipe, validation, tmp_path / "out")
    report = check_report(tmp_path / "out", ["model.tflite"])
    assert [entry["shape"] for entry in report["files"][0]["contents"]["inputs"]] == [[1, 8]] * 3
    artefact = open_artefact(tmp_path / "out")
    assert artefact.max_length == 8
    assert [len(row) for row in trained.tokenizer.encode_batch(SHORT)] == [3, 5, 5, 2]
    np.testing.assert_allclose(artefact.predict_proba(SHORT), trained.predict_proba(SHORT), atol=1e-5)
    _, probability = printed(tmp_path / "out", "Python, with LiteRT alone")
    assert float(probability) == pytest.approx(float(artefact.predict_proba([SAMPLE])[0].max()), abs=1e-5)
    card = (tmp_path / "out" / "README.md").read_text()
    assert "ids.copyOf(8)" in card
    assert "nothing is padded" not in card
    assert "A text is cut after 8 tokens;" in card
    # Longer ones are cut to 8 tokens.
    (cut,) = artefact.encode(["the film was good and the day was bad"])
    assert len(cut) == 8


@pytest.mark.parametrize("scheme", ["float16", "dynamic_int8", "static_int8", "int4"])
def test_every_scheme_has_files_of_one_length(trained, validation, tmp_path, scheme):
    recipe = Recipe(formats=("tflite",), schemes=(scheme,), length=8, max_drop=100.0)
    # One of them is longer than 8 tokens.
    calibration = [*SHORT, "the film was good and the day was bad and the cat was good"]
    export_model(trained, recipe, validation, tmp_path / "out", calibration=calibration)
    found = open_artefact(tmp_path / "out").predict_proba(SHORT)
    np.testing.assert_allclose(found, trained.predict_proba(SHORT), atol=0.15)


def test_a_file_for_the_runtime_of_2023(trained, validation, tmp_path):
    path = write(trained, tmp_path / "model.tflite", "dynamic_int8", tflite_runtime="2.14")
    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    dense = schema.BuiltinOperator.FULLY_CONNECTED
    versions = [code.version for code in model.operatorCodes if code.builtinCode == dense]
    assert versions
    assert max(versions) <= 9  # what tflite-runtime 2.14 knows
    found = open_artefact(path).predict_proba(validation.texts)
    np.testing.assert_allclose(found, trained.predict_proba(validation.texts), atol=0.1)


def test_a_saved_model(trained, validation, tmp_path, printed):
    folder = tmp_path / "out"
    recipe = Recipe(formats=("savedmodel",), schemes=("float32",), max_drop=0.0)
    export_model(trained, recipe, validation, folder, name="served")
    report = check_report(folder, ["savedmodel/1"])
    assert (folder / "savedmodel/1/saved_model.pb").is_file()
    size = sum(path.stat().st_size for path in (folder / "savedmodel").rglob("*") if path.is_file())
    assert report["files"][0]["size_bytes"] == size
    assert report["files"][0]["verdict"]["agreement"] == 1.0
    served = open_artefact(folder / "savedmodel").predict_proba([SAMPLE, *validation.texts])
    expected = trained.predict_proba([SAMPLE, *validation.texts])
    np.testing.assert_array_equal(served.argmax(axis=1), expected.argmax(axis=1))
    # There is no extra of that name, and TensorFlow is needed.
    card = (folder / "README.md").read_text()
    assert "kbert[savedmodel]" not in card
    assert "Needs neither TensorFlow" not in card
    label, probability = printed(folder, "Python, with TensorFlow alone")
    assert label == trained.labels[expected[0].argmax()]
    assert float(probability) == pytest.approx(float(expected[0].max()), abs=1e-5)
