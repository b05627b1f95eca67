"""A sentence embedder from training through the gate to its files, in both formats."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.data import read_scored_texts, read_triplets
from kbert.errors import GateError, InputError
from kbert.export import Recipe, export_model, open_artefact
from kbert.export import graph as inference_graph
from kbert.export.check.artefact import check_artefact
from kbert.export.graph_heads import onnx_function, tflite_function
from kbert.export.inspect import inspect_artefact
from kbert.optimizer import make_optimizer
from kbert.tasks import TextEmbedder

SUBJECTS = ["film", "day", "song", "meal", "game", "book", "walk", "trip"]
TEXTS = ["the film was good", "bad", "", "a " * 40]
# Float32 on both sides, but sums in another order.
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Scored 2 for texts of one label, 0 for others, and 1 where one has none."""
    path = tmp_path_factory.mktemp("data") / "pairs.tsv"
    rows = [
        f"the {a} was {x}\tthe {b} was {y}\t{1 if 'there' in (x, y) else 2 * int(x == y)}"
        for a, b in zip(SUBJECTS, reversed(SUBJECTS), strict=True)
        for x in ("good", "bad", "there")
        for y in ("good", "bad", "there")
    ]
    path.write_text("text\ttext_b\tscore\n" + "\n".join(rows) + "\n", "utf-8")
    return read_scored_texts(path)


@pytest.fixture(scope="module")
def embedder(tiny_config, tiny_tokenizer, pairs):
    keras.utils.set_random_seed(3)
    config = dataclasses.replace(tiny_config, dropout=0.0, attention_dropout=0.0)
    model = TextEmbedder(BertBackbone(config), tiny_tokenizer, max_length=16)
    model.compile(make_optimizer(learning_rate=5e-3, total_steps=60, warmup_steps=6), loss=TextEmbedder.loss_function())
    model.fit(pairs.inputs, pairs.scores, batch_size=24, epochs=20, verbose=0)
    return model


@pytest.fixture(scope="module")
def exported(embedder, pairs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "exported"
    recipe = Recipe(schemes=("dynamic_int8", "float32", "float16"), max_drop=5.0)
    return folder, export_model(embedder, recipe, pairs, folder, name="tiny")


def test_the_model_has_learnt_the_order(embedder, pairs):
    assert embedder.problem.score(embedder.answer(pairs.inputs), pairs)["spearman"] > 0.8


def test_the_gate_compares_orders(exported, embedder, pairs):
    folder, report = exported
    full = embedder.problem.score(embedder.answer(pairs.inputs), pairs)["spearman"]
    assert report.passed
    for file in report.files:
        verdict = file.verdict
        assert (verdict.metric, verdict.examples) == ("spearman", len(pairs))
        assert verdict.full == pytest.approx(full)
        assert verdict.drop_points == pytest.approx(100 * (full - verdict.exported))
        assert verdict.drop_interval[0] <= verdict.drop_points <= verdict.drop_interval[1]
        assert verdict.agreement == 1.0
        assert 0.0 <= verdict.largest_shift < 0.01
        assert all(example.full.startswith("cosine ") for example in verdict.worst)
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert "labels.txt" not in names
    assert json.loads((folder / "task.json").read_text()) == {"task": "embedding", "pooling": "mean", "normalize": True}
    assert not any("worth" in note for note in report.notes)


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("model_float32.tflite", TOLERANCE),
        ("onnx/model.onnx", TOLERANCE),
        ("model_float16.tflite", 2e-3),
        ("onnx/model_fp16.onnx", 5e-3),
        ("model.tflite", 0.05),
        ("onnx/model_quantized.onnx", 0.05),
    ],
)
def test_every_file_gives_the_vectors_of_the_model(exported, embedder, name, tolerance):
    artefact = open_artefact(exported[0] / name)
    vectors = np.asarray(artefact.answer(TEXTS))
    assert vectors.shape == (4, 16)
    np.testing.assert_allclose(vectors, embedder.encode(TEXTS), atol=tolerance)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-2 if "16" in name else 1e-5)
    (pair,) = artefact.answer([("bad", "the film was good")])
    np.testing.assert_allclose(pair, vectors[[1, 0]], atol=1e-6)


def test_the_outputs_have_the_names_of_both_worlds(exported):
    assert open_artefact(exported[0] / "model.tflite").output_names == ["embedding"]
    assert open_artefact(exported[0] / "onnx/model.onnx").output_names == ["sentence_embedding"]


def test_a_file_says_what_it_is(exported):
    held = inspect_artefact(exported[0] / "model.tflite")
    assert (held["task"], held["labels"]) == ("embedding", [])
    assert open_artefact(exported[0]).problem.settings() == {"pooling": "mean", "normalize": True}


def test_runtimes_take_the_files(exported):
    for name, runtime in (("model.tflite", "litert"), ("onnx/model_quantized.onnx", "onnxruntime")):
        verdicts = {verdict.runtime: verdict for verdict in check_artefact(exported[0] / name)}
        assert verdicts[runtime].accepted, verdicts[runtime].reasons


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("normalize", [True, False])
def test_the_graphs_are_exact_with_padding(tiny_config, tiny_tokenizer, pooling, normalize):
    import tensorflow as tf

    keras.utils.set_random_seed(5)
    model = TextEmbedder(BertBackbone(tiny_config), tiny_tokenizer, pooling=pooling, normalize=normalize)
    weights = extract_weights(model.named_variables())
    ids = np.array([[2, 30, 31, 3, 0, 0], [2, 40, 41, 42, 43, 3]], "int32")
    mask = (ids > 0).astype("int32")
    features = {"token_ids": ids, "padding_mask": mask, "segment_ids": 0 * ids}
    expected = np.asarray(model(features, training=False)["embedding"])
    batched = onnx_function(weights, tiny_config, model.problem)
    got = batched(*(tf.constant(value, tf.int64) for value in (ids, mask, 0 * ids)))
    assert list(got) == ["sentence_embedding"]
    np.testing.assert_allclose(got["sentence_embedding"], expected, atol=TOLERANCE)
    for length in (None, 6):
        single = tflite_function(weights, tiny_config, model.problem, length)
        for row in range(2):
            inputs = (tf.constant(value[row : row + 1]) for value in (ids, mask, 0 * ids))
            got = single(*inputs)["embedding"]
            assert got.shape == (1, 16)
            np.testing.assert_allclose(got, expected[row : row + 1], atol=TOLERANCE)


def test_a_fixed_length_file(embedder, pairs, tmp_path):
    recipe = Recipe(formats=("tflite",), schemes=("float32",), length=12, max_drop=0.5)
    export_model(embedder, recipe, pairs, tmp_path / "out")
    artefact = open_artefact(tmp_path / "out")
    np.testing.assert_allclose(artefact.answer(TEXTS[:3]), embedder.encode(TEXTS[:3]), atol=TOLERANCE)


def test_a_broken_file_is_refused(embedder, pairs, tmp_path, monkeypatch):
    original = inference_graph.InferenceGraph.__init__

    def scaled(self, weights, config, **options):
        broken = {name: value * (-3.0 if "intermediate" in name else 1.0) for name, value in weights.items()}
        original(self, broken, config, **options)

    monkeypatch.setattr(inference_graph.InferenceGraph, "__init__", scaled)
    with pytest.raises(GateError, match=r"spearman fell by .* points"):
        export_model(embedder, Recipe(formats=("tflite",), max_drop=1.0), pairs, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_gate_on_triplets(embedder, tmp_path):
    path = tmp_path / "triplets.csv"
    rows = [f"the {s} was good,a good {s},a bad {s}" for s in SUBJECTS]
    path.write_text("anchor,positive,negative\n" + "\n".join(rows) + "\n", "utf-8")
    data = read_triplets(path)
    report = export_model(embedder, Recipe(formats=("onnx",), schemes=("float32",)), data, tmp_path / "out")
    verdict = report.files[0].verdict
    assert (verdict.metric, verdict.drop_points) == ("accuracy", 0.0)
    assert verdict.full == embedder.problem.score(embedder.answer(data.inputs), data)["accuracy"]


def test_a_savedmodel_is_for_classifiers(embedder, pairs, tmp_path):
    with pytest.raises(InputError, match="expected text-classification.* got embedding"):
        export_model(embedder, Recipe(formats=("savedmodel",), schemes=("float32",)), pairs, tmp_path / "out")
