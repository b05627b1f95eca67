"""Sets of labels, scores and pairs of texts: from data to files that answer as the full model does."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from kbert.data.column_names import ColumnNames
from kbert.errors import InputError
from kbert.export import Recipe, export_model, open_artefact
from kbert.export.check.artefact import check_artefact
from kbert.export.inspect import inspect_artefact
from kbert.export.metadata import read_metadata
from kbert.export.usage import SAMPLE, snippets
from kbert.export.usage_parts import SECOND_SAMPLE
from kbert.problems.kinds import problem_class
from kbert.tasks import TextClassifier
from kbert.training import FinetuneSettings, finetune

SETTINGS = FinetuneSettings(epochs=20, learning_rate=1e-2, batch_size=12, max_length=24, dropout=0.0)
FILES = ("model.tflite", "model_float32.tflite", "onnx/model.onnx", "onnx/model_quantized.onnx")
WORDS = [*itertools.product(("film", "day", "game"), ("good", "bad"), ("", " .", " !"))]


def multi_label():
    """The labels are words of the text, or none."""
    yield "text", "labels"
    for thing, kind, end in WORDS:
        yield f"the {thing} was {kind}{end}", ",".join(sorted({thing, kind} & {"film", "good"}))


def regression():
    """What is good in the second text weighs twice what is good in the first."""
    yield "text", "text_b", "score"
    for (thing, kind, end), (_, other, _) in itertools.product(WORDS[::3], WORDS[::3]):
        yield f"the {thing} was {kind}{end}", f"a {other} day", str(10 + (kind == "good") + 2 * (other == "good"))


def pairs():
    """The label is a word of the second text: without segments nobody knows which that is."""
    yield "text", "text_b", "label"
    for (thing, kind, end), (_, other, _) in itertools.product(WORDS[::3], WORDS[::3]):
        yield f"the {thing} was {kind}{end}", f"the {thing} was {other}", other


KINDS = {"multi-label": (multi_label, "multi-label"), "regression": (regression, "regression")}
KINDS["pairs"] = (pairs, "text-classification")


@pytest.fixture(scope="module", params=KINDS)
def made(request, tmp_path_factory, tiny_config, tiny_tokenizer):
    """Kind, full model, data, export directory, its report."""
    import keras

    from kbert.backbone import BertBackbone

    keras.utils.set_random_seed(7)
    folder = tmp_path_factory.mktemp(request.param)
    BertBackbone(tiny_config.replace(num_layers=1)).save_checkpoint(folder / "checkpoint", tokenizer=tiny_tokenizer)
    rows, task = KINDS[request.param]
    (folder / "data.tsv").write_text("".join("\t".join(row) + "\n" for row in rows()), "utf-8")
    data = problem_class(task).read(folder / "data.tsv", ColumnNames())
    finetune(folder / "checkpoint", data, folder / "run", SETTINGS, task=task, validation=data)
    model = TextClassifier.from_checkpoint(folder / "run")
    recipe = Recipe(schemes=("dynamic_int8", "float32"), max_drop=2.0)
    report = export_model(model, recipe, data, folder / "exported", calibration=data.inputs, name="tiny")
    return request.param, model, data, folder / "exported", report


def test_the_task_is_learned(made):
    kind, model, data, _, report = made
    scores = model.problem.score(model.answer(data.inputs), data)
    assert scores[model.problem.main_metric] > 0.99
    assert report.files[0].verdict.metric == {"multi-label": "micro_f1", "regression": "pearson"}.get(kind, "accuracy")
    assert report.pairs == (kind != "multi-label")


@pytest.mark.parametrize("name", FILES)
def test_files_answer_as_the_full_model(made, name):
    _, model, data, folder, _ = made
    artefact = open_artefact(folder / name)
    assert artefact.problem.settings() == model.problem.settings()
    full, answers = np.array(model.answer(data.inputs)), np.array(artefact.answer(data.inputs))
    # Float32 sums in another order; 8 bits shift a score of a range of 3 by some hundredths.
    np.testing.assert_allclose(answers, full, atol=2e-4 if "float32" in name or name.endswith("model.onnx") else 0.15)
    assert artefact.problem.score(list(answers), data)[artefact.problem.main_metric] > 0.98


def test_the_second_text_is_told_from_the_first(made):
    kind, _, data, folder, _ = made
    if kind == "multi-label":
        assert isinstance(data.inputs[0], str)
        return
    second = "the film was" if kind == "pairs" else "a"
    end = "" if kind == "pairs" else " day"
    swapped = [(f"the film was {one}", f"{second} {other}{end}") for one, other in (("good", "bad"), ("bad", "good"))]
    assert set(swapped) <= set(data.inputs)
    for name in FILES:
        artefact = open_artefact(folder / name)
        assert not artefact.problem.same(*artefact.answer(swapped))


def test_names_and_shapes(made):
    kind, model, _, folder, _ = made
    width = len(model.labels)
    metadata = read_metadata((folder / "model.tflite").read_bytes())
    assert metadata.output_names == (("score",) if kind == "regression" else ("probability",))
    inspected = [inspect_artefact(folder / name)["outputs"] for name in ("model.tflite", "onnx/model.onnx")]
    assert inspected[0][0]["shape"] == [1, width]
    assert inspected[1] == [{"name": "logits", "dtype": "float", "shape": ["batch_size", width]}]


def test_who_takes_the_files(made):
    kind, _, _, folder, _ = made
    verdicts = {verdict.runtime: verdict for verdict in check_artefact(folder / "model.tflite")}
    assert verdicts["litert"].accepted
    assert verdicts["mediapipe"].accepted == (kind != "regression")
    browser = {verdict.runtime: verdict for verdict in check_artefact(folder / "onnx/model.onnx")}["transformers.js"]
    assert browser.accepted == (kind != "regression")
    if kind == "regression":
        assert verdicts["mediapipe"].reasons == (
            "its TextClassifier gives probabilities of labels, the model is for regression",
        )
        assert browser.reasons == ("it has no pipeline that reads the answers of regression",)


def test_what_the_report_says(made):
    kind, _, data, folder, report = made
    card, page = ((folder / name).read_text("utf-8") for name in ("README.md", "report.html"))
    tried = f"exported by kbert and tried, file by file, on {len(data)}"
    said = {
        "multi-label": [
            f"A BERT classifier of texts with 2 labels, any number of them at once, {tried} texts of",
            "Labels: film, good.",
            "Agreement: sets of labels equal to the full model's.",
            "MediaPipe cuts none.",
        ],
        "regression": [
            f"A BERT model that gives a score to pairs of texts, {tried} pairs of",
            "Agreement: scores (to 1 % of their range) equal to the full model's.",
            "MediaPipe's TextClassifier cannot use the TFLite files: it takes single texts.",
        ],
        "pairs": [
            f"A BERT classifier of pairs of texts with 2 labels, {tried} pairs of",
            "MediaPipe's TextClassifier cannot use the TFLite files: it takes single texts.",
        ],
    }[kind]
    for words in said:
        assert words in card
    assert ("Probabilities are those" in page) == (kind != "regression")
    assert ("of its labels are" in page) == (kind == "pairs")
    assert ("one changed label" in card) == (kind == "pairs")
    assert ("`task.json`" in card) == (folder / "task.json").is_file() == (kind != "pairs")
    titles = " ".join(snippet.title for snippet in snippets(report))
    assert ("MediaPipe" in titles) == ("transformers.js" in titles) == (kind == "multi-label")


@pytest.mark.parametrize(
    "title", ["Python, with kbert", "Python, with LiteRT alone", "Python, with ONNX Runtime alone"]
)
def test_the_python_that_the_report_shows_runs(made, title):
    kind, _, _, folder, report = made
    (code,) = [snippet.code for snippet in snippets(report) if snippet.title == title]
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    file = "onnx/model_quantized.onnx" if "ONNX" in title else "model.tflite"
    artefact = open_artefact(folder / file)
    given = SAMPLE if kind == "multi-label" else (SAMPLE, SECOND_SAMPLE)
    (answer,) = artefact.answer([given])
    if kind == "pairs":
        label, probability = done.stdout.split()
        assert label == artefact.problem.say(answer)
        assert float(probability) == pytest.approx(float(answer.max()), abs=1e-5)
    elif title == "Python, with kbert":
        assert done.stdout.strip() == str(artefact.problem.to_dict(given, answer))
    elif kind == "multi-label":
        said = artefact.problem.say(answer)
        assert done.stdout.strip() == str([] if said == "none" else said.split(", "))
    else:
        assert float(done.stdout) == pytest.approx(float(answer[0]), abs=1e-5)


def test_a_saved_model_is_refused_before_anything_is_done(made, tmp_path):
    kind, model, data, _, _ = made
    got = "pairs of texts" if kind == "pairs" else kind
    message = f"expected text-classification of single texts, got {got}. Export to TFLite or ONNX"
    with pytest.raises(InputError, match=message):
        export_model(model, Recipe(formats=("savedmodel",), schemes=("float32",)), data, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_mix_for_a_budget_is_found(made, tmp_path):
    _, model, data, folder, _ = made
    size = (folder / "model.tflite").stat().st_size / 1e6
    recipe = Recipe(formats=("tflite",), target_mb=2 * size, max_drop=5.0)
    report = export_model(model, recipe, data, tmp_path / "out", calibration=data.inputs)
    assert report.passed
    found = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert found["pairs"] == report.pairs
