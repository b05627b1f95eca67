"""What kbert saves, transformers loads with the same outputs, and the other way round."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import assign_weights, load_backbone, open_checkpoint
from kbert.errors import InputError
from kbert.layers.naming import named_variables
from kbert.pretrainer import BertPretrainer
from kbert.tasks import IntentSlotClassifier, QuestionAnswerer, TextClassifier, TokenClassifier

SCRIPT = pathlib.Path(__file__).parent / "transformers_side.py"
# Float32 on both sides, but sums in another order.
TOLERANCE = 1e-5
# Accents and capitals fold, an ideograph is unknown, special tokens are taken as such.
TEXTS = ["the film was good.", "Ünïted  DAYS!", "a 字 b", "bad [SEP] good [MASK]", ""]
TAGS = ["O", "B-city", "I-city"]
SHAPES = [
    (activation, positions) for activation in ("gelu", "gelu_tanh", "relu") for positions in ("learned", "sinusoidal")
]


@pytest.fixture(scope="module")
def exchange(optional, tmp_path_factory, tiny_config, tiny_tokenizer, features, randomize):
    """A folder where both sides have put checkpoints and answers: one process of transformers serves all tests."""
    optional("torch")
    optional("transformers")
    folder = tmp_path_factory.mktemp("exchange")
    np.savez(folder / "features.npz", **features)
    (folder / "texts.json").write_text(json.dumps(TEXTS), "utf-8")
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    (folder / "ours").mkdir()
    for activation, positions in SHAPES:
        config = tiny_config.replace(activation=activation, position_embedding=positions)
        write_ours(folder, f"{activation}-{positions}", config, tiny_tokenizer, features, randomize)
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def write_ours(folder, name, config, tokenizer, features, randomize):
    """The same encoder as a classifier's run, as a bare encoder and with its pretraining heads."""
    keras.utils.set_random_seed(7)
    backbone = BertBackbone(config)
    pretrainer = BertPretrainer(backbone, tokenizer)
    classifier = TextClassifier(backbone, ["bad", "good"], tokenizer, max_length=16)
    answerer = QuestionAnswerer(backbone, tokenizer, max_length=16)
    tagger = TokenClassifier(backbone, TAGS, tokenizer, max_length=16)
    joint = IntentSlotClassifier(backbone, TAGS, ["book", "rain"], tokenizer, max_length=16)
    tasks = (classifier, answerer, tagger, joint)
    heads = [head for task in tasks for head in task.heads.values()]
    randomize([*pretrainer.trainable_variables, *(value for head in heads for value in head.trainable_variables)])
    answerer.save_checkpoint(folder / "from_kbert" / f"answerer-{name}")
    tagger.save_checkpoint(folder / "from_kbert" / f"tagger-{name}")
    joint.save_checkpoint(folder / "from_kbert" / f"joint-{name}")
    classifier.save_checkpoint(folder / "from_kbert" / f"classifier-{name}")
    backbone.save_checkpoint(folder / "from_kbert" / f"encoder-{name}", tokenizer=tokenizer)
    pretrainer.save_checkpoint(folder / "from_kbert" / f"pretraining-{name}")
    masked = BertPretrainer(backbone, tokenizer, next_sentence=False)
    assign_weights(named_variables(mlm=masked.mlm), open_checkpoint(folder / "from_kbert" / f"pretraining-{name}"))
    masked.save_checkpoint(folder / "from_kbert" / f"masked-lm-{name}")
    encoded, pretrained = backbone(features), pretrainer(features)
    outputs = {
        "last_hidden_state": encoded["sequence_output"],
        "pooler_output": encoded["pooled_output"],
        "logits": classifier(features)["logits"],
        "tagger_logits": tagger(features)["logits"],
        "slot_logits": joint(features)["slot_logits"],
        "prediction_logits": pretrained["mlm_logits"],
        "seq_relationship_logits": pretrained["nsp_logits"],
        **answerer(features),
    }
    np.savez(folder / "ours" / f"{name}.npz", **{key: np.asarray(value) for key, value in outputs.items()})


def arrays(path):
    with np.load(path) as stored:
        return dict(stored)


def answers(exchange, name):
    return arrays(exchange / "answers" / f"{name}.npz")


# What kbert saved


@pytest.mark.parametrize(
    ("kind", "architecture", "outputs"),
    [
        ("classifier", "BertForSequenceClassification", {"logits": "logits"}),
        ("tagger", "BertForTokenClassification", {"logits": "tagger_logits"}),
        ("joint", "BertForTokenClassification", {"logits": "slot_logits"}),
        ("encoder", "BertModel", {"last_hidden_state": "last_hidden_state", "pooler_output": "pooler_output"}),
        ("masked-lm", "BertForMaskedLM", {"logits": "prediction_logits"}),
        (
            "answerer",
            "BertForQuestionAnswering",
            {"start_logits": "start_logits", "end_logits": "end_logits"},
        ),
        (
            "pretraining",
            "BertForPreTraining",
            {"prediction_logits": "prediction_logits", "seq_relationship_logits": "seq_relationship_logits"},
        ),
    ],
)
@pytest.mark.parametrize(("activation", "positions"), SHAPES)
def test_transformers_gives_the_same(exchange, difference, kind, architecture, outputs, activation, positions):
    name = f"{activation}-{positions}"
    facts = json.loads((exchange / "answers" / f"{kind}-{name}.json").read_text())
    assert facts["class"] == architecture
    # The pooler stays for whoever goes on from there, or for the intent; their class has no use for it.
    pooler = ["bert.pooler.dense.bias", "bert.pooler.dense.weight"]
    unused = pooler if kind in ("masked-lm", "answerer", "joint") else []
    unused += ["intent_classifier.bias", "intent_classifier.weight"] if kind == "joint" else []
    assert facts["loading"] == {"missing_keys": [], "unexpected_keys": unused, "mismatched_keys": []}
    theirs, ours = answers(exchange, f"{kind}-{name}"), arrays(exchange / "ours" / f"{name}.npz")
    assert theirs.keys() == outputs.keys()
    for their_name, our_name in outputs.items():
        assert difference(theirs[their_name], ours[our_name]) < TOLERANCE


@pytest.mark.parametrize(
    ("architecture", "unused", "outputs"),
    [
        ("BertModel", "cls.", {"last_hidden_state": "last_hidden_state", "pooler_output": "pooler_output"}),
        ("BertForMaskedLM", ("bert.pooler.", "cls.seq_relationship."), {"logits": "prediction_logits"}),
    ],
)
def test_parts_of_a_pretraining_checkpoint(exchange, difference, architecture, unused, outputs):
    facts = json.loads((exchange / "answers" / f"pretraining-as-{architecture}.json").read_text())
    assert (facts["loading"]["missing_keys"], facts["loading"]["mismatched_keys"]) == ([], [])
    assert all(name.startswith(unused) for name in facts["loading"]["unexpected_keys"])
    theirs = answers(exchange, f"pretraining-as-{architecture}")
    ours = arrays(exchange / "ours" / "gelu-learned.npz")
    for their_name, our_name in outputs.items():
        assert difference(theirs[their_name], ours[our_name]) < TOLERANCE


def test_the_comparison_sees_a_wrong_activation(exchange, difference):
    exact, approximate = (arrays(exchange / "ours" / f"{name}-learned.npz") for name in ("gelu", "gelu_tanh"))
    assert difference(exact["logits"], approximate["logits"]) > 5 * TOLERANCE


def test_transformers_reads_the_same_ids(exchange, tiny_tokenizer):
    expected = [encoding.token_ids for encoding in tiny_tokenizer.encode_batch(TEXTS)]
    for path in sorted((exchange / "answers").glob("*-gelu-learned.json")):
        assert json.loads(path.read_text())["ids"] == expected


def test_transformers_knows_our_labels(exchange):
    facts = json.loads((exchange / "answers" / "classifier-gelu-learned.json").read_text())
    assert facts["id2label"] == {"0": "bad", "1": "good"}
    for kind in ("tagger", "joint"):
        facts = json.loads((exchange / "answers" / f"{kind}-gelu-learned.json").read_text())
        assert facts["id2label"] == {"0": "O", "1": "B-city", "2": "I-city"}


def test_a_fixed_position_table_stays_fixed(exchange):
    config = open_checkpoint(exchange / "from_kbert" / "encoder-gelu-sinusoidal").config
    assert config.position_embedding == "sinusoidal"
    assert load_backbone(exchange / "from_kbert" / "encoder-gelu-sinusoidal").embeddings.position is None


# What transformers saved


def test_their_encoder(exchange, features, difference):
    backbone = load_backbone(exchange / "from_transformers" / "encoder")
    assert backbone.config.activation == "gelu_tanh"
    ours, theirs = backbone(features), answers(exchange, "encoder")
    assert difference(ours["sequence_output"], theirs["last_hidden_state"]) < TOLERANCE
    assert difference(ours["pooled_output"], theirs["pooler_output"]) < TOLERANCE


def test_their_pretraining_heads(exchange, features, difference):
    ours = BertPretrainer.from_checkpoint(exchange / "from_transformers" / "pretraining")(features)
    theirs = answers(exchange, "pretraining")
    assert difference(ours["mlm_logits"], theirs["prediction_logits"]) < TOLERANCE
    assert difference(ours["nsp_logits"], theirs["seq_relationship_logits"]) < TOLERANCE


def test_their_masked_language_model_has_no_pooler(exchange, features, difference):
    model = BertPretrainer.from_checkpoint(exchange / "from_transformers" / "masked-lm")
    assert model.nsp is None
    assert difference(model(features)["mlm_logits"], answers(exchange, "masked-lm")["logits"]) < TOLERANCE


def test_their_untied_decoder_is_refused(exchange):
    folder = exchange / "from_transformers" / "untied"
    with pytest.raises(InputError, match="expected an MLM head whose decoder is the token embedding table"):
        BertPretrainer.from_checkpoint(folder)
    assert load_backbone(folder).config.hidden_dim == 16


@pytest.mark.parametrize("name", ["classifier", "pickled"])
def test_their_classifier(exchange, features, difference, name):
    model = TextClassifier.from_checkpoint(exchange / "from_transformers" / name)
    assert model.labels == ("no", "yes", "maybe")
    assert difference(model(features)["logits"], answers(exchange, "classifier")["logits"]) < TOLERANCE


def test_their_tagger(exchange, features, difference):
    model = TokenClassifier.from_checkpoint(exchange / "from_transformers" / "tagger")
    assert difference(model(features)["logits"], answers(exchange, "tagger")["logits"]) < TOLERANCE


def test_their_answer_spans(exchange, features, difference):
    ours = QuestionAnswerer.from_checkpoint(exchange / "from_transformers" / "answers")(features)
    theirs = answers(exchange, "answers")
    assert difference(ours["start_logits"], theirs["start_logits"]) < TOLERANCE
    assert difference(ours["end_logits"], theirs["end_logits"]) < TOLERANCE


def test_their_tokenizer(exchange):
    checkpoint = open_checkpoint(exchange / "from_transformers" / "encoder")
    assert (checkpoint.folder / "tokenizer.json").is_file()
    ids = [encoding.token_ids for encoding in checkpoint.tokenizer().encode_batch(TEXTS)]
    assert ids == json.loads((exchange / "answers" / "ids.json").read_text())


# Pickled weights


@pytest.fixture
def pickled(exchange, tmp_path):
    """A copy of transformers' pickled checkpoint, to damage: (folder, file of weights)."""
    folder = shutil.copytree(exchange / "from_transformers" / "pickled", tmp_path / "pickled")
    return folder, folder / "pytorch_model.bin"


def error_of(folder):
    with pytest.raises(InputError) as error:
        open_checkpoint(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


def test_code_in_a_pickle_is_refused(optional, pickled, tmp_path):
    torch = optional("torch")
    folder, path = pickled
    torch.save({"bert.pooler.dense.bias": Bomb(tmp_path / "exploded")}, path)
    assert error_of(folder).startswith(f"{path}: expected a file of plain tensors, could not read it (")
    assert not (tmp_path / "exploded").exists()
    # It was a live one.
    torch.load(path, weights_only=False)
    assert (tmp_path / "exploded").exists()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_cut_pickle(pickled, share):
    folder, path = pickled
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert error_of(folder).startswith(f"{path}: expected a file of plain tensors, could not read it (")


def test_pickle_of_something_else(optional, pickled):
    folder, path = pickled
    optional("torch").save({"epoch": 3, "model": {}}, path)
    assert error_of(folder).startswith(f"{path}: expected a file of plain tensors, could not read it (")


def test_half_precision_is_read_as_float32(optional, pickled):
    torch = optional("torch")
    folder, path = pickled
    state = torch.load(path, weights_only=True)
    state["bert.pooler.dense.bias"] = torch.full((16,), 1 / 3, dtype=torch.bfloat16)
    torch.save(state, path)
    bias = open_checkpoint(folder).weights["pooler.bias"]
    assert bias.dtype == np.float32
    np.testing.assert_array_equal(bias, np.full(16, 0.333984375))
