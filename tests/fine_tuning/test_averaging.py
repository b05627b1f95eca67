"""Moving averages: what they are, that they come and go exactly, and that a resumed run has the same."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.fine_tuning.averaging import averaged_weights
from kbert.optimizer import AdamW, decay_without_gradient, make_optimizer
from kbert.tasks import TextClassifier
from kbert.training_state import state_variables

TEXTS, LABELS = ["the film was good", "a bad day", "good", "the day was bad ."], ["good", "bad", "good", "bad"]


def test_the_average_starts_at_the_first_weights_and_keeps_its_share():
    weight = keras.Variable(np.array([0.0], "float32"), name="kernel")
    optimizer = AdamW(1.0, weight_decay=0.0, use_ema=True, ema_momentum=0.75)
    optimizer.build([weight])
    averages = []
    for _ in range(3):  # equal gradients: a step of Adam is the learning rate, so the weight is -1, -2, -3
        optimizer.apply_gradients([(tf.constant([1.0]), weight)])
        averages.append(float(optimizer.average_of(weight)[0]))
    np.testing.assert_allclose(averages, [-1.0, -1.25, -1.6875], rtol=1e-5)


def test_under_accumulation_it_is_over_updates():
    weight = keras.Variable(np.array([0.0], "float32"), name="kernel")
    optimizer = AdamW(1.0, weight_decay=0.0, use_ema=True, ema_momentum=0.75, gradient_accumulation_steps=2)
    optimizer.build([weight])
    averages = []
    for _ in range(6):
        optimizer.apply_gradients([(tf.constant([1.0]), weight)])
        averages.append(float(optimizer.average_of(weight)[0]))
    np.testing.assert_allclose(averages, [0.0, -1.0, -1.0, -1.25, -1.25, -1.6875], rtol=1e-5)


def compiled(model, **settings):
    optimizer = make_optimizer(learning_rate=1e-2, total_steps=8, warmup_steps=1, **settings)
    model.compile(optimizer, loss=TextClassifier.loss_function())
    model.optimizer.build(model.trainable_variables)
    return optimizer


def weights_of(model):
    return {name: variable.numpy() for name, variable in model.named_variables().items()}


def assert_equal(a, b):
    for name, value in a.items():
        np.testing.assert_array_equal(value, b[name], err_msg=name)


def differ(a, b):
    return any(not np.array_equal(value, b[name]) for name, value in a.items())


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_averages_come_and_go_exactly(tiny_config, tiny_tokenizer, dtype):
    from kbert.backbone import BertBackbone

    keras.utils.set_random_seed(7)
    model = TextClassifier(BertBackbone(tiny_config, dtype=dtype), ["bad", "good"], tiny_tokenizer, max_length=16)
    compiled(model, ema=0.9)
    with averaged_weights(model):  # no update yet, so no average
        first = weights_of(model)
    assert_equal(first, weights_of(model))
    model.fit(TEXTS, LABELS, batch_size=2, epochs=2, verbose=0)
    own = weights_of(model)
    with averaged_weights(model):
        averaged = weights_of(model)
        model.predict(TEXTS)
    assert differ(averaged, own)
    assert_equal(own, weights_of(model))
    with pytest.raises(KeyboardInterrupt), averaged_weights(model):
        raise KeyboardInterrupt
    assert_equal(own, weights_of(model))


def test_averaging_does_not_change_the_training(tiny_config, tiny_tokenizer):
    from kbert.backbone import BertBackbone

    runs = []
    for settings in ({}, {"ema": 0.9}):
        keras.utils.set_random_seed(7)
        model = TextClassifier(BertBackbone(tiny_config), ["bad", "good"], tiny_tokenizer, max_length=16)
        compiled(model, **settings)
        for epoch in range(2):  # each a `fit` of its own, at whose end Keras would put the averages in
            model.fit(TEXTS, LABELS, batch_size=2, initial_epoch=epoch, epochs=epoch + 1, verbose=0)
            with averaged_weights(model):
                model.predict(TEXTS)
        runs.append(weights_of(model))
    assert_equal(*runs)


def test_without_averages_there_is_nothing_to_swap(tiny_classifier):
    compiled(tiny_classifier)
    tiny_classifier.fit(TEXTS, LABELS, batch_size=2, verbose=0)
    own = weights_of(tiny_classifier)
    with averaged_weights(tiny_classifier):
        assert_equal(own, weights_of(tiny_classifier))


def test_averages_are_part_of_the_state_that_is_resumed(tiny_classifier):
    optimizer = compiled(tiny_classifier, ema=0.9)
    variables = {id(variable) for variable in state_variables(tiny_classifier, optimizer).values()}
    assert all(id(optimizer.average_of(variable)) in variables for variable in tiny_classifier.trainable_variables)


def test_what_decay_leaves_of_an_average_is_that_of_an_untouched_weight():
    table = keras.Variable(np.array([[8.0], [1.0]], "float32"), name="table")
    optimizer = make_optimizer(
        learning_rate=0.5, total_steps=4, warmup_steps=0, weight_decay=0.2, clip_norm=None, ema=0.5
    )
    optimizer.build([table])
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant([[0.0], [1.0]]), table)])
    # Rates 0.5, 0.375, 0.25: the weight is 8 times 0.9, 0.9 * 0.925, 0.9 * 0.925 * 0.95.
    weights = 0.9, 0.9 * 0.925, 0.9 * 0.925 * 0.95
    average = 0.5 * (0.5 * weights[0] + 0.5 * weights[1]) + 0.5 * weights[2]
    assert decay_without_gradient(optimizer, 3, table) == pytest.approx(weights[2], rel=1e-6)
    assert decay_without_gradient(optimizer, 3, table, averaged=True) == pytest.approx(average, rel=1e-6)
    assert float(table[0, 0]) == pytest.approx(8 * weights[2], rel=1e-6)
    assert float(optimizer.average_of(table)[0, 0]) == pytest.approx(8 * average, rel=1e-6)
