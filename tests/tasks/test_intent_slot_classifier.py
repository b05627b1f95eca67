"""`IntentSlotClassifier`: two heads, one loss, and the checkpoint they are saved as."""

import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import open_checkpoint
from kbert.data import read_intent_slots
from kbert.errors import InputError
from kbert.tasks import Entity, IntentSlotClassifier, IntentSlotPrediction

LABELS, INTENTS = ["O", "B-what", "I-what"], ["praise", "scorn"]
ROWS = [
    ("the film was good", "praise", [(4, 8, "what")]),
    ("a bad day", "scorn", [(6, 9, "what")]),
    ("good day !", "praise", [(5, 8, "what")]),
    ("bad . bad film", "scorn", [(10, 14, "what")]),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "data.jsonl"
    lines = [json.dumps({"text": text, "intent": intent, "slots": slots}) for text, intent, slots in ROWS]
    path.write_text("\n".join(lines), "utf-8")
    return read_intent_slots(path)


def untrained(tiny_config, tiny_tokenizer):
    keras.utils.set_random_seed(7)
    config = tiny_config.replace(dropout=0.0, attention_dropout=0.0)
    return IntentSlotClassifier(BertBackbone(config), LABELS, INTENTS, tiny_tokenizer, max_length=16)


@pytest.fixture
def model(tiny_config, tiny_tokenizer):
    return untrained(tiny_config, tiny_tokenizer)


@pytest.fixture(scope="module")
def trained(tiny_config, tiny_tokenizer, data):
    model = untrained(tiny_config, tiny_tokenizer)
    model.compile(keras.optimizers.Adam(5e-3), loss=IntentSlotClassifier.loss_functions())
    model.fit(data, batch_size=2, epochs=40, verbose=0)
    return model


def said(predictions):
    return [(p.text, p.intent, [(e.start, e.end, e.label) for e in p.entities]) for p in predictions]


def test_fit_learns_both(trained):
    predictions = trained.predict([text for text, _, _ in ROWS])
    assert said(predictions) == ROWS
    first = predictions[0]
    assert first == IntentSlotPrediction(
        text="the film was good",
        intent="praise",
        probability=first.probability,
        entities=(Entity(text="film", label="what", start=4, end=8, score=first.entities[0].score),),
    )
    assert min(first.probability, first.entities[0].score) > 0.9


def test_the_loss_is_the_sum(model):
    model.compile(loss=model.loss_functions())
    intent, slots = np.zeros((2, 2), "float32"), np.zeros((2, 3, 3), "float32")
    targets = {"intent_logits": np.asarray([0, 1]), "slot_logits": np.asarray([[-100, 0, -100], [-100, 1, 2]])}
    outputs = {"intent_logits": intent, "slot_logits": slots}
    loss = model.compute_loss(y=targets, y_pred=outputs)
    assert float(loss) == pytest.approx(np.log(2) + np.log(3), abs=1e-6)


def test_it_is_saved_and_loaded(trained, tmp_path):
    folder = trained.save_checkpoint(tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    # What transformers has a class for; it finds the slots there.
    assert (config["architectures"], config["id2label"]["1"]) == (["BertForTokenClassification"], "B-what")
    note = json.loads((folder / "kbert.json").read_text())
    settings = {"scheme": "BIO", "stride": 4, "intents": INTENTS}
    assert (note["task"], note["task_settings"]) == ("intent-slots", settings)
    assert open_checkpoint(folder).task == "intent-slots"
    again = IntentSlotClassifier.from_checkpoint(folder)
    assert (again.labels, again.intents) == (tuple(LABELS), tuple(INTENTS))
    assert said(again.predict([text for text, _, _ in ROWS])) == ROWS


def test_a_keras_file_gives_the_same(trained, tmp_path):
    trained.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert said(again.predict([text for text, _, _ in ROWS])) == ROWS


def test_an_encoder_needs_both_lists(tiny_checkpoint):
    model = IntentSlotClassifier.from_checkpoint(tiny_checkpoint, LABELS, INTENTS)
    assert (model.labels, model.intents) == (tuple(LABELS), tuple(INTENTS))
    with pytest.raises(InputError, match="expected at least two intents to tell apart, got 0: none"):
        IntentSlotClassifier.from_checkpoint(tiny_checkpoint, LABELS)
    with pytest.raises(InputError, match="has no head for intent-slots: say which labels to learn"):
        IntentSlotClassifier.from_checkpoint(tiny_checkpoint)


def test_tensors_go_through(model):
    features = {name: np.array([[2, 40, 3]], "int32") for name in ("token_ids", "segment_ids", "padding_mask")}
    outputs = model.predict(features)
    assert {name: value.shape for name, value in outputs.items()} == {
        "intent_logits": (1, 2),
        "slot_logits": (1, 3, 3),
    }
