"""Every task that the page shows: what it says of a text is what Python says of the same file."""

import keras
import pytest

from kbert.backbone import BertBackbone
from kbert.export import open_artefact
from kbert.tasks import IntentSlotClassifier, TextClassifier, TextEmbedder, TokenClassifier

LABELS = ["alarm", "lights", "music"]
TAGS = ["O", "B-what", "I-what"]
TEXT, OTHER = "the film was good", "a bad day"
MODEL = "onnx/model.onnx"


@pytest.fixture(scope="module")
def exports(config, tiny_tokenizer, write_export):
    """An export with random weights for each task."""
    keras.utils.set_random_seed(5)
    models = {
        "multi-label": TextClassifier(BertBackbone(config), LABELS, tiny_tokenizer, max_length=64, task="multi-label"),
        "regression": TextClassifier(BertBackbone(config), ["score"], tiny_tokenizer, max_length=64, task="regression"),
        "token-classification": TokenClassifier(BertBackbone(config), TAGS, tiny_tokenizer, max_length=64),
        "intent-slots": IntentSlotClassifier(BertBackbone(config), TAGS, LABELS, tiny_tokenizer, max_length=64),
        "embedding": TextEmbedder(BertBackbone(config), tiny_tokenizer, max_length=64),
    }
    return {task: write_export(model, "float32") for task, model in models.items()}


def test_every_other_task(browse, serve, exports):
    steps = []
    for task, export in exports.items():
        pair = {"textB": OTHER} if task == "embedding" else {}
        steps += [{"do": "open", "url": serve(export)}, {"do": "type", "text": TEXT, **pair}]
    shown = dict(zip(exports, browse(*steps)[1::2], strict=True))
    models = {task: open_artefact(export / MODEL) for task, export in exports.items()}

    def said(task, given=TEXT):
        return models[task].problem.to_dict(given, models[task].answer([given])[0])

    assert dict(shown["multi-label"]["bars"]) == pytest.approx(said("multi-label")["probabilities"], abs=1e-4)
    labels, shares = said("multi-label")["labels"], said("multi-label")["probabilities"]
    headline = ", ".join(f"{label} {100 * shares[label]:.1f} %" for label in labels)
    assert shown["multi-label"]["headline"] == (headline or "no label")
    assert shown["regression"]["headline"] == f"score {said('regression')['score']:.3f}"
    assert shown["embedding"]["headline"] == f"cosine {said('embedding', (TEXT, OTHER))['cosine']:.3f}"

    # Each of these words is one token.
    answer = models["token-classification"].answer([TEXT])[0]
    tags = [TAGS[i] for i in answer.probabilities.argmax(axis=1)]
    assert [tag.split()[0] for tag in shown["token-classification"]["tags"]] == tags
    intents = models["intent-slots"].answer([TEXT])[0]
    assert dict(shown["intent-slots"]["bars"]) == pytest.approx(
        dict(zip(LABELS, intents.intent, strict=True)), abs=1e-4
    )
    slots = [TAGS[i] for i in intents.slots.probabilities.argmax(axis=1)]
    assert [tag.split()[0] for tag in shown["intent-slots"]["tags"]] == slots
