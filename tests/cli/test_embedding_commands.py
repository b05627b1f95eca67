"""Embeddings on the command line: of a checkpoint as it is, of a run, of files."""

import json

import numpy as np
import pytest


@pytest.fixture
def pairs_file(tmp_path):
    path = tmp_path / "pairs.tsv"
    subjects = ["film", "day", "song", "meal", "game", "book"]
    rows = [
        f"{2.0 * (x == y)}\tthe {s} was {x}\ta {y} {s}"
        for s in subjects
        for x in ("good", "bad")
        for y in ("good", "bad")
    ]
    path.write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return path


COLUMNS = ("--columns", "score,text,text_b")


def test_from_training_to_files(kbert, shallow_checkpoint, pairs_file, tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    trained = kbert(
        *("finetune", "--task", "embedding", "--checkpoint", shallow_checkpoint, "--train", pairs_file, *COLUMNS),
        *("--validation", pairs_file, "--output", run, "--epochs", 6, "--learning-rate", 5e-3, "--batch-size", 8),
        *("--max-length", 16),
    )
    assert trained.code == 0, trained.err
    assert trained.err.startswith(f"{pairs_file}: 24 pairs, scores from 0 to 2, 1 on average\n")
    assert "spearman 0." in trained.out

    shown = kbert("evaluate", run, "--data", pairs_file, *COLUMNS, "--json")
    full = json.loads(shown.out)
    assert (full["task"], full["examples"], list(full["metrics"])) == ("embedding", 24, ["spearman", "pearson"])

    exported = kbert(
        *("export", run, "--tflite", "--onnx", "--validation", pairs_file, *COLUMNS, "--max-drop", 5, "--output", out)
    )
    assert exported.code == 0, exported.err
    for file in (out / "model.tflite", out / "onnx" / "model_quantized.onnx"):
        scored = json.loads(kbert("evaluate", file, "--data", pairs_file, *COLUMNS, "--json").out)
        assert scored["metrics"]["spearman"] >= full["metrics"]["spearman"] - 0.05
        row = json.loads(kbert("predict", file, "the film was good", "a good film", "--pairs").out)
        assert list(row) == ["text", "text_b", "cosine"]


def test_a_checkpoint_without_training(kbert, shallow_checkpoint, pairs_file, tmp_path):
    task = ("--task", "embedding")
    scored = kbert("evaluate", shallow_checkpoint, *task, "--data", pairs_file, *COLUMNS)
    assert (scored.code, [line.split()[0] for line in scored.out.splitlines()]) == (0, ["spearman", "pearson"])

    printed = kbert("predict", shallow_checkpoint, *task, "bad", "good film")
    rows = [json.loads(line) for line in printed.out.splitlines()]
    assert [list(row) for row in rows] == [["text", "embedding"]] * 2
    assert [row["text"] for row in rows] == ["bad", "good film"]
    vectors = np.array([row["embedding"] for row in rows])
    assert vectors.shape == (2, 16)

    row = json.loads(kbert("predict", shallow_checkpoint, *task, "bad", "good film", "--pairs").out)
    assert row["cosine"] == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-5)  # numbers rounded to six digits

    saved = kbert("predict", shallow_checkpoint, *task, "bad", "good film", "--output", tmp_path / "v.npy")
    assert (saved.code, saved.out) == (0, "")
    assert "2 vectors of 16 numbers" in saved.err
    stored = np.load(tmp_path / "v.npy")
    assert stored.dtype == "float32"
    np.testing.assert_allclose(stored, vectors, atol=1e-6)

    out = tmp_path / "out"
    exported = kbert(
        *("export", shallow_checkpoint, *task, "--tflite", "--scheme", "float32"),
        *("--validation", pairs_file, *COLUMNS, "--output", out),
    )
    assert exported.code == 0, exported.err
    kbert("predict", out, "bad", "good film", "--output", tmp_path / "w.npy")
    np.testing.assert_allclose(np.load(tmp_path / "w.npy"), stored, atol=1e-5)  # the same sums in another order


def test_pairs_from_a_file_and_from_lines(kbert, shallow_checkpoint, tmp_path, monkeypatch):
    path = tmp_path / "pairs.csv"
    path.write_text("text,text_b\nbad,good\n", "utf-8")
    read = kbert("predict", shallow_checkpoint, "--task", "embedding", "--input", path, "--pairs")
    assert json.loads(read.out)["text_b"] == "good", read.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a", "b", "--pairs", "--output", "v.npy"), "error: --output is for a vector a text: give texts one by one"),
        (("a", "--top", "3"), "error: --top is for masked language models"),
    ],
)
def test_bad_requests(kbert, shallow_checkpoint, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    outcome = kbert("predict", shallow_checkpoint, "--task", "embedding", *arguments)
    assert outcome.code == 1
    assert outcome.errors[-1].startswith(message)
    assert not (tmp_path / "v.npy").exists()


def test_a_task_needs_its_head(kbert, shallow_checkpoint, saved_run, sentiment_file, tmp_path):
    for model, has in ((shallow_checkpoint, "no head"), (saved_run, "a head for text-classification, none")):
        outcome = kbert("evaluate", model, "--task", "token-classification", "--data", sentiment_file)
        assert (outcome.code, outcome.errors) == (
            1,
            [
                f"error: {model}: has {has} for token-classification. Fine-tune it first: "
                "kbert finetune --task token-classification"
            ],
        )
    outcome = kbert("predict", saved_run, "good", "--output", tmp_path / "v.npy")
    assert outcome.code == 1
    assert outcome.errors[-1].startswith("error: --output is for embeddings: other answers are printed")
    outcome = kbert("predict", shallow_checkpoint, "good", "--task", "nonsense")
    assert outcome.code == 2


def test_scores_of_one_text_are_refused(kbert, shallow_checkpoint, tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("text,score\na,1\nb,2\n", "utf-8")
    outcome = kbert("evaluate", shallow_checkpoint, "--task", "embedding", "--data", path)
    assert outcome.code == 1
    assert outcome.errors[-1].startswith(f"error: {path}:2: expected two texts and a score, or the columns anchor and")
