"""The example of a tagger runs from texts to a saved run, here on a model small enough for a test."""

import pytest

from kbert.data import read_intent_slots
from kbert.tasks import TokenClassifier

LABELS = ["person", "place", "song", "thing", "time"]


@pytest.fixture
def example(load_example):
    return load_example("find_slots")


def test_the_data(example) -> None:
    train, test = (read_intent_slots(example.REQUESTS / f"{split}.jsonl") for split in ("train", "test"))
    assert train.intent_set() == test.intent_set() == ["message", "music", "remind", "weather"]
    assert list(train.label_counts()) == list(test.label_counts()) == LABELS
    assert not set(train.texts) & set(test.texts)
    assert train.warnings == test.warnings == ()


def test_the_script_trains_predicts_and_saves(example, shallow_checkpoint, tmp_path, monkeypatch) -> None:
    for split in ("train", "test"):
        lines = (example.REQUESTS / f"{split}.jsonl").read_text("utf-8").splitlines()[:6]
        (tmp_path / f"{split}.jsonl").write_text("\n".join(lines), "utf-8")
    monkeypatch.setattr(example, "REQUESTS", tmp_path)
    assert 0 <= example.main(str(shallow_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert TokenClassifier.from_checkpoint(tmp_path / "run").labels[0] == "O"
