"""A search over a function with a known best place: resumed, failed, and shown. No model is trained."""

import dataclasses
import json
import math

import pytest
from rich.console import Console

from kbert.errors import InputError
from kbert.fine_tuning.search import Range, search_settings
from kbert.fine_tuning.search_report import draw_search, settings_table
from kbert.finetune_settings import FinetuneSettings

BASE = FinetuneSettings(metric="accuracy", learning_rate=2e-5, epochs=3)
SPACE = {"learning_rate": Range(low=1e-5, high=1e-3, log=True), "epochs": Range(low=1, high=4, whole=True)}


def score_of(settings):
    """Highest, 1, at a learning rate of 2e-4; an epoch adds nothing."""
    return 1.0 - 0.25 * abs(math.log10(settings.learning_rate / 2e-4))


class Trainings:
    """What was asked for, in order; `stop_at` interrupts that call."""

    def __init__(self, stop_at=None):
        self.settings, self.folders, self.stop_at = [], [], stop_at

    def __call__(self, settings, folder):
        if len(self.settings) == self.stop_at:
            raise KeyboardInterrupt
        self.settings.append(settings)
        self.folders.append(folder)
        return score_of(settings)


def test_the_best_of_many_is_found_and_the_first_is_the_base(tmp_path):
    trainings, said = Trainings(), []
    result = search_settings(trainings, BASE, 12, tmp_path / "found", space=SPACE, say=said.append)
    assert trainings.settings[0] == BASE
    assert [folder.name for folder in trainings.folders] == [f"trial-{i:02d}" for i in range(12)]
    assert len({settings.learning_rate for settings in trainings.settings}) == 12
    assert all(1e-5 <= settings.learning_rate <= 1e-3 for settings in trainings.settings)
    assert all(isinstance(settings.epochs, int) and 1 <= settings.epochs <= 4 for settings in trainings.settings)
    # What the search does not vary is as it was.
    assert all(
        dataclasses.replace(settings, learning_rate=BASE.learning_rate, epochs=BASE.epochs) == BASE
        for settings in trainings.settings
    )
    scores = [score_of(settings) for settings in trainings.settings]
    assert [trial.score for trial in result.trials] == scores
    assert (result.best.score, result.best.number) == (max(scores), scores.index(max(scores)))
    assert result.settings == trainings.settings[result.best.number]
    # A step of a quarter for each order of magnitude: within a factor of 1.6 of the best place.
    assert result.best.score > 0.95
    assert said[0] == "trial 0: accuracy 0.7500 (learning_rate 2e-05, epochs 3)"
    assert len(said) == 12


def test_the_seed_decides(tmp_path):
    def tried(seed, name):
        trainings = Trainings()
        search_settings(trainings, BASE, 4, tmp_path / name, space=SPACE, seed=seed)
        return [settings.learning_rate for settings in trainings.settings]

    first = tried(0, "a")
    assert first == tried(0, "b")
    assert first != tried(1, "c")


def test_an_interrupted_search_goes_on_and_a_finished_one_to_more(tmp_path, capsys):
    straight = Trainings()
    search_settings(straight, BASE, 5, tmp_path / "straight", space=SPACE)
    first, second, third = Trainings(stop_at=3), Trainings(), Trainings()
    with pytest.raises(KeyboardInterrupt):
        search_settings(first, BASE, 5, tmp_path / "found", space=SPACE)
    result = search_settings(second, BASE, 5, tmp_path / "found", space=SPACE)
    assert [folder.name for folder in second.folders] == ["trial-03", "trial-04"]
    assert first.settings + second.settings == straight.settings
    assert len(result.trials) == 5
    longer = search_settings(third, BASE, 11, tmp_path / "found", space=SPACE)
    assert [folder.name for folder in third.folders] == [f"trial-{i:02d}" for i in range(5, 11)]
    assert [trial.number for trial in longer.trials] == list(range(11))
    assert capsys.readouterr().out == ""


def test_another_search_in_the_folder_is_refused(tmp_path):
    search_settings(Trainings(), BASE, 1, tmp_path, space=SPACE, identity={"train": "a"})
    with pytest.raises(InputError, match="holds a search with another train: it was a, got b. Choose another folder"):
        search_settings(Trainings(), BASE, 2, tmp_path, space=SPACE, identity={"train": "b"})
    other = dataclasses.replace(BASE, batch_size=8)
    with pytest.raises(InputError, match="holds a search with another base"):
        search_settings(Trainings(), other, 2, tmp_path, space=SPACE, identity={"train": "a"})


def test_a_training_that_diverges_is_a_failed_trial(tmp_path):
    def train_once(settings, folder):
        if folder.name == "trial-01":
            raise InputError("step 3: the loss is nan; start again with a smaller --learning-rate")
        return 0.5

    result = search_settings(train_once, BASE, 3, tmp_path / "some", space=SPACE)
    assert [trial.score for trial in result.trials] == [0.5, None, 0.5]
    assert result.trials[1].error == "step 3: the loss is nan; start again with a smaller --learning-rate"
    assert result.best.number == 0

    def never(settings, folder):
        raise InputError("train.tsv: nothing there")

    with pytest.raises(InputError, match="every trial failed, the last one with: train.tsv: nothing there$"):
        search_settings(never, BASE, 2, tmp_path / "none", space=SPACE)


def test_a_defect_ends_the_search(tmp_path):
    def train_once(settings, folder):
        raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError, match="^a defect$"):
        search_settings(train_once, BASE, 3, tmp_path, space=SPACE)


def test_the_default_space_is_widened_to_the_base(tmp_path):
    base = dataclasses.replace(BASE, learning_rate=1e-3, epochs=20)
    search_settings(Trainings(), base, 1, tmp_path)
    space = json.loads((tmp_path / "search.json").read_text())["space"]
    assert space["learning_rate"] == {"low": 1e-5, "high": 1e-3, "log": True, "whole": False}
    assert (space["epochs"]["low"], space["epochs"]["high"]) == (2, 20)
    assert (space["dropout"]["low"], space["dropout"]["high"]) == (0.0, 0.3)


def test_what_is_no_setting_cannot_be_searched(tmp_path):
    with pytest.raises(InputError, match="^expected settings to search, got depth$"):
        search_settings(Trainings(), BASE, 1, tmp_path, space={"depth": Range(low=1, high=2)})
    with pytest.raises(InputError, match="^trials must be at least 1. Received: 0$"):
        search_settings(Trainings(), BASE, 0, tmp_path)


def test_the_table_and_the_picture(tmp_path):
    result = search_settings(Trainings(), BASE, 3, tmp_path / "found", space=SPACE)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(settings_table(result))
    lines = captured.get().splitlines()
    assert [line.split()[1] for line in lines if "→" in line] == ["→"]
    assert "search for settings, 3 trials" in captured.get()
    assert f"{result.best.score:.4f}" in next(line for line in lines if "→" in line)
    assert draw_search(result, tmp_path / "search.png")
    assert (tmp_path / "search.png").read_bytes().startswith(b"\x89PNG")
