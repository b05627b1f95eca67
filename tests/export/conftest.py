"""One fine-tuned tiny model and one export of it, shared by the tests of the files."""

import dataclasses

import pytest


@pytest.fixture(scope="session")
def validation(tmp_path_factory):
    from kbert.data import read_labelled_texts

    path = tmp_path_factory.mktemp("data") / "validation.tsv"
    subjects = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]
    labels, ends = ("good", "bad"), ("", " .", " !")
    rows = [f"the {s} was {label}{end}\t{label}" for s in subjects for label in labels for end in ends]
    path.write_text("text\tlabel\n" + "\n".join(rows) + "\n", "utf-8")
    return read_labelled_texts(path)


@pytest.fixture(scope="session")
def trained(tiny_config, tiny_tokenizer, validation):
    """A tiny classifier that gets every text of `validation` right."""
    import keras

    from kbert.backbone import BertBackbone
    from kbert.optimizer import make_optimizer
    from kbert.tasks import TextClassifier

    keras.utils.set_random_seed(3)
    config = dataclasses.replace(tiny_config, dropout=0.0, attention_dropout=0.0)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    optimizer = make_optimizer(learning_rate=5e-3, total_steps=150, warmup_steps=15)
    model.compile(optimizer, loss=TextClassifier.loss_function())
    model.fit(validation.texts, validation.labels, batch_size=20, epochs=40, verbose=0)
    return model


@pytest.fixture(scope="session")
def exported(trained, validation, tmp_path_factory):
    """The export directory and its report: both formats, every scheme that both have."""
    from kbert.export import Recipe, export_model

    folder = tmp_path_factory.mktemp("export") / "exported"
    recipe = Recipe(schemes=("dynamic_int8", "float32", "float16"), max_drop=0.0)
    return folder, export_model(trained, recipe, validation, folder, name="tiny")
