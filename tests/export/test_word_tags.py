"""Taggers through both formats: the files of an export, their gate, and answers equal to the Keras model's."""

import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.data import read_intent_slots, read_tagged_texts
from kbert.data.words import SplitText
from kbert.errors import GateError
from kbert.export import Recipe, export_model, open_artefact
from kbert.optimizer import make_optimizer
from kbert.tasks import IntentSlotClassifier, TokenClassifier

MODELS = ["model_float32.tflite", "model.tflite", "onnx/model.onnx", "onnx/model_quantized.onnx"]
SUBJECTS = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]
TEXTS = ["the film was good", "", "a good day, a bad film!", "the cat was bad . " * 20]


@pytest.fixture(scope="module")
def rows():
    found = []
    for subject in SUBJECTS:
        for word, intent in (("good", "praise"), ("bad", "scorn")):
            text = f"the {subject} was {word}"
            found.append(
                {
                    "text": text,
                    "intent": intent,
                    "slots": [[4, 4 + len(subject), "what"], [4 + len(subject) + 5, len(text), "how"]],
                }
            )
    return found


def write(folder, rows):
    path = folder / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def train(model, data):
    optimizer = make_optimizer(learning_rate=5e-3, total_steps=120, warmup_steps=12)
    model.compile(optimizer, loss=model.default_loss())
    model.fit(data, batch_size=10, epochs=60, verbose=0)
    return model


@pytest.fixture(scope="module")
def config(tiny_config):
    return tiny_config.replace(dropout=0.0, attention_dropout=0.0)


@pytest.fixture(scope="module")
def tagger(config, tiny_tokenizer, rows, tmp_path_factory):
    """A trained tagger, its data, and the folder of its export."""
    keras.utils.set_random_seed(3)
    data = read_tagged_texts(write(tmp_path_factory.mktemp("data"), rows))
    model = train(TokenClassifier(BertBackbone(config), data.label_set(), tiny_tokenizer, max_length=16), data)
    folder = tmp_path_factory.mktemp("export") / "out"
    recipe = Recipe(schemes=("dynamic_int8", "float32"), max_drop=0.0)
    return model, data, folder, export_model(model, recipe, data, folder)


@pytest.fixture(scope="module")
def joint(config, tiny_tokenizer, rows, tmp_path_factory):
    """The same of a model of intents and slots."""
    keras.utils.set_random_seed(3)
    data = read_intent_slots(write(tmp_path_factory.mktemp("data"), rows))
    backbone = BertBackbone(config)
    model = IntentSlotClassifier(backbone, data.label_set(), data.intent_set(), tiny_tokenizer, max_length=16)
    folder = tmp_path_factory.mktemp("export") / "out"
    recipe = Recipe(schemes=("dynamic_int8", "float32"), max_drop=0.0)
    return train(model, data), data, folder, export_model(model, recipe, data, folder)


def tolerance(name: str) -> float:
    return 1e-5 if "float32" in name or name.endswith("model.onnx") else 0.1


def test_the_gate_measures_entities(tagger):
    _, _, folder, report = tagger
    for file in report.files:
        assert (file.verdict.metric, file.verdict.full, file.verdict.drop_points) == ("entity_f1", 1.0, 0.0)
        assert file.verdict.agreement == 1.0
    worst = report.files[0].verdict.worst[0]
    assert worst.expected == worst.full == worst.exported
    assert worst.expected.endswith("(how)")
    assert json.loads((folder / "task.json").read_text()) == {
        "task": "token-classification",
        "scheme": "BIO",
        "stride": 4,
    }
    assert (folder / "labels.txt").read_text() == "O\nB-how\nI-how\nB-what\nI-what\n"


@pytest.mark.parametrize("name", MODELS)
def test_every_file_answers_as_the_model(tagger, name):
    model, data, folder, _ = tagger
    artefact = open_artefact(folder / name)
    assert (artefact.problem.settings(), artefact.labels) == (model.problem.settings(), model.labels)
    texts = [*TEXTS, SplitText("the films", [(0, 3), (4, 8), (8, 9)])]
    for one, other in zip(model.answer(texts), artefact.answer(texts), strict=True):
        assert one.words == other.words
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=tolerance(name))
    for text in data.texts[:4]:
        (answer,), (expected,) = artefact.answer([text]), model.answer([text])
        found = [entity["text"] for entity in artefact.problem.to_dict(text, answer)["entities"]]
        assert found == [entity["text"] for entity in model.problem.to_dict(text, expected)["entities"]]
        assert found == [text.split()[1], text.split()[3]]


def test_names_and_shapes_of_a_taggers_outputs(tagger):
    import onnx

    _, _, folder, _ = tagger
    assert open_artefact(folder / "model.tflite").output_names == ["probability"]
    (output,) = onnx.load(folder / "onnx" / "model.onnx").graph.output
    axes = [axis.dim_param or axis.dim_value for axis in output.type.tensor_type.shape.dim]
    assert (output.name, axes) == ("logits", ["batch_size", "sequence_length", 5])


def test_a_batch_in_onnx_is_its_rows(tagger):
    import onnxruntime

    model, _, folder, _ = tagger
    session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx", providers=["CPUExecutionProvider"])
    first, second = (model.tokenizer.encode(text).token_ids for text in ("the film was good", "a day"))
    ids = np.zeros((2, len(first)), "int64")
    ids[0], ids[1, : len(second)] = first, second
    feeds = {"input_ids": ids, "attention_mask": (ids > 0).astype("int64"), "token_type_ids": np.zeros_like(ids)}
    (logits,) = session.run(["logits"], feeds)
    features = {name: np.asarray([second], "int32") for name in ("token_ids",)}
    features |= {"segment_ids": features["token_ids"] * 0, "padding_mask": features["token_ids"] * 0 + 1}
    np.testing.assert_allclose(logits[1, : len(second)], np.asarray(model(features)["logits"])[0], atol=1e-5)


def test_a_file_of_a_fixed_length(tagger, tmp_path):
    model, data, _, _ = tagger
    recipe = Recipe(formats=("tflite",), schemes=("float32",), length=12, max_drop=0.0)
    export_model(model, recipe, data, tmp_path / "out")
    artefact = open_artefact(tmp_path / "out" / "model.tflite")
    for one, other in zip(model.answer(data.texts), artefact.answer(data.texts), strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-3)


def test_a_broken_tagger_is_refused(tagger, tmp_path, monkeypatch):
    from kbert.export.graph import InferenceGraph

    model, data, _, _ = tagger
    dense = InferenceGraph.dense
    monkeypatch.setattr(
        InferenceGraph, "dense", lambda self, name, x: dense(self, name, x) * (-1.0 if "classifier" in name else 1.0)
    )
    with pytest.raises(GateError, match=r"entity_f1 fell by .* points, from 100\.00%"):
        export_model(model, Recipe(formats=("tflite",), max_drop=5.0), data, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_gate_measures_intents_with_slots(joint):
    _, _, folder, report = joint
    for file in report.files:
        assert (file.verdict.metric, file.verdict.full, file.verdict.drop_points) == ("both_right", 1.0, 0.0)
    assert json.loads((folder / "task.json").read_text()) == {
        "task": "intent-slots",
        "scheme": "BIO",
        "stride": 4,
        "intents": ["praise", "scorn"],
    }


@pytest.mark.parametrize("name", MODELS)
def test_every_file_answers_with_intent_and_slots(joint, name):
    model, _, folder, _ = joint
    artefact = open_artefact(folder / name)
    for one, other in zip(model.answer(TEXTS), artefact.answer(TEXTS), strict=True):
        np.testing.assert_allclose(one.intent, other.intent, atol=tolerance(name))
        np.testing.assert_allclose(one.slots.probabilities, other.slots.probabilities, atol=tolerance(name))
    (answer,) = artefact.answer(["the film was bad"])
    found = artefact.problem.to_dict("the film was bad", answer)
    assert (found["intent"], [slot["text"] for slot in found["entities"]]) == ("scorn", ["film", "bad"])


def test_names_of_the_outputs_of_a_joint_model(joint):
    _, _, folder, _ = joint
    assert sorted(open_artefact(folder / "model.tflite").output_names) == ["intent_probability", "slot_probability"]
    assert sorted(open_artefact(folder / "onnx" / "model.onnx").output_names) == ["intent_logits", "slot_logits"]
