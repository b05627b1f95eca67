"""The example script runs from texts to a saved run, here on a model small enough for a test."""

import importlib.util
from pathlib import Path

import pytest

from kbert.tasks import TextClassifier

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "finetune_classifier.py"


@pytest.fixture
def example():
    spec = importlib.util.spec_from_file_location("finetune_classifier", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_is_short() -> None:
    lines = SCRIPT.read_text("utf-8").splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 120


def test_the_script_trains_predicts_and_saves(example, tiny_checkpoint, tmp_path, capsys) -> None:
    accuracy = example.main(str(tiny_checkpoint), "1", str(tmp_path / "run"))
    assert 0 <= accuracy <= 1
    assert "accuracy on 242 test texts: 0." in capsys.readouterr().out
    model = TextClassifier.from_checkpoint(tmp_path / "run")
    assert len(model.labels) == 15
    assert model.predict(["wake me"])[0].label in model.labels
