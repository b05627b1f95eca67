import keras
import numpy as np
import pytest

from kbert.data import tokenize
from kbert.head_start import RIDGE_ALPHAS, probe_head

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


def scored(config, tokenizer, task, names, *, head_dropout=0.0):
    """As `classifier`, for another task."""
    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(7)
    config = config.replace(dropout=0.0, attention_dropout=0.0, classifier_dropout=head_dropout)
    return TextClassifier(BertBackbone(config), names, tokenizer, max_length=16, task=task)


def test_many_labels_are_a_logistic_regression_each(tiny_config, tiny_tokenizer):
    from sklearn.linear_model import LogisticRegression

    model = scored(tiny_config, tiny_tokenizer, "multi-label", ["film", "good", "never", "always"])
    targets = np.array([["film" in text, "good" in text, False, True] for text in TEXTS], "float32")
    before = keras.ops.convert_to_numpy(model.classifier.dense.kernel).copy()
    assert probe_head(model, tokenize(tiny_tokenizer, TEXTS, {"logits": targets}, max_length=16), batch_size=8, seed=0)
    features = np.concatenate([pooled_output(model, text) for text in TEXTS])
    found = model.predict_proba(TEXTS)
    for label in (0, 1):
        expected = LogisticRegression().fit(features, targets[:, label]).predict_proba(features)[:, 1]
        np.testing.assert_allclose(found[:, label], expected, atol=2e-3)  # both stop near the optimum
    # Nothing can be fitted to a label that no text has, or all.
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(model.classifier.dense.kernel)[:, 2:], before[:, 2:])


def test_a_score_is_a_linear_regression_in_the_units_of_the_data(tiny_config, tiny_tokenizer):
    from sklearn.linear_model import RidgeCV

    model = scored(tiny_config, tiny_tokenizer, "regression", ["score"])
    # Far from 0, where a random head begins.
    scores = np.array([[100.0 + 3 * ("good" in text)] for text in TEXTS], "float32")
    assert probe_head(model, tokenize(tiny_tokenizer, TEXTS, {"logits": scores}, max_length=16), batch_size=3, seed=0)
    features = np.concatenate([pooled_output(model, text) for text in TEXTS])
    expected = RidgeCV(alphas=RIDGE_ALPHAS).fit(features, scores[:, 0]).predict(features)
    found = model.predict_proba(TEXTS)[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-3)  # float32 against float64
    assert np.abs(found - scores[:, 0]).mean() < 1.0


@pytest.mark.parametrize(
    ("task", "names", "targets"),
    [
        ("multi-label", ["film", "good"], [["film" in text, "good" in text] for text in TEXTS]),
        ("regression", ["score"], [[100.0 + ("good" in text)] for text in TEXTS]),
    ],
)
def test_dropout_may_take_such_a_head_back(tiny_config, tiny_tokenizer, task, names, targets):
    targets = np.array(targets, "float32")
    for rate, kept in ((0.0, True), (0.98, False)):
        model = scored(tiny_config, tiny_tokenizer, task, names, head_dropout=rate)
        kernel = model.classifier.dense.kernel.numpy()
        texts = tokenize(tiny_tokenizer, TEXTS, {"logits": targets}, max_length=16)
        assert probe_head(model, texts, batch_size=8, seed=0) == kept
        assert np.array_equal(model.classifier.dense.kernel.numpy(), kernel) != kept
    # What is left to a score is where the scores are.
    expected = [100.5] if task == "regression" else [0.0, 0.0]
    np.testing.assert_allclose(model.classifier.dense.bias.numpy(), expected, atol=1e-5)
