"""Averages of runs: uniform, greedy, and what cannot be averaged."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from kbert.errors import InputError
from kbert.fine_tuning.soup import average_checkpoints
from kbert.tasks import TextClassifier


@pytest.fixture
def runs(tmp_path, tiny_config, tiny_tokenizer):
    """Three runs whose weights are all 1, all 2 and all 6; the third with other dropout."""
    from kbert.backbone import BertBackbone

    folders = []
    for value, dropout in ((1.0, 0.1), (2.0, 0.1), (6.0, 0.3)):
        backbone = BertBackbone(tiny_config.replace(dropout=dropout))
        model = TextClassifier(backbone, ["bad", "good"], tiny_tokenizer, max_length=16)
        for variable in model.named_variables().values():
            variable.assign(np.full(variable.shape, value))
        folders.append(model.save_checkpoint(tmp_path / f"run-{value:.0f}", metrics={"accuracy": 0.5}))
    return folders


def only_value(run):
    values = {float(value) for tensor in load_file(run / "model.safetensors").values() for value in np.unique(tensor)}
    assert len(values) == 1
    return values.pop()


def test_the_average_of_all_is_a_run(runs, tmp_path):
    soup = average_checkpoints(runs, tmp_path / "soup", command="kbert average")
    assert (soup.run, soup.members, soup.score) == (tmp_path / "soup", tuple(runs), None)
    assert only_value(soup.run) == 3.0
    facts = json.loads((soup.run / "kbert.json").read_text())
    assert facts.keys() == {"task", "labels", "max_length", "averaged", "command", "versions"}
    assert facts["averaged"] == [str(run) for run in runs]
    model = TextClassifier.from_checkpoint(soup.run)
    assert (model.labels, model.max_length) == (("bad", "good"), 16)
    assert len(model.predict(["the film was good"])) == 1


def test_the_greedy_soup_takes_what_does_not_harm(runs, tmp_path):
    asked = []

    def score(run):
        asked.append(only_value(run))
        return -abs(only_value(run) - 3.0)

    # Scores -2, -1, -3. From 2 on; with 1 it is 1.5, which is worse; with 6 it is 4, as good as 2 alone.
    soup = average_checkpoints(runs, tmp_path / "soup", score=score)
    assert asked == [1.0, 2.0, 6.0, 1.5, 4.0]
    assert soup.members == (runs[1], runs[2])
    assert (soup.score, soup.scores) == (-1.0, (-2.0, -1.0, -3.0))
    assert only_value(soup.run) == 4.0
    assert json.loads((soup.run / "kbert.json").read_text())["score"] == -1.0


def test_what_cannot_be_averaged_is_said(runs, tmp_path, tiny_config, tiny_tokenizer):
    from kbert.backbone import BertBackbone

    with pytest.raises(InputError, match="^expected at least two runs to average, got 1$"):
        average_checkpoints(runs[:1], tmp_path / "soup")
    with pytest.raises(InputError, match="expected a run directory, found no kbert.json and model.safetensors"):
        average_checkpoints([runs[0], tmp_path], tmp_path / "soup")
    other = TextClassifier(BertBackbone(tiny_config), ["good", "bad"], tiny_tokenizer, max_length=16)
    swapped = other.save_checkpoint(tmp_path / "swapped")
    message = r"swapped: cannot be averaged with .*run-1, labels is not the same: expected \['bad', 'good'\], got \['go"
    with pytest.raises(InputError, match=message):
        average_checkpoints([runs[0], swapped], tmp_path / "soup")
    deeper = TextClassifier(BertBackbone(tiny_config.replace(num_layers=3)), ["bad", "good"], tiny_tokenizer, 16)
    deep = deeper.save_checkpoint(tmp_path / "deep")
    with pytest.raises(InputError, match="num_layers is not the same: expected 2, got 3"):
        average_checkpoints([runs[0], deep], tmp_path / "soup")
    with pytest.raises(InputError, match="holds something already"):
        average_checkpoints(runs, runs[0])
    assert not (tmp_path / "soup").exists()


def test_the_command(runs, tmp_path, sentiment_file, capsys):
    from kbert.cli.main import main

    with pytest.raises(SystemExit) as ended:
        main(["average", *map(str, runs), "--output", str(tmp_path / "soup")])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'soup'}: the average of {runs[0]}, {runs[1]}, {runs[2]}")
    assert only_value(tmp_path / "soup") == 3.0
    arguments = ["--output", str(tmp_path / "greedy"), "--validation", str(sentiment_file)]
    with pytest.raises(SystemExit) as ended:
        main(["average", *map(str, runs), *arguments])
    assert ended.value.code == 0
    captured = capsys.readouterr()
    # Equal weights give both labels the same probability, so all are as good: half of the texts are bad.
    assert captured.out.rstrip().endswith("accuracy 0.5000")
    assert f"{runs[2]}: accuracy 0.5000" in captured.err
