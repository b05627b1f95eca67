"""The options through `finetune` itself: what is trained, saved and resumed with them."""

import dataclasses
import json

import numpy as np
import pytest

from kbert.checkpoints import open_checkpoint
from kbert.data import read_labelled_texts
from kbert.errors import InputError
from kbert.evaluation import evaluate
from kbert.fine_tuning.search_finetune import search_finetune
from kbert.models import open_model
from kbert.training import FinetuneSettings, finetune

SETTINGS = FinetuneSettings(epochs=1, learning_rate=5e-3, batch_size=8, max_length=16, seed=1)
# Each by itself changes what is learned.
OPTIONS = [
    {"layer_decay": 0.5},
    {"freeze": "embeddings"},
    {"label_smoothing": 0.2},
    {"class_weights": (1.0, 3.0)},
    {"focal_gamma": 2.0},
    {"r_drop": 1.0},
    {"adversarial": 0.5},
    {"reinitialize_layers": 1},
    {"ema": 0.5},
]


@pytest.fixture
def data(sentiment_file):
    return read_labelled_texts(sentiment_file)


@pytest.fixture(scope="module")
def checkpoint(make_checkpoint):
    return make_checkpoint(1)


def weights_of(run) -> dict[str, np.ndarray]:
    return dict(open_checkpoint(run).weights)


@pytest.fixture(scope="module")
def plain(checkpoint, tmp_path_factory, write_sentiment):
    folder = tmp_path_factory.mktemp("plain")
    data = read_labelled_texts(write_sentiment(folder))
    return weights_of(finetune(checkpoint, data, folder / "run", SETTINGS).run)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: next(iter(options)))
def test_an_option_changes_what_is_learned(checkpoint, data, tmp_path, plain, options):
    settings = dataclasses.replace(SETTINGS, **options)
    result = finetune(checkpoint, data, tmp_path / "run", settings, validation=data)
    weights = weights_of(result.run)
    assert weights.keys() == plain.keys()
    assert any(not np.array_equal(weights[name], plain[name]) for name in weights)
    noted = json.loads((result.run / "kbert.json").read_text())["settings"]
    (name,) = options
    assert noted[name] == (list(options[name]) if name == "class_weights" else options[name])
    # What was validated is what was saved: under the moving average too.
    assert evaluate(open_model(result.run), data).metrics["accuracy"] == pytest.approx(result.metrics["accuracy"])


def test_frozen_layers_stay_as_they_are(tiny_checkpoint, data, tmp_path):
    start = weights_of(tiny_checkpoint)
    run = finetune(tiny_checkpoint, data, tmp_path / "run", dataclasses.replace(SETTINGS, freeze=1)).run
    for name, value in weights_of(run).items():
        frozen = name.startswith(("embeddings.", "layers.0."))
        # The compact vocabulary must not decay the rows that it left out, where the table does not learn.
        assert np.array_equal(value, start[name]) == frozen if name in start else not frozen, name


def test_options_of_labels_need_labels(tiny_checkpoint, tmp_path):
    path = tmp_path / "scores.tsv"
    path.write_text("text\tscore\n" + "".join(f"the film {i}\t{i}\n" for i in range(8)), "utf-8")
    from kbert.data.readers import read_scored_texts

    settings = dataclasses.replace(SETTINGS, focal_gamma=2.0)
    with pytest.raises(InputError, match=r"^label_smoothing, class_weights and focal_gamma are for tasks with labels"):
        finetune(tiny_checkpoint, read_scored_texts(path), tmp_path / "run", settings, task="regression")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_weights": (1.0, 2.0, 3.0)}, "class_weights must be one for each of the 2 labels. Received: 3"),
        ({"freeze": 9}, "freeze must be at most 2, the layers of the encoder. Received: 9"),
    ],
)
def test_options_that_do_not_fit_the_model(tiny_checkpoint, data, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        finetune(tiny_checkpoint, data, tmp_path / "run", dataclasses.replace(SETTINGS, **options))
    assert not (tmp_path / "run" / "model.safetensors").exists()


def test_the_best_trial_of_a_search_becomes_the_run(checkpoint, data, tmp_path):
    pytest.importorskip("keras_tuner")
    said: list[str] = []

    def search(trials: int):
        return search_finetune(
            checkpoint, data, tmp_path / "run", SETTINGS, trials, validation=data, overwrite=True, say=said.append
        )

    first = search(1)
    found = search(2)
    # The first trial is not trained again.
    assert [line.split(":")[0] for line in said] == ["trial 0", "trial 1"]
    assert found.trials[0].score == first.trials[0].score
    assert found.best.score == max(trial.score for trial in found.trials)
    run, best = weights_of(tmp_path / "run"), weights_of(found.best.folder)
    assert all(np.array_equal(run[name], best[name]) for name in best)
    assert (tmp_path / "run" / "search.png").is_file()


def test_a_search_needs_validation_data(tiny_checkpoint, data, tmp_path):
    with pytest.raises(InputError, match="^a search needs validation data to tell the better settings"):
        search_finetune(tiny_checkpoint, data, tmp_path / "run", SETTINGS, 2, validation=None)
