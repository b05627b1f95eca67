import keras
import numpy as np
import pytest

from kbert.data import tokenize
from kbert.head_start import probe_head

TEXTS = [f"the {subject} was {label}" for subject in ("film", "day", "cat", "dog") for label in ("bad", "good")]
LABEL_IDS = [0, 1] * 4


def classifier(config, tokenizer, names=("bad", "good"), *, head_dropout=0.0):
    """A classifier of random weights, the same in every test."""
    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(7)
    config = config.replace(dropout=0.0, attention_dropout=0.0, classifier_dropout=head_dropout)
    return TextClassifier(BertBackbone(config), names, tokenizer, max_length=16)


def accuracy(model, texts, label_ids) -> float:
    return float(np.mean(model.predict_proba(texts).argmax(axis=1) == label_ids))


def encoder_weights(model) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable).copy() for variable in model.backbone.trainable_variables]


def pooled_output(model, text) -> np.ndarray:
    encoding = model.tokenizer.encode(text)
    names = ("token_ids", "segment_ids", "padding_mask")
    features = {name: np.array([getattr(encoding, name)], "int32") for name in names}
    return keras.ops.convert_to_numpy(model.backbone(features)["pooled_output"])


def test_the_head_tells_the_labels_apart_and_the_encoder_is_untouched(tiny_config, tiny_tokenizer):
    model = classifier(tiny_config, tiny_tokenizer)
    words = ["bad", "good", "bad .", "good ."]
    texts = tokenize(tiny_tokenizer, words, [0, 1, 0, 1], max_length=16)
    before = encoder_weights(model)
    assert probe_head(model, texts, batch_size=3, seed=0)
    assert accuracy(model, words, [0, 1, 0, 1]) == 1.0
    model.classifier.dense.kernel.assign(-model.classifier.dense.kernel)
    assert accuracy(model, words, [0, 1, 0, 1]) < 1.0
    for now, then in zip(encoder_weights(model), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("labels", [2, 3])
def test_it_is_the_logistic_regression_on_pooled_output(tiny_config, tiny_tokenizer, labels):
    from sklearn.linear_model import LogisticRegression

    model = classifier(tiny_config, tiny_tokenizer, ["bad", "good", "so so"][:labels])
    label_ids = [i % labels for i in range(len(TEXTS))]
    texts = tokenize(tiny_tokenizer, TEXTS, label_ids, max_length=16)
    probe_head(model, texts, batch_size=8, seed=0)
    features = np.concatenate([pooled_output(model, text) for text in TEXTS])
    expected = LogisticRegression().fit(features, label_ids).predict_proba(features)
    np.testing.assert_allclose(model.predict_proba(TEXTS), expected, atol=2e-3)  # both stop near the optimum


def test_a_label_without_texts_keeps_its_weights(tiny_config, tiny_tokenizer):
    model = classifier(tiny_config, tiny_tokenizer, ["bad", "good", "never"])
    before = keras.ops.convert_to_numpy(model.classifier.dense.kernel).copy()
    probe_head(model, tokenize(tiny_tokenizer, TEXTS, LABEL_IDS, max_length=16), batch_size=8, seed=0)
    after = keras.ops.convert_to_numpy(model.classifier.dense.kernel)
    np.testing.assert_array_equal(after[:, 2], before[:, 2])
    assert not np.allclose(after[:, :2], before[:, :2])


@pytest.mark.parametrize(("rate", "kept"), [(0.0, True), (0.98, False)])
def test_a_head_that_dropout_makes_worse_than_none_is_not_set(tiny_config, tiny_tokenizer, rate, kept):
    model = classifier(tiny_config, tiny_tokenizer, head_dropout=rate)
    before = [variable.numpy() for variable in model.classifier.trainable_variables]
    texts = tokenize(tiny_tokenizer, TEXTS, LABEL_IDS, max_length=16)
    assert probe_head(model, texts, batch_size=8, seed=0) == kept
    after = [variable.numpy() for variable in model.classifier.trainable_variables]
    assert all(np.array_equal(now, then) for now, then in zip(after, before, strict=True)) != kept


def test_dropout_draws_the_same_afterwards(tiny_config, tiny_tokenizer):
    model = classifier(tiny_config, tiny_tokenizer, head_dropout=0.5)
    before = [variable.numpy() for variable in model.non_trainable_variables]
    assert before
    probe_head(model, tokenize(tiny_tokenizer, TEXTS, LABEL_IDS, max_length=16), batch_size=8, seed=0)
    for variable, then in zip(model.non_trainable_variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), then)
