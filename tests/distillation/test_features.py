"""Losses inside the encoder, by hand."""

import math

import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.distillation import DistillSettings, Objectives
from kbert.distillation.features import FeatureLosses, relation_error
from kbert.errors import InputError


def test_relations_by_hand():
    """Two tokens: of the teacher they are alike, of the student each is near itself alone."""
    theirs = np.zeros((1, 2, 4), "float32")
    ours = np.array([[[1.0, 0.0], [0.0, 1.0]]], "float32")
    mask = np.ones((1, 2), "float32")
    near = math.exp(1 / math.sqrt(2))
    p = near / (near + 1)
    wanted = 0.5 * (math.log(0.5 / p) + math.log(0.5 / (1 - p)))
    assert float(relation_error(ours, theirs, mask, 1)) == pytest.approx(wanted, rel=1e-5)


def test_relations_know_no_padding():
    random = np.random.default_rng(0)
    ours, theirs = (random.standard_normal((1, 3, width)).astype("float32") for width in (4, 8))
    whole = float(relation_error(ours[:, :2], theirs[:, :2], np.ones((1, 2), "float32"), 2))
    padded = float(relation_error(ours, theirs, np.array([[1, 1, 0]], "float32"), 2))
    assert padded == pytest.approx(whole, rel=1e-5)


def inputs():
    mask = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], "int32")
    return {"token_ids": 7 * mask + np.arange(4, dtype="int32"), "segment_ids": 0 * mask, "padding_mask": mask}


@pytest.mark.parametrize("name", ["hidden", "embeddings", "relations", "cosine"])
def test_a_copy_of_the_teacher_has_no_loss(tiny_config, name):
    import keras

    teacher = BertBackbone(tiny_config)
    student = BertBackbone(tiny_config)
    student.set_weights(teacher.get_weights())
    losses = FeatureLosses(student, teacher, DistillSettings(objectives=Objectives(**{name: 1.0})))
    assert not losses.trainable_variables
    model = keras.Model(student.input, losses.outputs)
    assert float(losses.loss(model(inputs()), inputs())) == pytest.approx(0.0, abs=1e-5)
    student.encoder_layers[0].intermediate.kernel.assign_add(np.ones((16, 32)))
    student.embeddings.token.embeddings.assign_add(
        np.random.default_rng(0).standard_normal(student.embeddings.token.embeddings.shape)
    )
    assert float(losses.loss(model(inputs()), inputs())) > 1e-3


def test_hidden_states_by_hand(tiny_config):
    """The student's states are all 0, and so is its LayerNorm: the loss is the mean square of the teacher's."""
    teacher, student = BertBackbone(tiny_config), BertBackbone(tiny_config.replace(num_layers=1))
    for variable in student.encoder_layers[0].output_norm.variables:
        variable.assign(np.zeros(16))
    settings = DistillSettings(objectives=Objectives(hidden=2.0), layer_map=((0, 1),))
    losses = FeatureLosses(student, teacher, settings)
    features = {"hidden_0": np.zeros((2, 4, 16), "float32")}
    states = np.asarray(teacher(inputs())["sequence_output"])
    real = states[inputs()["padding_mask"] == 1]
    assert float(losses.loss(features, inputs())) == pytest.approx(2 * np.square(real).mean(), rel=1e-5)


def test_a_narrower_student_gets_projections(tiny_config):
    teacher, student = BertBackbone(tiny_config), BertBackbone(tiny_config.replace(hidden_dim=8, num_heads=1))
    settings = DistillSettings(objectives=Objectives(hidden=1.0, embeddings=1.0, relations=1.0))
    losses = FeatureLosses(student, teacher, settings)
    assert [tuple(variable.shape) for variable in losses.trainable_variables] == [(8, 16), (8, 16)]
    assert losses.relation_heads == 2
    with pytest.raises(InputError, match="^relation_heads must divide 8. Received: 3$"):
        FeatureLosses(student, teacher, DistillSettings(objectives=Objectives(relations=1.0), relation_heads=3))
    with pytest.raises(InputError, match="^layer map 5:1: expected layers of the student from 0 to 1"):
        FeatureLosses(student, teacher, DistillSettings(objectives=Objectives(hidden=1.0), layer_map=((5, 1),)))


def test_relations_of_fewer_heads(tiny_config):
    """One head of the student's against two of the teacher's: queries are narrower than hidden states there."""
    import keras

    teacher, student = (
        BertBackbone(tiny_config.replace(hidden_dim=12, num_heads=4)),
        BertBackbone(tiny_config.replace(hidden_dim=12, num_heads=1, attention_dim=3)),
    )
    losses = FeatureLosses(student, teacher, DistillSettings(objectives=Objectives(relations=1.0)))
    assert losses.relation_heads == 1  # 4 heads of 12 do not cut 3
    model = keras.Model(student.input, losses.outputs)
    assert np.isfinite(float(losses.loss(model(inputs()), inputs())))
