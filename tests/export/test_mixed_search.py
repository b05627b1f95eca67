"""A budget given to an export: the file that the search leaves, and what happens where none meets it."""

import dataclasses
import json

import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.cli.main import main
from kbert.export import Recipe, export_model, open_artefact
from kbert.export.search import BudgetError
from kbert.tasks import TextClassifier

GROUPS = {
    "embeddings",
    "positions",
    "layer 0 attention",
    "layer 0 feed-forward",
    "layer 1 attention",
    "layer 1 feed-forward",
    "head",
}
TARGET_MB = 0.095


@pytest.fixture(scope="module")
def wide(tiny_config, tiny_tokenizer):
    """A classifier of random weights, wide enough that every group has weights to round."""
    import keras

    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, hidden_dim=64, intermediate_dim=128)
    return TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)


@pytest.fixture(scope="module")
def answers(wide, validation):
    """The texts with the labels that the model itself gives them: it gets all of them right."""
    best = wide.predict_proba(validation.texts).argmax(axis=1)
    assert len(set(best)) == 2
    return dataclasses.replace(validation, labels=[wide.labels[i] for i in best])


@pytest.fixture(scope="module")
def searched(wide, answers, tmp_path_factory):
    """An export to a size between those of all 8 bits, 0.109 MB, and all 4, its report, and all that was said."""
    folder = tmp_path_factory.mktemp("search") / "out"
    said: list[str] = []
    recipe = Recipe(formats=("tflite",), target_mb=TARGET_MB, max_drop=100.0)
    return folder, export_model(wide, recipe, answers, folder, say=said.append), said


def test_the_file_meets_the_budget_and_predicts(searched, wide, answers):
    folder, report, _ = searched
    assert [(file.file, file.scheme) for file in report.files] == [("model.tflite", "mixed")]
    size = (folder / "model.tflite").stat().st_size
    assert report.files[0].size_bytes == size
    assert size <= TARGET_MB * 1e6
    artefact = open_artefact(folder)
    assert artefact.facts.scheme == "mixed"
    np.testing.assert_allclose(artefact.predict_proba(answers.texts), wide.predict_proba(answers.texts), atol=0.15)


def test_the_report_says_what_was_tried(searched):
    folder, report, said = searched
    search = report.searches["model.tflite"]
    assert {entry.group for entry in search.sensitivities} == GROUPS
    chosen = search.candidates[search.chosen]
    assert set(chosen.formats) == GROUPS
    assert {"int8"} < set(chosen.formats.values())
    # The chosen mix is what lies there, and what the gate saw.
    assert chosen.size_bytes == report.files[0].size_bytes
    assert chosen.drop_points == report.files[0].verdict.drop_points
    assert chosen.shift == report.files[0].verdict.mean_shift
    assert set(search.candidates[0].formats.values()) == {"int8"}
    assert search.candidates[0].size_bytes > TARGET_MB * 1e6
    assert all(candidate.latency_ms > 0 for candidate in search.candidates)
    written = json.loads((folder / "report.json").read_text())["searches"]["model.tflite"]
    assert written["chosen"] == search.chosen
    assert written["candidates"][search.chosen]["formats"] == chosen.formats
    assert any("kbert evaluate the file on texts" in note for note in report.notes)
    assert "sensitivity of head at int4/32" in said
    assert f"file {len(search.candidates)} of the search: running the validation texts" in said


def test_a_model_with_one_group_to_round(trained, validation, tmp_path):
    """Only the embeddings of a model this narrow have enough weights, and 8 bits of them meet the budget at once."""
    report = export_model(trained, Recipe(formats=("tflite",), target_mb=1.0), validation, tmp_path / "out")
    search = report.searches["model.tflite"]
    assert [dict(candidate.formats) for candidate in search.candidates] == [{"embeddings": "int8"}]
    assert {entry.group for entry in search.sensitivities} == {"embeddings"}
    assert open_artefact(tmp_path / "out").predict_proba(validation.texts[:1]).argmax() == 1


def test_a_budget_that_nothing_meets_leaves_nothing(trained, validation, tmp_path):
    recipe = Recipe(formats=("tflite",), target_mb=0.001)
    with pytest.raises(BudgetError, match="size is in the way: the smallest file has 0") as refused:
        export_model(trained, recipe, validation, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    assert [dict(candidate.formats) for candidate in refused.value.report.candidates][1:] == [{"embeddings": "int4/64"}]


def test_the_command_says_so_and_exits_with_3(trained, validation, tmp_path, capsys):
    trained.save_checkpoint(tmp_path / "run")
    arguments = ["export", tmp_path / "run", "--target-mb", 0.001, "--validation", validation.path]
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in [*arguments, "--output", tmp_path / "out"]])
    out, err = capsys.readouterr()
    assert stopped.value.code == 3
    assert "Traceback" not in out + err
    message = err[err.index("refused: ") :].splitlines()
    assert message[0] == "refused: nothing was put in place"
    assert len(message) == 2
    assert message[1].startswith(
        "no mix of formats meets the budget (drop at most 0.5 points, at most 0.001 MB); size is in the way"
    )
    # Every file that was tried, the nearest marked.
    assert "1 int8" in out
    assert "→" in next(line for line in out.splitlines() if "1 int4/64" in line)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
