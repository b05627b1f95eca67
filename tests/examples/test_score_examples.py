"""The example scripts for sets of labels and for scores run from texts to a saved run, on a model small enough."""

from pathlib import Path

import pytest

from kbert.tasks import TextClassifier

FOLDER = Path(__file__).resolve().parents[2] / "examples"
LABELS = ("bedroom", "heating", "kitchen", "light", "music", "off", "on")


@pytest.mark.parametrize(
    ("name", "task", "labels"),
    [("finetune_multi_label", "multi-label", LABELS), ("finetune_regression", "regression", ("score",))],
)
def test_a_script(name, task, labels, load_example, shallow_checkpoint, tmp_path, monkeypatch, capsys):
    module = load_example(name)
    # The tiny model has 32 positions.
    given = module.FinetuneSettings
    monkeypatch.setattr(module, "FinetuneSettings", lambda **settings: given(**{**settings, "max_length": 32}))
    assert -1 <= module.main(str(shallow_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert "test" in capsys.readouterr().out
    model = TextClassifier.from_checkpoint(tmp_path / "run")
    assert (model.problem.task, model.labels) == (task, labels)


@pytest.mark.parametrize("folder", ["requests", "alike"])
def test_no_row_of_the_test_is_learned(folder):
    train, test = ((FOLDER / folder / f"{split}.tsv").read_text("utf-8").splitlines() for split in ("train", "test"))
    assert train[0] == test[0]
    assert len(train) == 111
    assert len(test) > 30
    assert not {row.lower() for row in train[1:]} & {row.lower() for row in test[1:]}
