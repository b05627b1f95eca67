import itertools
import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.data import read_scored_texts, read_triplets
from kbert.data.batching import epoch_rows, make_batches
from kbert.errors import InputError
from kbert.tasks import TextEmbedder
from kbert.training import FinetuneSettings, finetune

TEXTS = ["the film was good", "bad", "", "a good day , a bad film !"]
LABELS = ("good", "bad")
SUBJECTS = ["film", "day", "song", "meal", "game", "book", "walk", "trip"]
# Float32 on both sides, but sums of another batch.
TOLERANCE = 1e-6


@pytest.fixture
def embedder(tiny_config, tiny_tokenizer):
    keras.utils.set_random_seed(7)
    return TextEmbedder(BertBackbone(tiny_config), tiny_tokenizer, max_length=16)


@pytest.fixture
def write(tmp_path):
    def write(name, header, rows):
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        return path

    return write


def test_a_vector_is_the_mean_of_the_last_layer(embedder):
    ids = np.array([embedder.tokenizer.encode(TEXTS[0]).token_ids])
    features = {"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": 0 * ids + 1}
    mean = np.asarray(embedder.backbone(features)["sequence_output"])[0].mean(axis=0)
    np.testing.assert_allclose(embedder.encode(TEXTS[:1])[0], mean / np.linalg.norm(mean), atol=TOLERANCE)


def test_a_text_has_one_vector_whatever_is_beside_it(embedder):
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (4, 16)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(embedder.encode([text])[0], vector, atol=TOLERANCE)
    found = embedder.predict([(TEXTS[0], TEXTS[3]), (TEXTS[1], TEXTS[2])])
    np.testing.assert_allclose([found[0].embedding, found[0].embedding_b], vectors[[0, 3]], atol=TOLERANCE)
    assert (found[1].text, found[1].text_b) == (TEXTS[1], TEXTS[2])
    assert found[1].cosine == pytest.approx(float(vectors[1] @ vectors[2]), abs=TOLERANCE)


def test_predictions_of_texts(embedder):
    first, second = embedder.predict(["bad", "good"])
    assert (first.text, second.text) == ("bad", "good")
    np.testing.assert_allclose(first.embedding, embedder.encode(["bad"])[0], atol=TOLERANCE)
    assert embedder.predict([]) == []
    assert embedder.encode([]).shape == (0, 16)


def test_tensors_work_too(embedder):
    ids = np.array([[2, 30, 3]], "int32")
    outputs = embedder.predict({"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": 0 * ids + 1})
    assert outputs["embedding"].shape == (1, 16)


def test_one_text_alone_must_stand_in_a_list(embedder):
    for take in (embedder.encode, embedder.predict, embedder.fit):
        with pytest.raises(InputError, match="put it in brackets"):
            take("good")


def compiled(model):
    model.compile(keras.optimizers.Adam(5e-3), loss=TextEmbedder.loss_function())
    return model


@pytest.mark.filterwarnings("error:Gradients do not exist")
def test_scored_pairs_are_learnt(embedder):
    pairs = [(f"the {s} was {a}", f"a {b} {s}") for s in SUBJECTS for a in LABELS for b in LABELS]
    scores = [float(("good" in a) == ("good" in b)) for a, b in pairs]
    compiled(embedder).fit(pairs, scores, batch_size=8, epochs=12, verbose=0)
    cosines = np.array([prediction.cosine for prediction in embedder.predict(pairs)])
    near, far = (cosines[np.array(scores) == wanted] for wanted in (1, 0))
    assert np.mean(near[:, None] > far) > 0.95  # of 256 comparisons


@pytest.mark.parametrize("columns", [2, 3])
def test_near_texts_are_learnt(embedder, columns):
    rows = [(f"the {s}", f"a {s} .", f"the {o}")[:columns] for s, o in itertools.pairwise(SUBJECTS)]
    history = compiled(embedder).fit(rows, batch_size=4, epochs=15, verbose=0).history["loss"]
    assert history[-1] < 0.5 * history[0]


@pytest.mark.parametrize(
    ("inputs", "scores", "message"),
    [
        ([("a", "b"), ("c",)], None, "expected pairs, or triplets, got tuples of 1, 2 texts"),
        ([], None, "expected pairs, or triplets, got tuples of no texts"),
        ([("a", "b", "c")], [1.0], "expected pairs with a score each, got tuples of 3 texts"),
        ([("a", "b")], [1.0, 2.0], r"expected a score for each pair\. Received: 1 pairs and 2 scores"),
    ],
)
def test_what_cannot_be_learnt_from(embedder, inputs, scores, message):
    with pytest.raises(InputError, match=message):
        compiled(embedder).fit(inputs, scores)


@pytest.mark.parametrize("settings", [{"pooling": "mean", "normalize": True}, {"pooling": "cls", "normalize": False}])
def test_saving_and_loading(embedder, tmp_path, settings):
    model = TextEmbedder(embedder.backbone, embedder.tokenizer, 12, **settings)
    run = model.save_checkpoint(tmp_path / "run")
    assert json.loads((run / "kbert.json").read_text())["task_settings"] == settings
    copy = TextEmbedder.from_checkpoint(run)
    assert (copy.problem.settings(), copy.max_length) == (settings, 12)
    np.testing.assert_allclose(copy.encode(TEXTS), model.encode(TEXTS), atol=TOLERANCE)
    model.save(tmp_path / "model.keras")
    np.testing.assert_allclose(
        keras.models.load_model(tmp_path / "model.keras").encode(TEXTS), model.encode(TEXTS), atol=TOLERANCE
    )
    other = TextEmbedder.from_checkpoint(run, pooling="mean", normalize=True, max_length=8)
    assert (other.problem.settings(), other.max_length) == ({"pooling": "mean", "normalize": True}, 8)


def test_an_encoder_without_a_head_needs_no_training(shallow_checkpoint):
    model = TextEmbedder.from_checkpoint(shallow_checkpoint)
    assert (model.problem.settings(), model.max_length) == ({"pooling": "mean", "normalize": True}, 32)
    np.testing.assert_allclose(np.linalg.norm(model.encode(TEXTS), axis=1), 1.0, atol=TOLERANCE)


def test_finetuning_on_scored_pairs_keeps_the_best_order(shallow_checkpoint, write, tmp_path):
    rows = [f"{2.0 * (a == b)}\tthe {s} was {a}\ta {b} {s}" for s in SUBJECTS for a in LABELS for b in LABELS]
    data = read_scored_texts(write("pairs.tsv", "score\ttext\ttext_b", rows))
    settings = FinetuneSettings(epochs=8, learning_rate=5e-3, batch_size=8, max_length=16)
    found = finetune(shallow_checkpoint, data, tmp_path / "run", settings, task="embedding", validation=data)
    assert list(found.metrics) == ["train_loss", "spearman", "pearson"]
    assert found.metrics["spearman"] > 0.5  # two different scores, with ties: at most 0.87
    model = TextEmbedder.from_checkpoint(found.run)
    scores = model.problem.score(model.answer(data.inputs), data)
    assert scores["spearman"] == pytest.approx(found.metrics["spearman"], abs=1e-4)
    assert json.loads((found.run / "kbert.json").read_text())["settings"]["metric"] == "spearman"
    assert (found.run / "1_Pooling" / "config.json").is_file()
    # Learning goes on from a run, from other data too.
    triplets = [f"the {s},a {s} .,the {o}" for s, o in itertools.pairwise(SUBJECTS)]
    more = read_triplets(write("triplets.csv", "anchor,positive,negative", triplets))
    again = finetune(found.run, more, tmp_path / "more", settings, task="embedding", validation=more)
    assert list(again.metrics) == ["train_loss", "accuracy"]
    assert again.metrics["accuracy"] > 0.8


def test_a_metric_must_be_one_of_the_data(shallow_checkpoint, write, tmp_path):
    data = read_triplets(write("pairs.csv", "anchor,positive", ["a,b", "c,d"]))
    with pytest.raises(InputError, match=r"^metric must be one of accuracy\. Received: spearman$"):
        finetune(shallow_checkpoint, data, tmp_path / "run", FinetuneSettings(metric="spearman"), task="embedding")


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_finetuning_in_half_precision(shallow_checkpoint, write, tmp_path, precision):
    rows = [f"{2.0 * (a == b)}\tthe {s} was {a}\ta {b} {s}" for s in SUBJECTS for a in LABELS for b in LABELS]
    data = read_scored_texts(write("pairs.tsv", "score\ttext\ttext_b", rows))
    settings = FinetuneSettings(epochs=8, learning_rate=5e-3, batch_size=8, max_length=16, precision=precision)
    found = finetune(shallow_checkpoint, data, tmp_path / "run", settings, task="embedding", validation=data)
    assert found.metrics["spearman"] > 0.5  # two different scores, with ties: at most 0.87


def test_groups_stay_together(embedder):
    """Every batch has whole pairs, in their order."""
    tokens = embedder.problem.encode_groups([("a " * i, "b " * (9 - i)) for i in range(1, 9)], [*range(8)])
    rows = epoch_rows(tokens.lengths, 3, seed=0, epoch=0, group=tokens.group)
    assert sorted(np.concatenate(rows).tolist()) == [*range(16)]
    for features, targets in make_batches(tokens, rows):
        pairs = targets.numpy().reshape(-1, 2)
        np.testing.assert_array_equal(pairs[:, 0], pairs[:, 1])
        assert len(features["token_ids"]) == len(targets)
