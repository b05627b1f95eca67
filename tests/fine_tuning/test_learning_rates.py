"""Learning rates by layer and frozen layers, on an encoder of two layers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kbert.compact_vocabulary import TOKEN_TABLE, CompactVocabulary
from kbert.errors import InputError
from kbert.fine_tuning.learning_rates import freeze, layer_decay_multipliers
from kbert.optimizer import AdamW, decay_without_gradient, make_optimizer
from kbert.tasks import TextClassifier

TEXTS, LABELS = ["the film was good", "a bad day", "good", "the day was bad ."], ["good", "bad", "good", "bad"]


def test_each_layer_down_has_one_factor_more(tiny_classifier):
    multipliers = layer_decay_multipliers(tiny_classifier, 0.5)
    by_name = {
        name: multipliers.get(variable.path, 1.0) for name, variable in tiny_classifier.named_variables().items()
    }
    assert by_name["classifier.dense.kernel"] == by_name["pooler.kernel"] == 1.0
    assert by_name["layers.1.output_norm.gamma"] == by_name["layers.1.attention.query.kernel"] == 0.5
    assert by_name["layers.0.intermediate.bias"] == 0.25
    assert by_name["embeddings.token"] == by_name["embeddings.layer_norm.beta"] == 0.125
    assert layer_decay_multipliers(tiny_classifier, 1.0) == {}
    assert len(layer_decay_multipliers(tiny_classifier.backbone, 0.5)) == 5 + 2 * 16


def two_kernels():
    return [keras.Variable(np.array([1.0, -1.0], "float32"), name=f"kernel_{i}") for i in range(2)]


@pytest.mark.parametrize("weight_decay", [0.0, 0.5])
def test_a_multiplier_scales_step_and_weight_decay(weight_decay):
    slow, plain = two_kernels()
    optimizer = AdamW(0.1, weight_decay=weight_decay, learning_rate_multipliers={slow.path: 0.25})
    optimizer.build([slow, plain])
    optimizer.apply_gradients([(tf.constant([3.0, 3.0]), slow), (tf.constant([3.0, 3.0]), plain)])
    # Adam's first step is the learning rate; decay takes 0.1 * 0.5 of the weight, or a quarter of it.
    decayed = 1 - 0.1 * weight_decay, 1 - 0.025 * weight_decay
    np.testing.assert_allclose(plain.numpy(), [decayed[0] - 0.1, -decayed[0] - 0.1], rtol=1e-5)
    np.testing.assert_allclose(slow.numpy(), [decayed[1] - 0.025, -decayed[1] - 0.025], rtol=1e-5)


def test_it_multiplies_what_the_schedule_says_under_accumulation():
    slow, plain = two_kernels()
    optimizer = make_optimizer(
        learning_rate=0.4,
        total_steps=4,
        warmup_steps=2,
        weight_decay=0.0,
        gradient_accumulation=2,
        learning_rate_multipliers={slow.path: 0.5},
    )
    optimizer.build([slow, plain])
    for _ in range(4):  # two updates, at rates 0 and 0.2
        optimizer.apply_gradients([(tf.constant([1.0, 1.0]), slow), (tf.constant([1.0, 1.0]), plain)])
    np.testing.assert_allclose(plain.numpy(), [0.8, -1.2], rtol=1e-4)
    np.testing.assert_allclose(slow.numpy(), [0.9, -1.1], rtol=1e-4)


def test_multipliers_are_part_of_the_configuration():
    optimizer = make_optimizer(
        learning_rate=0.1, total_steps=10, warmup_steps=0, learning_rate_multipliers={"embeddings/position": 0.25}
    )
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(copy, AdamW)
    assert copy.learning_rate_multipliers == {"embeddings/position": 0.25}
    with pytest.raises(InputError, match="^kind must be adamw for learning_rate_multipliers. Received: lamb$"):
        make_optimizer(
            learning_rate=0.1, total_steps=1, warmup_steps=0, kind="lamb", learning_rate_multipliers={"a": 0.5}
        )


def test_decay_without_gradient_knows_the_multiplier_and_what_is_frozen():
    slow, plain = two_kernels()
    optimizer = make_optimizer(
        learning_rate=0.5, total_steps=2, warmup_steps=0, weight_decay=0.1, learning_rate_multipliers={slow.path: 0.5}
    )
    # Rates 0.5 and 0.25, halved.
    assert decay_without_gradient(optimizer, 2, slow) == pytest.approx(0.975 * 0.9875)
    assert decay_without_gradient(optimizer, 2, plain) == pytest.approx(0.95 * 0.975)
    slow.trainable = False
    assert decay_without_gradient(optimizer, 2, slow) == 1.0


def fit(model, *, multipliers=None, epochs=3):
    optimizer = make_optimizer(
        learning_rate=1e-2, total_steps=2 * epochs, warmup_steps=1, learning_rate_multipliers=multipliers
    )
    model.compile(optimizer, loss=TextClassifier.loss_function())
    model.optimizer.build(model.trainable_variables)
    model.fit(TEXTS, LABELS, batch_size=2, epochs=epochs, verbose=0)
    return optimizer


@pytest.mark.parametrize("frozen", [None, "embeddings"])
def test_the_compact_vocabulary_gives_what_the_whole_table_does(tiny_classifier, tiny_tokenizer, frozen):
    from kbert.data import tokenize

    texts = tokenize(tiny_tokenizer, TEXTS, max_length=16)
    table = tiny_classifier.named_variables()[TOKEN_TABLE].numpy()
    compact = CompactVocabulary(texts.token_ids, table)
    small = compact.shrink(tiny_classifier)
    small.tokenizer, whole = None, tiny_classifier
    results = []
    for model, vocabulary in ((whole, None), (small, compact)):
        freeze(model.backbone, frozen)
        optimizer = make_optimizer(
            learning_rate=1e-2,
            total_steps=6,
            warmup_steps=1,
            learning_rate_multipliers=layer_decay_multipliers(model, 0.5),
        )
        model.compile(optimizer, loss=TextClassifier.loss_function())
        model.fit(batches(tiny_tokenizer, vocabulary), epochs=3, verbose=0)
        found = model.named_variables()[TOKEN_TABLE]
        if vocabulary is None:
            results.append(found.numpy())
        else:
            results.append(vocabulary.expand(found.numpy(), decay_without_gradient(optimizer, 6, found)))
    np.testing.assert_allclose(results[1], results[0], atol=1e-6)
    assert np.array_equal(results[0], table) == (frozen is not None)


def batches(tokenizer, compact):
    from kbert.data import make_batches, tokenize

    texts = tokenize(tokenizer, TEXTS, [1, 0, 1, 0], max_length=16)
    return make_batches(compact.translate(texts) if compact else texts, [np.array([0, 1]), np.array([2, 3])])


@pytest.mark.parametrize(
    ("what", "moved"),
    [
        ("embeddings", {"layers.0", "layers.1", "pooler", "classifier"}),
        (1, {"layers.1", "pooler", "classifier"}),
        ("backbone", {"classifier"}),
        (None, {"embeddings", "layers.0", "layers.1", "pooler", "classifier"}),
    ],
)
def test_frozen_layers_stay_as_they_are(tiny_classifier, what, moved):
    freeze(tiny_classifier.backbone, what)
    before = {name: variable.numpy() for name, variable in tiny_classifier.named_variables().items()}
    fit(tiny_classifier)
    changed = {
        ".".join(name.split(".")[: 2 if name.startswith("layers") else 1])
        for name, variable in tiny_classifier.named_variables().items()
        if not np.array_equal(variable.numpy(), before[name])
    }
    assert changed == moved


def test_layer_decay_in_fit_moves_lower_layers_less(tiny_classifier):
    before = {name: variable.numpy() for name, variable in tiny_classifier.named_variables().items()}
    fit(tiny_classifier, multipliers=layer_decay_multipliers(tiny_classifier, 0.1), epochs=1)
    moves = {
        name: np.abs(variable.numpy() - before[name]).max()
        for name, variable in tiny_classifier.named_variables().items()
    }
    # Two steps of Adam of at most about the rate each, 1e-2 and 5e-3 times the multiplier.
    assert moves["classifier.dense.kernel"] > 5e-3
    assert 5e-4 < moves["layers.1.output.kernel"] < 2e-3
    assert 5e-5 < moves["layers.0.output.kernel"] < 2e-4
    assert 5e-6 < moves["embeddings.position"] < 2e-5
