"""One update: what Keras does by hand, whole over parts of a batch and over devices."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.backbone import BertBackbone
from kbert.data.masking import MaskingSettings
from kbert.data.pretraining_batches import PretrainingBatches
from kbert.optimizer import WarmUpLinearDecay
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import PretrainSettings
from kbert.pretraining.step import PretrainingStep
from kbert.pretraining_loss import pretraining_loss

SETTINGS = PretrainSettings(steps=10, batch_size=8, learning_rate=1e-2, warmup=0.0, max_predictions=3)


@pytest.fixture(scope="module")
def batches(make_shards):
    """Three batches of eight pairs; the first four pairs have a mask less than the others."""
    masking = MaskingSettings(mask_share=0.25, max_predictions=4)
    source = PretrainingBatches(shards=make_shards(), batch_size=8, masking=masking)
    one_less = tf.constant([[0.0, 1.0, 1.0, 1.0]] + [[1.0] * 4] * 7)
    return [
        (features, labels, {**weights, "mlm_logits": weights["mlm_logits"] * one_less})
        for features, labels, weights in source.read(count=3)
    ]


@pytest.fixture
def make_model(tiny_config):
    config = tiny_config.replace(num_layers=1, dropout=0.0, attention_dropout=0.0)

    def make(dtype=None):
        keras.utils.set_random_seed(7)
        return BertPretrainer(BertBackbone(config, dtype=dtype))

    return make


def halves(batch):
    return [tf.nest.map_structure(lambda tensor, part=part: tensor[4 * part : 4 * part + 4], batch) for part in (0, 1)]


def moments(step: PretrainingStep) -> list[np.ndarray]:
    """Adam's first moments: sums of gradients, which rounding changes little, unlike the quotient that Adam takes."""
    return [moment.numpy() for moment in step.inner_optimizer._momentums]


def differences(model, other) -> dict[str, float]:
    """How far weights are apart; but for the biases of keys, which the loss does not depend on: theirs is all noise."""
    ours, theirs = model.named_variables(), other.named_variables()
    return {
        name: float(np.abs(ours[name].numpy() - theirs[name].numpy()).max())
        for name in ours
        if not name.endswith("key.bias")
    }


def test_a_step_is_keras_by_hand(make_model, batches):
    model, by_hand = make_model(), make_model()
    step = PretrainingStep(model, SETTINGS)
    optimizer = keras.optimizers.AdamW(
        WarmUpLinearDecay(1e-2, total_steps=10), weight_decay=0.01, global_clipnorm=1.0, epsilon=1e-8
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    before = model.backbone.embeddings.token.embeddings.numpy()
    for features, labels, weights in batches:
        with tf.GradientTape() as tape:
            loss = pretraining_loss(by_hand(features, training=True), labels, weights)
        variables = by_hand.trainable_variables
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, [v.value for v in variables])]
        optimizer.apply(gradients, variables)
        sums, stop = step([(features, labels, weights)])
        assert sums.loss().numpy() == pytest.approx(float(loss), rel=1e-5)
        assert (sums.nsp_count, stop) == (8.0, False)
    # Updates are as large as 0.01: rounding of 1e-7 in small gradients is 1e-5 of that.
    assert max(differences(model, by_hand).values()) < 2e-5
    assert np.abs(model.backbone.embeddings.token.embeddings.numpy() - before).max() > 1e-2
    assert [step([batches[0]], wants_to_stop=wish)[1] for wish in (True, False)] == [True, False]


def test_two_half_batches_are_one_whole(make_model, batches):
    whole, parts = make_model(), make_model()
    settings = dataclasses.replace(SETTINGS, clip_norm=0.25)
    one = PretrainingStep(whole, settings)
    two = PretrainingStep(parts, dataclasses.replace(settings, gradient_accumulation=2))
    # The parts have unequal numbers of masks: a mean of means would be another loss.
    first, second = (float(tf.reduce_sum(weights["mlm_logits"])) for _, _, weights in halves(batches[0]))
    assert first == second - 1
    for number, batch in enumerate(batches):
        ours, _ = one([batch])
        theirs, _ = two(halves(batch))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
        for a, b in zip(moments(one), moments(two), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)
        if number == 0:
            # After one step the moments are a tenth of the gradient, whose norm as a whole was clipped.
            norm = np.sqrt(sum(np.square(moment).sum() for moment in moments(two))) / 0.1
            assert norm == pytest.approx(0.25, rel=1e-4)
    assert max(differences(whole, parts).values()) < 2e-5


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": "lamb", "learning_rate": 0.05}, {"precision": "mixed_float16"}, {"precision": "mixed_bfloat16"}],
    ids=str,
)
def test_it_trains(make_model, batches, changes):
    settings = dataclasses.replace(SETTINGS, steps=12, **changes)
    model = make_model(settings.precision)
    step = PretrainingStep(model, settings)
    losses = [float(step([batches[0]])[0].loss()) for _ in range(12)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0] - 1
    assert all(np.isfinite(weight.numpy()).all() for weight in model.weights)


def test_compiled_a_step_is_the_same(make_model, batches):
    found = []
    for jit in (False, True):
        step = PretrainingStep(make_model(), dataclasses.replace(SETTINGS, jit_compile=jit))
        found.append((step, [float(step([batch])[0].loss()) for batch in batches[:2]]))
    (plain, losses), (compiled, losses_compiled) = found
    np.testing.assert_allclose(losses_compiled, losses, rtol=1e-5)
    for a, b in zip(moments(compiled), moments(plain), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)
    assert max(differences(compiled.model, plain.model).values()) < 1e-5


def test_gradients_that_overflow_are_left_out(make_model, batches):
    step = PretrainingStep(make_model("mixed_float16"), dataclasses.replace(SETTINGS, precision="mixed_float16"))
    step.optimizer.dynamic_scale.assign(2.0**120)
    before = [weight.numpy() for weight in step.model.weights]
    sums, _ = step([batches[0]])
    assert np.isfinite(float(sums.loss()))
    assert float(step.optimizer.dynamic_scale.numpy()) == 2.0**119
    for weight, then in zip(step.model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), then)
    # Halved in each step, the scale comes down to one that float16 can hold.
    losses = [float(step([batches[0]])[0].loss()) for _ in range(120)]
    assert np.isfinite(losses).all()
    assert 1 < float(step.optimizer.dynamic_scale.numpy()) < 2.0**40
    assert 1 <= int(step.inner_optimizer.iterations.numpy()) < 100
    assert losses[-1] < losses[0] - 0.5
    assert all(np.isfinite(weight.numpy()).all() for weight in step.model.weights)


def test_without_sentence_pairs(tiny_config, batches):
    model = BertPretrainer(BertBackbone(tiny_config.replace(num_layers=1)), next_sentence=False)
    features, labels, weights = batches[0]
    labels, weights = ({"mlm_logits": values["mlm_logits"]} for values in (labels, weights))
    sums, _ = PretrainingStep(model, SETTINGS)([(features, labels, weights)])
    assert (sums.nsp_loss_sum, sums.nsp_count) == (0.0, 0.0)
    assert 3.0 < float(sums.loss()) < 6.0


def test_two_devices_are_one(make_shards):
    """In a process of its own: logical devices must be there before TensorFlow starts."""
    script = Path(__file__).parent / "mirrored_side.py"
    root = Path(__file__).parent.parent.parent
    result = subprocess.run(
        [sys.executable, script, make_shards().directory], cwd=root, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert (found["replicas"], found["refused"]) == (2, "batch_size must be a multiple of the 2 devices")
    for case in ("whole batches", "in two parts"):
        assert found[case]["moments"] < 1e-6
        assert found[case]["weights"] < 1e-5
        np.testing.assert_allclose(found[case]["losses"], found["losses of one"], rtol=1e-5)
    losses = found["mixed_float16"]["losses"]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0] - 1
    # The same weights on both, after every step.
    assert found["mixed_float16"]["apart"] == 0.0
    assert found["jit refused"] == "jit_compile must not be set with several devices. Received: 2 devices"
    dropout = found["dropout"]
    assert dropout["finite"]
    # A hundred coins: half of them agree by chance, give or take five.
    assert 0.25 < dropout["same on both"] < 0.75
    assert 0.25 < dropout["same twice"] < 0.75
    assert dropout["states"][0] == dropout["states"][1]
