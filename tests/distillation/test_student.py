"""What a student looks like, and what is cut out of its teacher."""

import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import open_checkpoint
from kbert.distillation.student import StudentSpec, cut_out
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.tasks import TextClassifier
from kbert.tasks.kinds import task_from_checkpoint


@pytest.mark.parametrize(
    ("layers", "of", "chosen"),
    [
        ("3", 6, (1, 3, 5)),
        ("4", 6, (0, 2, 3, 5)),
        ("1", 12, (11,)),
        ("top:2", 6, (4, 5)),
        ("bottom:2", 6, (0, 1)),
        ("0+2+5", 6, (0, 2, 5)),
        (None, 3, (0, 1, 2)),
    ],
)
def test_which_layers_are_taken(layers, of, chosen):
    assert StudentSpec(layers=layers).chosen_layers(of) == chosen


def test_a_description_is_read():
    spec = StudentSpec.parse("layers=top:2, intermediate=8,vocabulary=task")
    assert spec == StudentSpec(layers="top:2", intermediate=8, vocabulary="task")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("depth=3", "^a student is described by layers=…, .*, or is a checkpoint. Received: 'depth=3'$"),
        ("layers=3,layers=4", "^student layers stands twice"),
        ("layers=some", "^student layers must be a number, top:N, bottom:N, or a list such as 0.2.5. Received: some$"),
        ("hidden=wide", "^student hidden must be a whole number. Received: wide$"),
        ("hidden=0", "^student hidden must be at least 1. Received: 0$"),
        ("vocabulary=small", "^student vocabulary must be task or whole. Received: small$"),
    ],
)
def test_what_cannot_be_read_is_said(text, message):
    with pytest.raises(InputError, match=message):
        StudentSpec.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layers=3", "^student layers must be from 1 to 2, the layers of the teacher. Received: 3$"),
        ("layers=0+2", "^student layers must be positions from 0 to 1, in order, each once. Received: 0.2$"),
        ("intermediate=64", "^student intermediate must be at most 32, the teacher's: weights are cut out of it"),
        ("embedding=32", "^student embedding must be at most 16, the teacher's"),
        ("hidden=32", "^student hidden must be at most 16, the teacher's: .* give a checkpoint of its own$"),
        ("heads=4", "^student heads must be at most 2, the teacher's"),
    ],
)
def test_a_student_that_does_not_fit_into_its_teacher(teacher, text, message):
    with pytest.raises(InputError, match=message):
        cut_out(teacher, StudentSpec.parse(text))


@pytest.fixture
def teacher(tiny_classifier, tmp_path):
    return open_checkpoint(tiny_classifier.save_checkpoint(tmp_path / "teacher"))


def test_whole_layers_are_the_teachers(teacher):
    student = cut_out(teacher, StudentSpec(layers="top:1"))
    assert student.config.num_layers == 1
    for name, value in student.weights.items():
        np.testing.assert_array_equal(value, teacher.weights[name.replace("layers.0.", "layers.1.")])


def test_neurons_without_weight_go_and_nothing_changes(teacher):
    """Half of the neurons write nothing: the student that drops half of them is its teacher."""
    weights = dict(teacher.weights)
    for layer in (0, 1):
        output = weights[f"layers.{layer}.output.kernel"].copy()
        output[::2] = 0
        weights[f"layers.{layer}.output.kernel"] = output
    known = with_weights(teacher, weights)
    student = cut_out(known, StudentSpec(intermediate=16))
    assert student.weights["layers.1.intermediate.kernel"].shape == (16, 16)
    assert_same_answers(known, student)


def test_coordinates_without_weight_go_and_nothing_changes(teacher):
    """One head, and those coordinates of the residual stream that are always 0 but for LayerNorm's mean."""
    student = cut_out(teacher, StudentSpec(hidden=8))
    assert (student.config.hidden_dim, student.config.num_heads) == (8, 1)
    model = task_from_checkpoint(student, "text-classification")
    for name, variable in model.named_variables().items():
        assert tuple(variable.shape) == student.weights[name].shape, name
    # Every row and column comes from the same coordinates.
    token = teacher.weights["embeddings.token"]
    kept = [int(np.flatnonzero((column == token.T).all(axis=1))[0]) for column in student.weights["embeddings.token"].T]
    np.testing.assert_array_equal(
        student.weights["pooler.kernel"], teacher.weights["pooler.kernel"][np.ix_(kept, kept)]
    )
    np.testing.assert_array_equal(
        student.weights["classifier.dense.kernel"], teacher.weights["classifier.dense.kernel"][kept]
    )
    np.testing.assert_array_equal(
        student.weights["layers.0.output.kernel"], teacher.weights["layers.0.output.kernel"][:, kept]
    )


def test_a_narrow_table_loses_nothing_where_its_rows_have_no_more_directions(teacher):
    """Rows of four directions, and a mean: a table four wide and a layer say the same."""
    random = np.random.default_rng(0)
    size = teacher.config.vocabulary_size
    table = random.normal(size=(size, 4)) @ random.normal(size=(4, 16)) + random.normal(size=16)
    known = with_weights(teacher, {**teacher.weights, "embeddings.token": table.astype("float32")})
    student = cut_out(known, StudentSpec(embedding=4))
    assert student.config == teacher.config.replace(embedding_dim=4)
    assert student.weights["embeddings.token"].shape == (size, 4)
    assert student.weights["embeddings.projection.kernel"].shape == (4, 16)
    assert_same_answers(known, student)
    # A narrower one of it, and a narrower encoder: the layer takes both up.
    again = cut_out(student, StudentSpec(embedding=2, hidden=8))
    assert again.weights["embeddings.token"].shape == (size, 2)
    assert again.weights["embeddings.projection.kernel"].shape == (2, 8)
    model = task_from_checkpoint(again, "text-classification")
    for name, variable in model.named_variables().items():
        assert tuple(variable.shape) == again.weights[name].shape, name


def test_an_encoder_as_narrow_as_its_table_needs_no_layer_between(teacher):
    """The config cannot say that there is one then: what it did becomes part of the rows."""
    narrow = cut_out(teacher, StudentSpec(embedding=8))
    student = cut_out(narrow, StudentSpec(hidden=8))
    assert (student.config.hidden_dim, student.config.embedding_dim) == (8, None)
    assert not any(name.startswith("embeddings.projection.") for name in student.weights)
    wider = cut_out(narrow, StudentSpec(hidden=12)).weights
    rows = wider["embeddings.token"] @ wider["embeddings.projection.kernel"] + wider["embeddings.projection.bias"]
    found = student.weights["embeddings.token"]
    # Its coordinates are among those of a student that is a little wider.
    assert all(np.isclose(column, rows.T, atol=1e-6).all(axis=1).any() for column in found.T)


def test_a_narrow_table_is_nearest_for_the_tokens_that_are_used(teacher):
    used = np.array([5, 9, 9, 20])
    student = cut_out(teacher, StudentSpec(embedding=2), used)
    table, weights = teacher.weights["embeddings.token"], student.weights
    found = weights["embeddings.token"] @ weights["embeddings.projection.kernel"]
    found += weights["embeddings.projection.bias"]
    # Three rows lie in a plane.
    np.testing.assert_allclose(found[used], table[used], atol=1e-6)
    assert np.abs(found - table).max() > 1e-3


def test_a_narrow_table_outlives_the_checkpoint(teacher, tmp_path):
    student = task_from_checkpoint(cut_out(teacher, StudentSpec(embedding=4)), "text-classification")
    folder = student.save_checkpoint(tmp_path / "student")
    assert open_checkpoint(folder).config.embedding_dim == 4
    texts = ["the film was good", "bad days !"]
    again = TextClassifier.from_checkpoint(folder)
    np.testing.assert_array_equal(again.predict_proba(texts), student.predict_proba(texts))


def test_the_heads_of_pretraining_come_along(tiny_config, tiny_tokenizer, tmp_path):
    """The MLM head of a narrower student has the coordinates that its token table has."""
    whole = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer)
    whole.mlm.layer_norm.beta.assign(np.arange(16.0))
    whole.mlm.bias.assign(np.arange(float(len(tiny_tokenizer.vocabulary))))
    teacher = open_checkpoint(whole.save_checkpoint(tmp_path / "teacher"))
    student = cut_out(teacher, StudentSpec(layers="1", hidden=8)).weights
    kept = student["mlm.layer_norm.beta"].astype(int).tolist()
    assert len(kept) == 8
    for name in ("embeddings.token", "mlm.transform.kernel"):
        rows = slice(None) if name == "embeddings.token" else kept
        np.testing.assert_array_equal(student[name], teacher.weights[name][rows][:, kept], name)
    np.testing.assert_array_equal(student["nsp.dense.kernel"], teacher.weights["nsp.dense.kernel"][kept])
    for name in ("mlm.bias", "nsp.dense.bias"):
        np.testing.assert_array_equal(student[name], teacher.weights[name], name)


def with_weights(checkpoint, weights):
    import dataclasses

    return dataclasses.replace(checkpoint, weights=weights)


def assert_same_answers(one, other):
    texts = ["the film was good", "bad days !"]
    answers = [TextClassifier.from_checkpoint(checkpoint).predict_proba(texts) for checkpoint in (one, other)]
    np.testing.assert_allclose(*answers, atol=1e-6)
