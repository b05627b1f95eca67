"""The example script runs from texts to a saved run, here on a model small enough for a test."""

import shutil

import pytest

from kbert.tasks import TextClassifier


@pytest.fixture
def example(load_example):
    return load_example("finetune_classifier")


def test_the_script_trains_predicts_and_saves(
    example, shallow_checkpoint, sentiment_file, tmp_path, monkeypatch
) -> None:
    for split in ("train", "validation", "test"):
        shutil.copy(sentiment_file, tmp_path / f"{split}.tsv")
    monkeypatch.setattr(example, "COMMANDS", tmp_path)
    assert 0 <= example.main(str(shallow_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert TextClassifier.from_checkpoint(tmp_path / "run").labels == ("bad", "good")
