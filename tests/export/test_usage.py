"""The code that a report shows: the Python in it runs and says what the file says."""

import dataclasses
import subprocess
import sys

import pytest

from kbert.export.runtime import open_artefact
from kbert.export.usage import SAMPLE, snippets, some_labels


@pytest.fixture(scope="module")
def shown(exported):
    _, report = exported
    report = dataclasses.replace(report, labels=("bad", "good"), max_length=16)
    return {snippet.title: snippet for snippet in snippets(report)}


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("Python, with kbert", "model.tflite"),
        ("Python, with LiteRT alone", "model.tflite"),
        ("Python, with ONNX Runtime alone", "onnx/model_quantized.onnx"),
    ],
)
def test_the_python_runs(exported, shown, title, file):
    folder, _ = exported
    command = [sys.executable, "-c", shown[title].code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    label, probability = done.stdout.split()
    model = open_artefact(folder / file)
    expected = model.predict_proba([SAMPLE])[0]
    assert label == model.labels[expected.argmax()]
    assert float(probability) == pytest.approx(float(expected.max()), abs=1e-5)


def test_names_are_filled_in(shown):
    assert 'createFromFile(context, "model.tflite")' in shown["Android, with MediaPipe"].code
    assert 'openFd("model.tflite")' in shown["Android, with LiteRT"].code
    assert '"exported", { dtype: "q8" }' in shown["Browser, with transformers.js"].code
    assert all("one of: bad, good" in snippet.code for snippet in shown.values() if snippet.language != "javascript")


def test_only_for_what_was_exported(exported):
    _, report = exported
    for format_, others in (("tflite", ("transformers.js", "ONNX")), ("onnx", ("Android", "LiteRT"))):
        files = tuple(file for file in report.files if file.format == format_)
        titles = " ".join(snippet.title for snippet in snippets(dataclasses.replace(report, files=files)))
        assert "Python, with kbert" in titles
        assert not [other for other in others if other in titles]


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("onnx/model_fp16.onnx", '{ dtype: "fp16" }'),
        ("onnx/model_q4.onnx", '{ dtype: "q4" }'),
        ("onnx/model.onnx", '{ dtype: "fp32" }'),
        # Float32 adds nothing to a name.
        ("onnx/model_mixed.onnx", '{ dtype: "fp32", model_file_name: "model_mixed" }'),
    ],
)
def test_transformers_js_finds_the_file(exported, file, options):
    _, report = exported
    named = dataclasses.replace(report.files[-1], file=file)
    (snippet,) = [s for s in snippets(dataclasses.replace(report, files=(named,))) if s.language == "javascript"]
    assert options in snippet.code


def test_many_labels_are_cut():
    assert some_labels([str(n) for n in range(77)]) == "0, 1, 2, 3, 4, 5 and 71 more"
