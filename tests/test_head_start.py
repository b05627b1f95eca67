import keras
import numpy as np
import pytest

from kbert.data import tokenize
from kbert.head_start import probe_head

TEXTS = [f"the {subject} was {label}" for subject in ("film", "day", "cat", "dog") for label in ("bad", "good")]
LABEL_IDS = [0, 1] * 4


def accuracy(model, texts, label_ids) -> float:
    return float(np.mean(model.predict_proba(texts).argmax(axis=1) == label_ids))


def encoder_weights(model) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable).copy() for variable in model.backbone.trainable_variables]


def pooled_output(model, text) -> np.ndarray:
    encoding = model.tokenizer.encode(text)
    names = ("token_ids", "segment_ids", "padding_mask")
    features = {name: np.array([getattr(encoding, name)], "int32") for name in names}
    return keras.ops.convert_to_numpy(model.backbone(features)["pooled_output"])


def test_the_head_tells_the_labels_apart_and_the_encoder_is_untouched(tiny_classifier):
    words = ["bad", "good", "bad .", "good ."]
    texts = tokenize(tiny_classifier.tokenizer, words, [0, 1, 0, 1], max_length=16)
    before = encoder_weights(tiny_classifier)
    probe_head(tiny_classifier, texts, batch_size=3, seed=0)
    assert accuracy(tiny_classifier, words, [0, 1, 0, 1]) == 1.0
    tiny_classifier.classifier.dense.kernel.assign(-tiny_classifier.classifier.dense.kernel)
    assert accuracy(tiny_classifier, words, [0, 1, 0, 1]) < 1.0
    for now, then in zip(encoder_weights(tiny_classifier), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("labels", [2, 3])
def test_it_is_the_logistic_regression_on_pooled_output(tiny_config, tiny_tokenizer, labels):
    from sklearn.linear_model import LogisticRegression

    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(7)
    names = ["bad", "good", "so so"][:labels]
    model = TextClassifier(BertBackbone(tiny_config), names, tiny_tokenizer, max_length=16)
    label_ids = [i % labels for i in range(len(TEXTS))]
    texts = tokenize(tiny_tokenizer, TEXTS, label_ids, max_length=16)
    probe_head(model, texts, batch_size=8, seed=0)
    features = np.concatenate([pooled_output(model, text) for text in TEXTS])
    expected = LogisticRegression().fit(features, label_ids).predict_proba(features)
    np.testing.assert_allclose(model.predict_proba(TEXTS), expected, atol=2e-3)  # both stop near the optimum


def test_a_label_without_texts_keeps_its_weights(tiny_config, tiny_tokenizer):
    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    model = TextClassifier(BertBackbone(tiny_config), ["bad", "good", "never"], tiny_tokenizer, max_length=16)
    before = keras.ops.convert_to_numpy(model.classifier.dense.kernel).copy()
    probe_head(model, tokenize(tiny_tokenizer, TEXTS, LABEL_IDS, max_length=16), batch_size=8, seed=0)
    after = keras.ops.convert_to_numpy(model.classifier.dense.kernel)
    np.testing.assert_array_equal(after[:, 2], before[:, 2])
    assert not np.allclose(after[:, :2], before[:, :2])
