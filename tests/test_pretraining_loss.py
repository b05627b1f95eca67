import keras
import numpy as np
import pytest

from kbert.pretrainer import BertPretrainer
from kbert.pretraining_loss import PretrainingSums, pretraining_loss, pretraining_sums

# Equal logits of two classes cost log 2, of four log 4; a difference of log 3 makes it 3 to 1.
LOG_2, LOG_3, LOG_4 = np.log([2.0, 3.0, 4.0])
OUTPUTS = {
    "mlm_logits": np.array([[[0, 0, 0, 0], [9, 0, 0, 0]], [[0, 0, 0, 0], [0, 9, 0, 0]]], "float32"),
    "nsp_logits": np.array([[LOG_3, 0], [0, 0]], "float32"),
}
LABELS = {"mlm_logits": np.array([[0, 3], [3, 3]], "int32"), "nsp_logits": np.array([0, 1], "int32")}
WEIGHTS = {"mlm_logits": np.array([[1, 0], [1, 0]], "float32")}
FIRST, SECOND = np.array([0]), np.array([1])


def rows(values, chosen):
    return {name: value[chosen] for name, value in values.items()}


def test_by_hand():
    sums = pretraining_sums(OUTPUTS, LABELS, WEIGHTS)
    # Of equal logits the first counts as the model's answer: right for label 0, wrong for label 3.
    expected = PretrainingSums(2 * LOG_4, 2, 1, (LOG_4 - LOG_3) + LOG_2, 1, 2)
    np.testing.assert_allclose(sums, expected, atol=1e-6)  # float32 rounding
    assert float(sums.loss()) == pytest.approx(LOG_4 + (LOG_4 - LOG_3 + LOG_2) / 2, abs=1e-6)
    assert float(pretraining_loss(OUTPUTS, LABELS, WEIGHTS)) == float(sums.loss())


def test_sums_of_parts_add_up():
    parts = [pretraining_sums(rows(OUTPUTS, i), rows(LABELS, i), rows(WEIGHTS, i)) for i in (FIRST, SECOND)]
    whole = pretraining_sums(OUTPUTS, LABELS, WEIGHTS)
    np.testing.assert_allclose([sum(pair) for pair in zip(*parts, strict=True)], whole, atol=1e-6)  # float32 rounding


def test_pairs_that_only_fill_up_count_nothing():
    weights = {**WEIGHTS, "nsp_logits": np.array([1, 0], "float32")}
    sums = pretraining_sums(OUTPUTS, LABELS, weights)
    assert (float(sums.nsp_count), float(sums.nsp_correct_sum)) == (1, 1)
    assert float(sums.nsp_loss_sum) == pytest.approx(LOG_4 - LOG_3, abs=1e-6)


def test_without_next_sentence():
    outputs = {"mlm_logits": OUTPUTS["mlm_logits"]}
    sums = pretraining_sums(outputs, LABELS, WEIGHTS)
    assert [float(value) for value in sums[3:]] == [0, 0, 0]
    assert float(sums.loss()) == pytest.approx(LOG_4, abs=1e-6)


def test_nothing_to_predict():
    nothing = {"mlm_logits": np.zeros((2, 2), "float32"), "nsp_logits": np.zeros(2, "float32")}
    assert float(pretraining_loss(OUTPUTS, LABELS, nothing)) == 0.0


def test_half_precision_is_summed_in_float32():
    logits = keras.ops.cast(np.tile(OUTPUTS["mlm_logits"][:1], (1, 3000, 1)), "float16")
    labels, weights = np.zeros((1, 6000), "int32"), np.ones((1, 6000), "float32")
    sums = pretraining_sums({"mlm_logits": logits}, {"mlm_logits": labels}, {"mlm_logits": weights})
    # In float16 there is no 6000 + 1, and none of these sums.
    assert keras.backend.standardize_dtype(sums.mlm_loss_sum.dtype) == "float32"
    assert float(sums.mlm_loss_sum) == pytest.approx(3000 * (LOG_4 + np.log1p(3 * np.exp(-9))), rel=1e-5)


@pytest.mark.parametrize("name", ["tiny-bert", "tiny-bert-google"])
def test_golden_answer(golden, name):
    """The loss of transformers' BertForPreTraining, over all positions and over the chosen ones alone."""
    with np.load(golden / "tiny-bert" / "outputs.npz") as stored:
        answers = dict(stored)
    features = {key: answers[key] for key in ("token_ids", "segment_ids", "padding_mask")}
    model = BertPretrainer.from_checkpoint(golden / name)
    chosen = answers["mlm_labels"] != -100  # what transformers leaves out
    labels = {"mlm_logits": np.where(chosen, answers["mlm_labels"], 0), "nsp_logits": answers["nsp_labels"]}
    everywhere = pretraining_loss(model(features), labels, {"mlm_logits": chosen})
    # Float32 on both sides, but sums in another order.
    assert float(everywhere) == pytest.approx(float(answers["pretraining_loss"]), abs=1e-5)

    most = chosen.sum(axis=1).max()
    positions = np.argsort(~chosen, axis=1, kind="stable")[:, :most].astype("int32")
    gathered = np.take_along_axis(labels["mlm_logits"], positions, axis=1)
    weights = {"mlm_logits": np.take_along_axis(chosen, positions, axis=1)}
    outputs = model({**features, "mask_positions": positions})
    assert outputs["mlm_logits"].shape == (4, most, 1024)
    loss = pretraining_loss(outputs, {**labels, "mlm_logits": gathered}, weights)
    assert float(loss) == pytest.approx(float(answers["pretraining_loss"]), abs=1e-5)
