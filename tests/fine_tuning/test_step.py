"""R-Drop and adversarial training, by hand on a model of three numbers and in `fit` on a tiny classifier."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.fine_tuning.losses import LabelCrossentropy
from kbert.fine_tuning.settings import FineTuningOptions
from kbert.fine_tuning.step import SIGMOID, VALUES, FineTuningStep, symmetric_divergence
from kbert.optimizer import AdamW
from kbert.tasks import TextClassifier


@keras.saving.register_keras_serializable("kbert-tests")
class Trained(TextClassifier):
    """The classifier, which has the step mixed in, under a name of its own."""


class Product(FineTuningStep, keras.Model):
    """One token id in, its embedding times a weight out; the loss is the output itself."""

    def __init__(self, rows, weight, **kwargs):
        ids = keras.Input((None,), dtype="int32", name="token_ids")
        token = keras.layers.Embedding(*np.shape(rows), name="token")
        dense = keras.layers.Dense(1, use_bias=False, name="dense")
        super().__init__({"token_ids": ids}, {"value": dense(keras.ops.sum(token(ids), axis=1))}, **kwargs)
        self.token, self.dense = token, dense
        token.embeddings.assign(rows)
        dense.kernel.assign(weight)

    def named_variables(self):
        return {"embeddings.token": self.token.embeddings, "dense.kernel": self.dense.kernel}


def mean_output(y_true, y_pred):
    return keras.ops.mean(y_pred, axis=-1)


def test_the_adversarial_gradient_is_that_at_the_moved_table():
    model = Product([[1.0, 2.0], [9.0, 9.0]], [[3.0], [4.0]])
    model.fine_tuning = FineTuningOptions(adversarial=0.5)
    model.compile(keras.optimizers.SGD(0.1), loss=mean_output)
    # Token 0 twice: the loss is 2 * (1*3 + 2*4) = 22, its gradient by row 0 is 2 * (3, 4), of the direction (0.6, 0.8).
    history = model.fit({"token_ids": np.array([[0, 0]])}, np.zeros((1, 1)), verbose=0)
    assert history.history["loss"] == [pytest.approx(22.0)]
    # Row 0 for the second gradient: (1, 2) + 0.5 * (0.6, 0.8) = (1.3, 2.4). By the weight: 2 * (1, 2) + 2 * (1.3, 2.4).
    np.testing.assert_allclose(model.dense.kernel.numpy(), [[3 - 0.1 * 4.6], [4 - 0.1 * 8.8]], rtol=1e-6)
    # By the row it is (6, 8) both times; row 1 is in no batch.
    np.testing.assert_allclose(model.token.embeddings.numpy(), [[1 - 1.2, 2 - 1.6], [9, 9]], atol=1e-6)


def test_a_frozen_table_is_moved_for_the_gradient_and_stays():
    model = Product([[1.0, 2.0]], [[3.0], [4.0]])
    model.token.trainable = False
    model.fine_tuning = FineTuningOptions(adversarial=0.5)
    model.compile(keras.optimizers.SGD(0.1), loss=mean_output)
    model.fit({"token_ids": np.array([[0]])}, np.zeros((1, 1)), verbose=0)
    np.testing.assert_allclose(model.dense.kernel.numpy(), [[3 - 0.1 * 2.3], [4 - 0.1 * 4.4]], rtol=1e-6)
    np.testing.assert_array_equal(model.token.embeddings.numpy(), [[1.0, 2.0]])


def test_divergences_by_hand():
    # (1/4, 3/4) and (1/2, 1/2): half of (-1/4)(ln 1/2) + (1/4)(ln 3/2) is ln(3) / 8.
    a, b = np.log([[1.0, 3.0]]), np.array([[0.0, 0.0]])
    np.testing.assert_allclose(symmetric_divergence(a, b), [np.log(3) / 8], rtol=1e-6)
    # 3/4 and 1/2 of one class, equal for the other: the mean of (1/4)(ln 3) / 2 and 0.
    a = np.array([[np.log(3.0), 1.0]])
    np.testing.assert_allclose(symmetric_divergence(a, [[0.0, 1.0]], SIGMOID), [np.log(3) / 16], rtol=1e-6)
    np.testing.assert_allclose(symmetric_divergence([[1.0, 4.0]], [[2.0, 1.0]], VALUES), [5.0])


class Alternating(FineTuningStep, keras.Model):
    """Token logits (0, ln 3) in the first pass and (0, 0) in the second, plus a bias that starts at 0."""

    def __init__(self):
        super().__init__()
        self.bias = self.add_weight(name="bias", shape=(2,), initializer="zeros")
        self.table = self.add_weight(name="table", shape=(1, 1), initializer="zeros")
        self.passes = 0

    def call(self, x, training=None):
        self.passes += 1
        first = tf.constant([0.0, np.log(3.0)]) if self.passes % 2 else tf.zeros(2)
        ids = x["token_ids"]
        # What is no token differs without bound, and must not count.
        wild = tf.where((ids > 0)[..., None], 0.0, 1e3 * (self.passes % 2))
        return {"logits": tf.zeros((*ids.shape, 2)) + first + self.bias + wild + 0 * self.table[0, 0]}

    def named_variables(self):
        return {"embeddings.token": self.table}


def test_r_drop_is_the_mean_loss_and_the_divergence_of_tokens_that_count():
    model = Alternating()
    model.fine_tuning = FineTuningOptions(r_drop=2.0)
    model.compile(keras.optimizers.SGD(0.0), loss=LabelCrossentropy(), run_eagerly=True)
    features = {"token_ids": np.array([[5, 0], [5, 5]]), "padding_mask": np.array([[1, 0], [1, 1]])}
    model(features)
    model.passes = 0
    loss = model.train_on_batch(features, np.array([[0, -100], [1, 1]]))
    # First pass: classes of probability 1/4, 3/4, 3/4; second pass 1/2. Divergence ln(3) / 8 of each of three tokens.
    first = (np.log(4) + 2 * np.log(4 / 3)) / 3
    assert float(loss) == pytest.approx((first + np.log(2)) / 2 + 2 * np.log(3) / 8, rel=1e-5)


def test_where_targets_do_not_tell_the_padding_mask_does():
    model = Alternating()
    model.fine_tuning = FineTuningOptions(r_drop=1.0)
    model.compile(keras.optimizers.SGD(0.0), loss=lambda y, p: 0.0 * keras.ops.mean(p, axis=(1, 2)), run_eagerly=True)
    features = {"token_ids": np.array([[5, 0]]), "padding_mask": np.array([[1, 0]])}
    model(features)
    model.passes = 0
    assert float(model.train_on_batch(features, np.array([0]))) == pytest.approx(np.log(3) / 8, rel=1e-5)
    model.passes = 0
    halved = model.train_on_batch(features, np.array([0]), sample_weight=np.array([0.5]))
    assert float(halved) == pytest.approx(np.log(3) / 16, rel=1e-5)


TEXTS, LABELS = ["the film was good", "a bad day", "good", "the day was bad ."], ["good", "bad", "good", "bad"]


def trained(tiny_config, tiny_tokenizer, options, *, precision="float32", dropout=0.0, accumulation=None, epochs=2):
    from kbert.backbone import BertBackbone

    keras.utils.set_random_seed(7)
    config = tiny_config.replace(num_layers=1, dropout=dropout, attention_dropout=dropout)
    model = Trained(BertBackbone(config, dtype=precision), ["bad", "good"], tiny_tokenizer, max_length=16)
    model.fine_tuning = options
    optimizer = AdamW(1e-2, global_clipnorm=1.0, gradient_accumulation_steps=accumulation)
    model.compile(optimizer, loss=LabelCrossentropy())
    history = model.fit(TEXTS, LABELS, batch_size=2, epochs=epochs, verbose=0)
    return model, history.history["loss"]


def weights_of(model):
    return {name: variable.numpy() for name, variable in model.named_variables().items()}


def test_with_all_options_off_it_is_keras_own_step(tiny_config, tiny_tokenizer, monkeypatch):
    plain, losses = trained(tiny_config, tiny_tokenizer, FineTuningOptions(), dropout=0.1)
    monkeypatch.delattr(FineTuningStep, "train_step")
    own, own_losses = trained(tiny_config, tiny_tokenizer, FineTuningOptions(), dropout=0.1)
    assert losses == own_losses
    for name, value in weights_of(plain).items():
        np.testing.assert_array_equal(value, weights_of(own)[name], err_msg=name)


def test_r_drop_without_dropout_changes_nothing(tiny_config, tiny_tokenizer):
    plain, losses = trained(tiny_config, tiny_tokenizer, FineTuningOptions())
    dropped, its_losses = trained(tiny_config, tiny_tokenizer, FineTuningOptions(r_drop=5.0))
    np.testing.assert_allclose(its_losses, losses, atol=1e-6)
    # Adam's first steps have one size whatever that of the gradient, so roundings of tiny ones show.
    kernel = "classifier.dense.kernel"
    np.testing.assert_allclose(weights_of(dropped)[kernel], weights_of(plain)[kernel], atol=1e-4)


def test_r_drop_under_dropout_adds_to_the_loss(tiny_config, tiny_tokenizer):
    def first_loss(r_drop):
        options = FineTuningOptions(r_drop=r_drop)
        return trained(tiny_config, tiny_tokenizer, options, dropout=0.3, epochs=1)[1][0]

    # The same two passes in both: what grows is the divergence alone. Its weight moves the second batch's weights too.
    assert first_loss(10.0) > first_loss(1e-6) + 0.05


# Each precision, and accumulation with and without loss scaling.
@pytest.mark.parametrize(
    ("precision", "accumulation"),
    [("float32", None), ("mixed_bfloat16", 2), ("mixed_float16", None), ("mixed_float16", 2)],
)
def test_both_learn_in_fit(tiny_config, tiny_tokenizer, precision, accumulation):
    options = FineTuningOptions(r_drop=1.0, adversarial=0.5)
    model, losses = trained(
        tiny_config,
        tiny_tokenizer,
        options,
        precision=precision,
        dropout=0.1,
        accumulation=accumulation,
        epochs=30,
    )
    assert losses[-1] < 0.5 * losses[0]
    assert [prediction.label for prediction in model.predict(TEXTS)] == LABELS


def test_dropout_goes_on_after_the_adversarial_pass(tiny_config, tiny_tokenizer):
    def seed_states(options):
        model, _ = trained(tiny_config, tiny_tokenizer, options, dropout=0.1, epochs=1)
        return [variable.numpy() for variable in model.non_trainable_variables]

    once, twice = seed_states(FineTuningOptions()), seed_states(FineTuningOptions(adversarial=0.5))
    both = seed_states(FineTuningOptions(r_drop=1.0))
    assert any((a != b).any() for a, b in zip(once, twice, strict=True))
    for a, b in zip(twice, both, strict=True):  # two passes a batch either way
        np.testing.assert_array_equal(a, b)
