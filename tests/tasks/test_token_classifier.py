"""`TokenClassifier`: plain texts to entities, and the Hugging Face checkpoint it is saved as."""

import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import open_checkpoint
from kbert.data import read_tagged_texts
from kbert.errors import InputError
from kbert.tasks import Entity, TaggedWord, TokenClassifier

LABELS = ["O", "B-city", "I-city"]
TEXTS = ["a day was bad", "the film was good", "good day!", "was the day bad ?"]
# "day", and "film" with what follows.
SPANS = [[(2, 5, "city")], [(4, 12, "city")], [(5, 8, "city")], [(8, 11, "city")]]


def untrained(tiny_config, tiny_tokenizer) -> TokenClassifier:
    keras.utils.set_random_seed(7)
    config = tiny_config.replace(dropout=0.0, attention_dropout=0.0)
    return TokenClassifier(BertBackbone(config), LABELS, tiny_tokenizer, max_length=16)


@pytest.fixture
def model(tiny_config, tiny_tokenizer) -> TokenClassifier:
    return untrained(tiny_config, tiny_tokenizer)


@pytest.fixture(scope="module")
def trained(tiny_config, tiny_tokenizer) -> TokenClassifier:
    model = untrained(tiny_config, tiny_tokenizer)
    model.compile(keras.optimizers.Adam(5e-3), loss=TokenClassifier.loss_function())
    history = model.fit(TEXTS, SPANS, batch_size=2, epochs=40, verbose=0)
    assert history.history["loss"][-1] < 0.05
    return model


def spans(predictions) -> list[list[tuple[int, int, str]]]:
    return [[(e.start, e.end, e.label) for e in found.entities] for found in predictions]


def test_fit_learns_entities_of_texts(trained):
    predictions = trained.predict(TEXTS)
    assert spans(predictions) == SPANS
    assert predictions[1].entities == (
        Entity(text="film was", label="city", start=4, end=12, score=predictions[1].entities[0].score),
    )
    assert 0.9 < predictions[1].entities[0].score <= 1.0
    assert [word.tag for word in predictions[1].tags] == ["O", "B-city", "I-city", "O"]
    assert predictions[2].tags[-1] == TaggedWord(text="!", tag="O", start=8, end=9, score=predictions[2].tags[-1].score)


def test_a_long_text_is_read_in_windows(trained):
    text = "a day was bad . " * 40
    (found,) = trained.predict([text])
    assert [text[e.start : e.end] for e in found.entities].count("day") == 40
    assert len(found.tags) == 200


def test_nothing_to_tag(trained):
    (found,) = trained.predict([""])
    assert (found.entities, found.tags) == ((), ())
    assert trained.predict([]) == []


def test_the_loss_is_the_mean_over_first_tokens(model):
    logits = np.zeros((1, 4, 3), "float32")
    logits[0, 1] = [2.0, 0.0, 0.0]
    targets = np.asarray([[-100, 0, 1, -100]], "int32")
    expected = -(np.log(np.exp(2) / (np.exp(2) + 2)) + np.log(1 / 3)) / 2
    assert float(model.loss_function()(targets, logits)) == pytest.approx(expected, abs=1e-6)


def test_it_is_saved_as_transformers_would(trained, tmp_path):
    folder = trained.save_checkpoint(tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    assert config["architectures"] == ["BertForTokenClassification"]
    assert config["id2label"] == {"0": "O", "1": "B-city", "2": "I-city"}
    assert "problem_type" not in config
    note = json.loads((folder / "kbert.json").read_text())
    assert (note["task"], note["task_settings"]) == ("token-classification", {"scheme": "BIO", "stride": 4})
    again = TokenClassifier.from_checkpoint(folder)
    assert (again.labels, again.max_length, again.problem.scheme) == (tuple(LABELS), 16, "BIO")
    assert spans(again.predict(TEXTS)) == SPANS
    assert TokenClassifier.from_checkpoint(folder, stride=2).problem.overlap == 2
    assert not any(name.startswith("pooler") for name in open_checkpoint(folder).weights)


def test_a_keras_file_gives_the_same(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert spans(again.predict(TEXTS)) == SPANS


def test_plain_tags(tiny_config, tiny_tokenizer, tmp_path):
    path = tmp_path / "tags.conll"
    path.write_text("the\tDET\nfilm\tNOUN\n\na\tDET\nday\tNOUN\n", "utf-8")
    keras.utils.set_random_seed(7)
    model = TokenClassifier(BertBackbone(tiny_config), ["DET", "NOUN"], tiny_tokenizer)
    model.compile(keras.optimizers.Adam(5e-3), loss=model.loss_function())
    model.fit(read_tagged_texts(path), epochs=30, verbose=0)
    (found,) = model.predict(["a film"])
    assert [(word.text, word.tag) for word in found.tags] == [("a", "DET"), ("film", "NOUN")]
    assert found.entities == ()


def test_tensors_go_through(model):
    features = {name: np.array([[2, 40, 3]], "int32") for name in ("token_ids", "segment_ids", "padding_mask")}
    assert model.predict(features)["logits"].shape == (1, 3, 3)


def test_bad_input(model):
    with pytest.raises(InputError, match="expected a list of spans for each of 2 texts, got 0"):
        model.fit(["a", "b"])
    with pytest.raises(InputError, match=r"text:1: span 1 to 9 \('ay'\) must be 0 <= start < end <= 3"):
        model.fit(["day"], [[(1, 9, "city")]])
    with pytest.raises(InputError, match="text:1: label 'B-town' is unknown to the model. Expected one of: O, B-city"):
        model.fit(["day"], [[(0, 3, "town")]])
    with pytest.raises(InputError, match="expected texts with spans, got none"):
        model.fit([], [])
    with pytest.raises(InputError, match="expected a list of texts, got one string"):
        model.predict("a day")
    with pytest.raises(InputError, match="text 0 must be one string. Received: tuple"):
        model.predict([("a", "day")])
