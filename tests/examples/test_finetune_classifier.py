"""The example script runs from texts to a saved run, here on a model small enough for a test."""

import importlib.util
import shutil
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


def test_the_script_trains_predicts_and_saves(example, tiny_checkpoint, sentiment_file, tmp_path, monkeypatch) -> None:
    for split in ("train", "validation", "test"):
        shutil.copy(sentiment_file, tmp_path / f"{split}.tsv")
    monkeypatch.setattr(example, "COMMANDS", tmp_path)
    assert 0 <= example.main(str(tiny_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert TextClassifier.from_checkpoint(tmp_path / "run").labels == ("bad", "good")
