"""Down the ladder to a budget, with real files; interrupted, and without an end."""

import dataclasses
import json

import keras
import pytest

from kbert.backbone import BertBackbone
from kbert.compression import LadderError, compress
from kbert.distillation import DistillSettings
from kbert.errors import InputError
from kbert.export.runtime import open_artefact
from kbert.problems.kinds import problem_class
from kbert.tasks import TextClassifier

SETTINGS = DistillSettings(epochs=1, batch_size=8, learning_rate=5e-3)


@pytest.fixture
def data(sentiment_file):
    return problem_class("text-classification").read(sentiment_file)


@pytest.fixture(scope="module")
def run(tmp_path_factory, tiny_config, tiny_tokenizer):
    """Feed-forwards that make most of the size; random, so that nothing can be lost."""
    keras.utils.set_random_seed(7)
    config = tiny_config.replace(num_layers=2, intermediate_dim=512)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    return model.save_checkpoint(tmp_path_factory.mktemp("compression") / "run")


def kb_of(path):
    return path.stat().st_size / 1e3


def test_the_first_step_within_the_budget_is_taken(run, data, tmp_path):
    said = []
    output = tmp_path / "small"
    whole = compress(run, data, data, tmp_path / "whole", max_drop=100, target_mb=1.0)
    assert [rung.name for rung in whole.rungs] == ["whole, dynamic_int8"]
    target = whole.rungs[0].size_bytes * 0.7 / 1e6
    given = {"max_drop": 100, "target_mb": target, "settings": SETTINGS}
    result = compress(run, data, data, output, **given, say=said.append)
    last = result.rungs[result.chosen]
    assert last == result.rungs[-1]
    assert last.size_bytes / 1e6 <= target < result.rungs[-2].size_bytes / 1e6
    assert last.parameters < result.rungs[0].parameters
    artefact = open_artefact(output / "model.tflite")
    assert artefact.problem.task == "text-classification"
    assert kb_of(output / "model.tflite") == pytest.approx(last.size_bytes / 1e3)
    report = json.loads((output / "report.json").read_text())
    # The gate is against the whole model.
    assert report["files"][0]["verdict"]["full"] == pytest.approx(result.full)
    assert report["searches"]["model.tflite"]["chosen"] == result.chosen
    assert (
        "every mix tried" in (output / "report.html").read_text()
        or "every file tried" in (output / "report.html").read_text()
    )
    # The same call takes what lies there: nothing is made again.
    made = (output.parent / "small.ladder" / "rungs.json").stat().st_mtime_ns
    again = compress(run, data, data, output, **given, overwrite=True)
    assert again.rungs == result.rungs
    assert (output.parent / "small.ladder" / "rungs.json").stat().st_mtime_ns == made
    with pytest.raises(InputError, match=r"small.ladder: holds the steps of another compression: settings is not the"):
        compress(run, data, data, output, max_drop=1, target_mb=target, overwrite=True)


def test_an_interrupted_step_and_a_budget_that_no_step_reaches(run, data, tmp_path, monkeypatch):
    """Ctrl-C comes while the first student is taught; the same call goes on, to the end of the ladder."""
    from kbert.progress import StepCallback

    real = StepCallback.on_train_batch_end

    def interrupted(self, batch, logs=None):
        self.interruption.requested = True
        real(self, batch, logs)

    given = {"max_drop": 100, "target_ms": 1e-6, "settings": SETTINGS}
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(StepCallback, "on_train_batch_end", interrupted)
        compress(run, data, data, tmp_path / "out", **given)
    before = json.loads((tmp_path / "out.ladder" / "rungs.json").read_text())
    assert [rung["name"] for rung in before] == ["whole, dynamic_int8", "vocabulary of the task, dynamic_int8"]
    with pytest.raises(LadderError) as error:
        compress(run, data, data, tmp_path / "out", **given)
    rungs = error.value.rungs
    assert [dataclasses.asdict(rung) for rung in rungs[:2]] == before
    assert [rung.name.partition(",")[0] for rung in rungs[2:]] == [
        "half of the neurons pruned",
        "2 layers",
        "1 layer",
        "1 layer",
        "1 layer",
    ]
    message = str(error.value)
    assert message.startswith("no step of the ladder meets the budget (drop at most 100 points, at most 1e-06 ms); ")
    assert "latency is in the way" in message
    assert message.count(" MB, ") == 2  # the nearest two
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"^say what the file may come to: a size \(--target-mb\), a time \(--target-ms\), or both$"),
        ({"target_mb": 0}, "^target_mb must be above 0. Received: 0$"),
    ],
)
def test_what_is_no_budget(run, data, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        compress(run, data, data, tmp_path / "out", max_drop=1, **options)
