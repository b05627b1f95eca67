"""A fine-tuned tiny run with four heads a layer, and the data that it knows."""

import keras
import pytest


@pytest.fixture(scope="session")
def sentiment(tmp_path_factory):
    from kbert.data import read_labelled_texts

    path = tmp_path_factory.mktemp("data") / "sentiment.tsv"
    subjects = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]
    rows = [f"the {s} was {label}{end}\t{label}" for s in subjects for label in ("good", "bad") for end in ("", " .")]
    path.write_text("text\tlabel\n" + "\n".join(rows) + "\n", "utf-8")
    return read_labelled_texts(path)


@pytest.fixture(scope="session")
def trained_run(tiny_config, tiny_tokenizer, sentiment, tmp_path_factory):
    """A run directory of a classifier that gets every text of `sentiment` right; tests only read it."""
    from kbert.backbone import BertBackbone
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(3)
    config = tiny_config.replace(num_heads=4, dropout=0.0, attention_dropout=0.0)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    model.compile(keras.optimizers.Adam(5e-3), loss=TextClassifier.loss_function())
    model.fit(sentiment.texts, sentiment.labels, batch_size=20, epochs=30, verbose=0)
    return model.save_checkpoint(tmp_path_factory.mktemp("trained") / "run", history=[{"train_loss": 0.1}])
