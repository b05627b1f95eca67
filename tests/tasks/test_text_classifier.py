import re

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.data import read_labelled_texts
from kbert.errors import InputError
from kbert.tasks import ClassPrediction, TextClassifier

TEXTS = ["the film was good", "bad .", "a good day was the film !", "", "the"]
FEATURES = {name: np.array([[2, 40, 3]], "int32") for name in ("token_ids", "segment_ids", "padding_mask")}


@pytest.fixture
def one_layer(tiny_config, tiny_tokenizer) -> TextClassifier:
    """A classifier that is quick to train."""
    keras.utils.set_random_seed(7)
    backbone = BertBackbone(tiny_config.replace(num_layers=1))
    return TextClassifier(backbone, ["bad", "good"], tiny_tokenizer, max_length=16)


@pytest.fixture
def sentiment(sentiment_file):
    return read_labelled_texts(sentiment_file)


def compiled(model: TextClassifier, learning_rate: float = 5e-3, **options) -> TextClassifier:
    model.compile(
        keras.optimizers.Adam(learning_rate), loss=TextClassifier.loss_function(), metrics=["accuracy"], **options
    )
    return model


def accuracy(model: TextClassifier, data) -> float:
    predictions = model.predict(data.texts)
    return float(np.mean([one.label == label for one, label in zip(predictions, data.labels, strict=True)]))


def test_fit_learns_texts_and_the_names_of_their_labels(one_layer, sentiment):
    history = compiled(one_layer).fit(
        sentiment.texts,
        sentiment.labels,
        batch_size=8,
        epochs=20,
        validation_data=(sentiment.texts, sentiment.labels),
        verbose=0,
    )
    assert history.history["val_accuracy"][0] < 0.8
    assert history.history["val_accuracy"][-1] == 1.0
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_names_and_positions_of_labels_are_the_same(tiny_classifier):
    ids = [
        [label_ids.numpy().tolist() for _, label_ids in tiny_classifier.batches(["the", "a", "a film"], labels)]
        for labels in (["good", "bad", "good"], [1, 0, 1], np.array([1, 0, 1]))
    ]
    assert ids == [[[1, 0, 1]]] * 3


def test_fit_takes_a_dataset_of_tensors(one_layer, sentiment):
    dataset = one_layer.batches(sentiment.texts, sentiment.labels, batch_size=8)
    keras.Model.compile(one_layer, "adam", loss=TextClassifier.loss_function(), jit_compile=False)
    one_layer.optimizer.learning_rate = 5e-3
    one_layer.fit(dataset, epochs=20, verbose=0, shuffle=False)
    assert accuracy(one_layer, sentiment) == 1.0
    assert one_layer.predict(dataset)["logits"].shape == (40, 2)


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["good", "bad"], ["good", "fine"], "label 'fine' is unknown to the model. Expected one of: bad, good"),
        (["good", "bad"], [0, 2], "label 2 is unknown to the model. Expected 0 to 1"),
        (["good", "bad"], [0, -1], "label -1 is unknown to the model. Expected 0 to 1"),
        (["good", "bad"], ["good"], "expected texts and a label for each. Received: 2 texts and 1 labels"),
        (["good", "bad"], None, "expected texts and a label for each. Received: 2 texts and 0 labels"),
        ([], [], "expected texts and a label for each. Received: 0 texts and 0 labels"),
    ],
)
def test_fit_checks_the_labels(tiny_classifier, texts, labels, message):
    compiled(tiny_classifier)
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        tiny_classifier.fit(texts, labels, verbose=0)


def test_shuffle_has_no_say_in_the_order_of_texts(one_layer):
    history = compiled(one_layer).fit(["good", "bad"], [1, 0], shuffle=True, verbose=0)
    assert len(history.history["loss"]) == 1


@pytest.mark.parametrize("call", ["predict", "predict_proba", "fit"])
def test_one_string_is_no_list_of_texts(tiny_classifier, call):
    with pytest.raises(InputError, match=r"^expected a list of texts, got one string: put it in brackets"):
        getattr(tiny_classifier, call)("good film")


def test_predictions_come_in_the_order_of_the_texts(tiny_classifier):
    predictions = tiny_classifier.predict(TEXTS)
    assert [type(one) for one in predictions] == [ClassPrediction] * 5
    assert [one.text for one in predictions] == TEXTS
    for one, row in zip(predictions, tiny_classifier.predict_proba(TEXTS), strict=True):
        assert one.probabilities == tuple(row.tolist())
        assert sum(one.probabilities) == pytest.approx(1.0, abs=1e-6)
        assert one.probability == max(one.probabilities)
        assert one.label == ["bad", "good"][int(np.argmax(row))]


def test_probabilities_are_the_softmax_of_the_logits(tiny_classifier, tiny_tokenizer):
    encoding = tiny_tokenizer.encode(TEXTS[0])
    logits = tiny_classifier(
        {
            "token_ids": np.array([encoding.token_ids], "int32"),
            "segment_ids": np.array([encoding.segment_ids], "int32"),
            "padding_mask": np.array([encoding.padding_mask], "int32"),
        }
    )["logits"]
    # The same sums in another graph: a few steps of float32.
    np.testing.assert_allclose(tiny_classifier.predict_proba(TEXTS)[0], keras.ops.softmax(logits)[0], atol=1e-6)


def test_no_texts_no_predictions(tiny_classifier):
    assert tiny_classifier.predict([]) == []
    assert tiny_classifier.predict_proba([]).shape == (0, 2)


def test_a_prediction_does_not_depend_on_its_batch(tiny_classifier):
    expected = tiny_classifier.predict_proba(TEXTS)
    # Padding adds exact zeros, but sums of another length round otherwise: a few steps of float32.
    np.testing.assert_allclose(tiny_classifier.predict_proba(TEXTS, batch_size=1), expected, atol=1e-6)
    np.testing.assert_allclose(tiny_classifier.predict_proba(TEXTS[::-1], batch_size=2)[::-1], expected, atol=1e-6)


def test_texts_are_cut_to_max_length(tiny_classifier):
    kept = "the good film was " * 3 + "a good"  # 14 tokens and the two special ones
    probabilities = tiny_classifier.predict_proba([kept, kept + " day", kept + " bad" * 25_000])
    np.testing.assert_array_equal(probabilities[1:], probabilities[[0, 0]])


def test_max_length_is_at_most_the_position_table(tiny_config, tiny_tokenizer):
    model = TextClassifier(BertBackbone(tiny_config), ["bad", "good"], tiny_tokenizer, max_length=1000)
    assert model.max_length == 32
    assert model.predict_proba(["good " * 100]).shape == (1, 2)


def test_a_model_without_tokenizer_takes_tensors_only(tiny_config):
    model = TextClassifier(BertBackbone(tiny_config), ["bad", "good"])
    assert model.predict(FEATURES)["logits"].shape == (1, 2)
    with pytest.raises(InputError, match=r"^a model without a tokenizer takes tensors only"):
        model.predict(["good"])


def test_xla_is_off_unless_asked_for(tiny_classifier):
    assert not compiled(tiny_classifier).jit_compile
    assert compiled(tiny_classifier, jit_compile=True).jit_compile


def test_dropout_before_the_head(tiny_config):
    assert TextClassifier(BertBackbone(tiny_config), ["a", "b"]).classifier.rate == 0.1
    other = tiny_config.replace(classifier_dropout=0.4)
    assert TextClassifier(BertBackbone(other), ["a", "b"]).classifier.rate == 0.4


@pytest.mark.parametrize("policy", [None, "mixed_bfloat16", "mixed_float16"])
def test_a_saved_model_gives_equal_outputs(tiny_config, tiny_tokenizer, tmp_path, policy):
    model = TextClassifier(
        BertBackbone(tiny_config, dtype=policy), ["bad", "good"], tiny_tokenizer, max_length=9, name="mine"
    )
    model.save(tmp_path / "x.keras")
    copy = keras.models.load_model(tmp_path / "x.keras")
    assert type(copy) is TextClassifier
    assert (copy.labels, copy.max_length, copy.name) == (("bad", "good"), 9, "mine")
    assert copy.dtype_policy.name == copy.backbone.dtype_policy.name == (policy or "float32")
    assert copy.tokenizer.vocabulary == tiny_tokenizer.vocabulary
    np.testing.assert_array_equal(copy(FEATURES)["logits"], model(FEATURES)["logits"])


def test_a_saved_model_without_tokenizer(tiny_config, tmp_path):
    model = TextClassifier(BertBackbone(tiny_config), ["bad", "good"])
    model.save(tmp_path / "x.keras")
    copy = keras.models.load_model(tmp_path / "x.keras")
    assert copy.tokenizer is None
    np.testing.assert_array_equal(copy(FEATURES)["logits"], model(FEATURES)["logits"])


def test_a_checkpoint_there_and_back(tiny_classifier, tmp_path):
    folder = tiny_classifier.save_checkpoint(tmp_path / "run", note="by hand")
    copy = TextClassifier.from_checkpoint(folder)
    assert (copy.labels, copy.max_length) == (("bad", "good"), 16)
    assert copy.predict(TEXTS) == tiny_classifier.predict(TEXTS)
    assert TextClassifier.from_checkpoint(folder, max_length=8).max_length == 8
    assert TextClassifier.from_checkpoint(folder, ["-", "+"]).labels == ("-", "+")


def test_a_run_directory_is_not_overwritten_unasked(tiny_classifier, tmp_path):
    folder = tiny_classifier.save_checkpoint(tmp_path / "run")
    with pytest.raises(InputError, match=r"the output folder holds something already. Choose another, or add --overwr"):
        tiny_classifier.save_checkpoint(folder)
    tiny_classifier.max_length = 5
    tiny_classifier.save_checkpoint(folder, overwrite=True)
    assert TextClassifier.from_checkpoint(folder).max_length == 5


def test_from_checkpoint_needs_labels_where_there_is_no_head(tiny_checkpoint):
    with pytest.raises(InputError, match=r"has no head for text-classification: say which labels to learn$"):
        TextClassifier.from_checkpoint(tiny_checkpoint)
    assert TextClassifier.from_checkpoint(tiny_checkpoint, ["a", "b", "c"]).predict(["the"])[0].label in "abc"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([], "expected at least two labels to tell apart, got 0"),
        (["good"], "expected at least two labels to tell apart, got 1"),
        (["good", "bad", "good"], "expected distinct labels, 'good' stands twice"),
    ],
)
def test_labels_must_tell_something_apart(tiny_checkpoint, labels, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        TextClassifier.from_checkpoint(tiny_checkpoint, labels)


def test_labels_that_do_not_match_the_head(tiny_classifier, tmp_path):
    folder = tiny_classifier.save_checkpoint(tmp_path / "run")
    message = f"{folder}: its text-classification head has 2 labels, got 3. Give as many, or ask for a new head"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        TextClassifier.from_checkpoint(folder, ["bad", "good", "fine"])
    assert TextClassifier.from_checkpoint(folder, ["bad", "good", "fine"], new_head=True).labels[-1] == "fine"
    with pytest.raises(InputError, match=r"say which labels to learn$"):
        TextClassifier.from_checkpoint(folder, new_head=True)


def test_a_tokenizer_of_another_size(tiny_checkpoint, tiny_tokenizer):
    from kbert.tokenizer import BertTokenizer

    with pytest.raises(InputError, match=r"the vocabulary is longer than the embedding table"):
        other = BertTokenizer([*tiny_tokenizer.vocabulary, "more"])
        TextClassifier.from_checkpoint(tiny_checkpoint, ["a", "b"], tokenizer=other)


def other_task(config, tokenizer, task, labels) -> TextClassifier:
    """A model of another task, quick to train."""
    keras.utils.set_random_seed(7)
    config = config.replace(num_layers=1, dropout=0.0, attention_dropout=0.0)
    model = TextClassifier(BertBackbone(config), labels, tokenizer, max_length=16, task=task)
    model.compile(keras.optimizers.Adam(5e-3), loss=TextClassifier.loss_function(task))
    return model


def test_fit_learns_sets_of_labels(tiny_config, tiny_tokenizer, sentiment):
    model = other_task(tiny_config, tiny_tokenizer, "multi-label", ["film", "good"])
    found = [[label for label in ("film", "good") if label in text] for text in sentiment.texts]
    assert [] in found
    model.fit(sentiment.texts, found, batch_size=8, epochs=40, verbose=0)
    answers = model.predict(sentiment.texts)
    assert [sorted(answer["labels"]) for answer in answers] == found
    assert set(answers[0]) == {"text", "labels", "probabilities", "threshold"}


def test_fit_learns_scores_of_pairs(tiny_config, tiny_tokenizer, sentiment):
    model = other_task(tiny_config, tiny_tokenizer, "regression", ["score"])
    pairs = [(text, other) for text in ("good", "bad") for other in sentiment.texts[:12]]
    scores = [("good" in one) - 2.0 * ("good" in other) for one, other in pairs]
    model.fit(pairs, scores, batch_size=8, epochs=40, verbose=0)
    np.testing.assert_allclose([answer["score"] for answer in model.predict(pairs)], scores, atol=0.4)
    assert model.predict_proba(pairs).shape == (24, 1)


@pytest.mark.parametrize(
    ("task", "labels", "targets", "expected"),
    [
        ("multi-label", ["a", "b", "c"], [["c", "a"], [], [1]], [[1, 0, 1], [0, 0, 0], [0, 1, 0]]),
        ("regression", ["score"], [1, 2.5, -3], [[1], [2.5], [-3]]),
    ],
)
def test_targets_of_other_tasks_are_floats(tiny_config, tiny_tokenizer, task, labels, targets, expected):
    model = other_task(tiny_config, tiny_tokenizer, task, labels)
    ((_, found),) = model.batches(["the", "the", "the"], targets)
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("task", "labels"), [("multi-label", ["a", "b", "c"]), ("regression", ["score"])])
def test_a_keras_file_and_a_run_keep_the_task(tiny_config, tiny_tokenizer, tmp_path, task, labels):
    model = other_task(tiny_config, tiny_tokenizer, task, labels)
    model.save(tmp_path / "model.keras")
    model.save_checkpoint(tmp_path / "run")
    for same in (
        keras.models.load_model(tmp_path / "model.keras", compile=False),
        TextClassifier.from_checkpoint(tmp_path / "run"),
    ):
        assert (same.problem.task, same.labels) == (task, tuple(labels))
        assert same.problem.settings() == model.problem.settings()
        np.testing.assert_allclose(same.predict_proba(TEXTS), model.predict_proba(TEXTS), atol=1e-6)
