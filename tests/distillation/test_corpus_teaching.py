"""The losses of a batch of masked windows, by hand."""

import math

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.distillation import CorpusDistillSettings, Objectives
from kbert.distillation.corpus_teaching import CorpusTeaching, DistillationSums, soft_masked_loss, unmasked_ids
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer


def test_soft_predictions_by_hand():
    """Two tokens: the teacher is sure of one by 2 ln 3, the student does not know. The second place only fills up.

    At a temperature of 2 the teacher says 3/4 and 1/4; the divergence from 1/2 and 1/2 counts 4 times.
    """
    teacher = np.array([[[2 * math.log(3), 0.0], [50.0, 0.0]]], "float32")
    student = np.array([[[0.0, 0.0], [0.0, 50.0]]], "float32")
    weights = np.array([[1.0, 0.0]], "float32")
    wanted = 4 * (0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5))
    assert float(soft_masked_loss(teacher, student, weights, 2.0)) == pytest.approx(wanted, rel=1e-5)


def test_what_was_hidden_comes_back():
    """Two of three places were chosen; the third stands for nothing and points at [CLS]."""
    features = {"token_ids": np.array([[2, 4, 7, 9, 3]], "int32"), "mask_positions": np.array([[3, 1, 0]], "int32")}
    labels = {"mlm_logits": np.array([[8, 6, 0]], "int32")}
    weights = {"mlm_logits": np.array([[1.0, 1.0, 0.0]], "float32")}
    np.testing.assert_array_equal(unmasked_ids(features, labels, weights), [[2, 6, 7, 8, 3]])


def test_sums_of_batches():
    sums = DistillationSums(6.0, 3.0, 8.0, 2.0)
    assert sums.metrics() == {"loss": 2.0, "masked_accuracy": 0.25}
    assert DistillationSums(6.0, 3.0, 0.0, 0.0).metrics() == {"loss": 2.0}


def batch():
    mask = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], "int32")
    places = np.array([[1, 0], [1, 2]], "int32")
    features = {"token_ids": 7 * mask + np.arange(4, dtype="int32"), "segment_ids": 0 * mask, "padding_mask": mask}
    labels = {"mlm_logits": np.array([[5, 0], [6, 7]], "int32")}
    return {**features, "mask_positions": places}, labels, {"mlm_logits": np.array([[1, 0], [1, 1]], "float32")}


@pytest.fixture
def models(tiny_config):
    keras.utils.set_random_seed(5)
    teacher = BertPretrainer(BertBackbone(tiny_config), next_sentence=False)
    student = BertPretrainer(BertBackbone(tiny_config), next_sentence=False)
    return teacher, student


def loss_of(teaching) -> float:
    return float(teaching.sums(*batch(), training=False).loss())


@pytest.mark.parametrize("name", ["soft", "hidden", "embeddings", "relations", "cosine"])
def test_a_copy_of_the_teacher_has_no_loss(models, name):
    teacher, student = models
    teaching = CorpusTeaching(student, teacher, CorpusDistillSettings(objectives=Objectives(**{name: 1.0})))
    assert loss_of(teaching) > 1e-3
    for ours, theirs in zip(student.variables, teacher.variables, strict=True):
        ours.assign(theirs)
    assert loss_of(teaching) == pytest.approx(0.0, abs=1e-5)


def test_true_tokens_are_learnt_as_in_pretraining(models):
    """A head that only has a bias of ln 2 for token 6: of three places one is right, at 2 / 67."""
    teacher, student = models
    student.mlm.layer_norm.gamma.assign(np.zeros(16))
    bias = np.zeros(student.mlm.bias.shape)
    bias[6] = math.log(2)
    student.mlm.bias.assign(bias)
    teaching = CorpusTeaching(student, teacher, CorpusDistillSettings(objectives=Objectives(mlm=0.5)))
    sums = teaching.sums(*batch(), training=False)
    count = len(bias) + 1
    wanted = 0.5 * (2 * math.log(count) + math.log(count / 2)) / 3
    assert float(sums.loss()) == pytest.approx(wanted, rel=1e-5)
    assert (float(sums.mlm_weight_sum), float(sums.mlm_correct_sum)) == (3.0, 1.0)


def test_only_what_the_loss_depends_on_is_trained(models):
    teacher, student = models

    def taught(objectives):
        return {id(variable) for variable in CorpusTeaching(student, teacher, objectives).taught_variables}

    named = student.named_variables()
    every = {id(variable) for name, variable in named.items() if not name.startswith("pooler.")}
    assert taught(CorpusDistillSettings(objectives=Objectives(soft=1.0))) == every
    relations = taught(CorpusDistillSettings(objectives=Objectives(relations=1.0)))
    left = {name for name, variable in named.items() if id(variable) not in relations}
    assert {name.split(".")[0] for name in left} == {"layers", "mlm", "pooler"}
    assert {name for name in left if name.startswith("layers.")} == {
        f"layers.1.{name}"
        for name in named_in_layer(named)
        if not name.startswith(("attention.query", "attention.key", "attention.value"))
    }


def named_in_layer(named):
    return [name.removeprefix("layers.1.") for name in named if name.startswith("layers.1.")]


def test_what_is_refused():
    with pytest.raises(InputError, match="^gradient_accumulation must be 1 in a distillation. Received: 2$"):
        CorpusDistillSettings(gradient_accumulation=2)
    with pytest.raises(InputError, match="^temperature must be above 0. Received: 0$"):
        CorpusDistillSettings(temperature=0)
    with pytest.raises(InputError, match="^r: expected a teacher with an MLM head for the objective soft, it has none"):
        CorpusDistillSettings(objectives=Objectives(soft=1)).for_teacher("r", has_mlm_head=False)
    assert CorpusDistillSettings().for_teacher("r", has_mlm_head=False).objectives == Objectives(relations=1)
