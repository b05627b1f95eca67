"""Down the ladder to a budget, with real files; interrupted, and without an end."""

import dataclasses
import json
import shutil

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


@pytest.fixture(scope="module")
def data(write_sentiment, tmp_path_factory):
    return problem_class("text-classification").read(write_sentiment(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def run(tmp_path_factory, tiny_config, tiny_tokenizer):
    """Feed-forwards that make most of the size; random, so that nothing can be lost."""
    keras.utils.set_random_seed(7)
    config = tiny_config.replace(num_layers=2, intermediate_dim=512)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    return model.save_checkpoint(tmp_path_factory.mktemp("compression") / "run")


@pytest.fixture(scope="module")
def whole_ladder(run, data, tmp_path_factory, interrupt_after):
    """The steps before Ctrl-C, which comes while the pruned run is trained; the error at the end; and the folder.

    No step reaches the budget of the two calls.
    """
    output = tmp_path_factory.mktemp("whole") / "out"
    given = {"max_drop": 100, "target_ms": 1e-6, "settings": SETTINGS}
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        interrupt_after(patch, 1)
        compress(run, data, data, output, **given)
    folder = output.with_name("out.ladder")
    before = json.loads((folder / "rungs.json").read_text())
    with pytest.raises(LadderError) as error:
        compress(run, data, data, output, **given)
    assert not output.exists()
    return before, error.value, folder


def kb_of(path):
    return path.stat().st_size / 1e3


def test_the_first_step_within_the_budget_is_taken(run, data, whole_ladder, tmp_path):
    """What another budget had made of the same run is of use; the steps to 4 bits, which a size needs, are made."""
    said = []
    output = tmp_path / "small"
    _, error, folder = whole_ladder
    shutil.copytree(folder, tmp_path / "small.ladder")
    target = error.rungs[0].size_bytes * 0.7 / 1e6
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


def test_an_interrupted_step_and_a_budget_that_no_step_reaches(whole_ladder):
    """The same call went on, to the end of the ladder."""
    before, error, _ = whole_ladder
    assert [rung["name"] for rung in before] == ["whole, dynamic_int8", "vocabulary of the task, dynamic_int8"]
    rungs = error.rungs
    assert [dataclasses.asdict(rung) for rung in rungs[:2]] == before
    assert [rung.name.partition(",")[0] for rung in rungs[2:]] == [
        "half of the neurons pruned",
        "2 layers",
        "1 layer",
        "1 layer",
        "1 layer",
    ]
    message = str(error)
    assert message.startswith("no step of the ladder meets the budget (drop at most 100 points, at most 1e-06 ms); ")
    assert "latency is in the way" in message
    assert message.count(" MB, ") == 2  # the nearest two


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
