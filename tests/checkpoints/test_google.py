"""Google's TF1 format gives the same answers as the same weights in Hugging Face's."""

import shutil

import numpy as np
import pytest

from kbert.checkpoints import load_backbone, open_checkpoint
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer

INDEX = "bert_model.ckpt.index"
DATA = "bert_model.ckpt.data-00000-of-00001"


@pytest.fixture
def release(golden, tmp_path):
    """A copy of the golden release, to damage."""
    return shutil.copytree(golden / "tiny-bert-google", tmp_path / "release")


def error_of(folder):
    with pytest.raises(InputError) as error:
        open_checkpoint(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_golden_answers(golden, difference):
    with np.load(golden / "tiny-bert" / "outputs.npz") as stored:
        answers = dict(stored)
    inputs = {name: answers[name] for name in ("token_ids", "segment_ids", "padding_mask")}
    model = BertPretrainer.from_checkpoint(golden / "tiny-bert-google")
    assert model.tokenizer.vocabulary_size == 1024
    hidden, outputs = model.backbone(inputs), model(inputs)
    # Float32 on both sides, but sums in another order.
    assert difference(hidden["sequence_output"], answers["sequence_output"]) < 1e-5
    assert difference(hidden["pooled_output"], answers["pooled_output"]) < 1e-5
    assert difference(outputs["mlm_logits"], answers["mlm_logits"]) < 1e-5
    assert difference(outputs["nsp_logits"], answers["nsp_logits"]) < 1e-5


def test_every_weight_is_found(golden):
    ours = open_checkpoint(golden / "tiny-bert-google")
    expected = open_checkpoint(golden / "tiny-bert")
    assert ours.config == expected.config
    assert ours.weights.keys() == expected.weights.keys()
    for name, value in expected.weights.items():
        np.testing.assert_array_equal(ours.weights[name], value, err_msg=name)
    assert ours.tokenizer().vocabulary_size == 1024


def test_the_state_of_the_optimizer_is_left(release):
    """Google's own releases are clean, but what their run_classifier.py saves is not."""
    import tensorflow as tf

    variables = {"global_step": tf.Variable(7, dtype="int64")}
    reader = tf.train.load_checkpoint(str(release / "bert_model.ckpt"))
    for name in reader.get_variable_to_shape_map():
        value = reader.get_tensor(name)
        variables[name] = tf.Variable(value)
        variables[f"{name}/adam_m"] = tf.Variable(np.zeros_like(value))
    before = open_checkpoint(release).weights
    tf.raw_ops.SaveV2(
        prefix=str(release / "bert_model.ckpt"),
        tensor_names=list(variables),
        shape_and_slices=[""] * len(variables),
        tensors=[variable.read_value() for variable in variables.values()],
    )
    after = open_checkpoint(release).weights
    assert after.keys() == before.keys()
    np.testing.assert_array_equal(after["pooler.kernel"], before["pooler.kernel"])


def test_missing_index(release):
    (release / INDEX).unlink()
    assert error_of(release) == f"{release}: expected bert_model.ckpt.index and its data file, found no *.ckpt.index"


def test_missing_data(release):
    (release / DATA).unlink()
    start = f"{release / 'bert_model.ckpt'}: expected a whole TF1 checkpoint, could not read it ("
    assert error_of(release).startswith(start)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9, 0.9999])
@pytest.mark.parametrize("name", [INDEX, DATA])
def test_cut_file(release, name, share):
    content = (release / name).read_bytes()
    (release / name).write_bytes(content[: int(len(content) * share)])
    start = f"{release / 'bert_model.ckpt'}: expected a whole TF1 checkpoint, could not read it ("
    assert error_of(release).startswith(start)


def test_damaged_data(release):
    content = bytearray((release / DATA).read_bytes())
    content[1000] ^= 0xFF
    (release / DATA).write_bytes(content)
    assert "Checksum does not match" in error_of(release)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '{"hidden_size": 32',
            "expected JSON, could not read it (Expecting ',' delimiter: line 1 column 19 (char 18))",
        ),
        ("[]", "expected a JSON object, got list"),
        ("{}", "expected model_type 'bert', got None: not a BERT checkpoint"),
    ],
)
def test_unsound_config(release, content, expected):
    path = release / "bert_config.json"
    path.write_text(content)
    assert error_of(release) == f"{path}: {expected}"


def test_config_with_too_many_layers(release):
    path = release / "bert_config.json"
    path.write_text(path.read_text().replace('"num_hidden_layers": 2', '"num_hidden_layers": 3'))
    with pytest.raises(InputError) as error:
        load_backbone(release)
    assert str(error.value) == f"{release}: expected a tensor for layers.2.attention.query.kernel, found none"
