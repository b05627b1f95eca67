"""The commands from end to end, on a model that learns at once."""

import json

import numpy as np
import pytest

METRICS = {"accuracy", "macro_f1", "micro_f1", "loss"}
SETTINGS = ["--max-length", 16, "--batch-size", 8, "--learning-rate", 2e-2]


def lines_of(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def long_file(tmp_path):
    """Two texts of 100,000 characters and two short ones."""
    path = tmp_path / "long.tsv"
    rows = [("the film was good " * 5_556, "good"), ("a bad day " * 10_000, "bad"), ("good", "good"), ("bad", "bad")]
    path.write_text("text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows), "utf-8")
    return path


def test_from_checkpoint_to_predictions(kbert, shallow_checkpoint, sentiment_file, tmp_path):
    run = tmp_path / "run"
    trained = kbert(
        "finetune",
        *("--checkpoint", shallow_checkpoint, "--train", sentiment_file, "--validation", sentiment_file),
        *("--output", run, "--epochs", 8, *SETTINGS),
    )
    assert trained.code == 0, trained.err
    assert trained.err.splitlines()[0] == f"{sentiment_file}: 40 rows, 2 labels"
    assert trained.out.startswith(f"{run}: ")
    assert "accuracy 1.0000" in trained.out

    scored = kbert("evaluate", run, "--data", sentiment_file, "--json")
    assert scored.code == 0
    evaluation = json.loads(scored.out)
    assert set(evaluation) == {"task", "examples", "metrics"}
    assert (evaluation["task"], evaluation["examples"]) == ("text-classification", 40)
    assert set(evaluation["metrics"]) == METRICS
    assert evaluation["metrics"]["accuracy"] == evaluation["metrics"]["macro_f1"] == 1.0
    assert 0.0 < evaluation["metrics"]["loss"] < 0.7

    shown = kbert("evaluate", run, "--data", sentiment_file)
    assert {line.split()[0] for line in shown.out.splitlines()} == METRICS
    assert "accuracy   1.0000" in shown.out

    predicted = kbert("predict", run, "the film was good", "the day was bad .")
    assert predicted.code == 0
    rows = lines_of(predicted.out)
    assert [row["text"] for row in rows] == ["the film was good", "the day was bad ."]
    assert [row["label"] for row in rows] == ["good", "bad"]
    for row in rows:
        assert list(row) == ["text", "label", "probability", "probabilities"]
        assert next(iter(row["probabilities"])) == row["label"]
        assert row["probabilities"][row["label"]] == row["probability"] > 0.5
        assert sum(row["probabilities"].values()) == pytest.approx(1.0, abs=2e-6)  # rounded to six digits

    held = json.loads(kbert("inspect", run).out)
    assert (held["kind"], held["task"], held["labels"], held["heads"]) == (
        "run",
        "text-classification",
        ["bad", "good"],
        ["classifier"],
    )
    assert held["config"]["hidden_dim"] == 16
    assert held["metrics"]["accuracy"] == 1.0


def test_predict_from_a_file(kbert, saved_run, tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("the film\n\nein größerer Tag\n", "utf-8")
    outcome = kbert("predict", saved_run, "--input", path)
    assert outcome.code == 0
    assert [row["text"] for row in lines_of(outcome.out)] == ["the film", "ein größerer Tag"]
    assert "größerer" in outcome.out  # readable, not escaped


def test_inspect_a_checkpoint(kbert, tiny_checkpoint, tiny_config):
    held = json.loads(kbert("inspect", tiny_checkpoint).out)
    assert set(held) == {"source", "kind", "config", "parameters", "heads"}
    assert (held["source"], held["kind"], held["heads"]) == (str(tiny_checkpoint), "checkpoint", [])
    assert held["config"] == tiny_config.to_dict()
    # Token, position and segment rows with a LayerNorm; two layers; the pooler.
    layer = 4 * (16 * 16 + 16) + 2 * 2 * 16 + 16 * 32 + 32 + 32 * 16 + 16
    rows = tiny_config.vocabulary_size + 32 + 2 + 2
    assert held["parameters"] == rows * 16 + 2 * layer + 16 * 16 + 16


def test_encode_as_json(kbert, tiny_checkpoint, tiny_tokenizer):
    outcome = kbert("encode", tiny_checkpoint, "The films", "good", "--format", "json")
    assert outcome.code == 0
    first, second = lines_of(outcome.out)
    assert set(first) == {
        "text",
        "tokens",
        "token_ids",
        "segment_ids",
        "offsets",
        "hidden_states",
        "sequence_output",
        "pooled_output",
    }
    assert first["tokens"] == ["[CLS]", "the", "film", "##s", "[SEP]"]
    assert first["token_ids"] == tiny_tokenizer.encode("the films").token_ids
    assert first["offsets"] == [[0, 0], [0, 3], [4, 8], [8, 9], [0, 0]]
    assert first["segment_ids"] == [0] * 5
    assert np.shape(first["hidden_states"]) == (3, 5, 16)  # the embeddings and two layers
    assert first["hidden_states"][-1] == first["sequence_output"]
    assert np.shape(first["pooled_output"]) == (16,)
    assert np.shape(second["hidden_states"]) == (3, 3, 16)


def test_encode_as_arrays(kbert, tiny_checkpoint, tmp_path):
    outcome = kbert("encode", tiny_checkpoint, "The films", "good", "--format", "npz", "--output", tmp_path / "a.npz")
    assert (outcome.code, outcome.out) == (0, "")
    with np.load(tmp_path / "a.npz") as arrays:
        shapes = {name: arrays[name].shape for name in arrays}
        hidden_states = arrays["hidden_states_1"]
    assert shapes == {
        "token_ids_0": (5,),
        "hidden_states_0": (3, 5, 16),
        "pooled_output_0": (16,),
        "token_ids_1": (3,),
        "hidden_states_1": (3, 3, 16),
        "pooled_output_1": (16,),
    }
    told = lines_of(kbert("encode", tiny_checkpoint, "good", "--format", "json").out)[0]
    np.testing.assert_allclose(hidden_states, told["hidden_states"], atol=1e-6)  # the same sums, float32
    assert [path.name for path in tmp_path.glob("*a.npz*")] == ["a.npz"]


def test_encode_as_a_table(kbert, tiny_checkpoint, tmp_path):
    outcome = kbert("encode", tiny_checkpoint, "The [good] films")
    assert outcome.code == 0
    for part in ("The [good] films", "[CLS]", "##s", "15-16", "pooled_output"):
        assert part in outcome.out
    (tmp_path / "table.txt").write_text("of the run before")
    kbert("encode", tiny_checkpoint, "The [good] films", "--output", tmp_path / "table.txt", "--overwrite")
    assert (tmp_path / "table.txt").read_text("utf-8") == outcome.out


def test_encode_cuts_to_the_position_table(kbert, tiny_checkpoint):
    outcome = kbert("encode", tiny_checkpoint, "good " * 20_000, "--format", "json")
    assert np.shape(lines_of(outcome.out)[0]["sequence_output"]) == (32, 16)


def test_very_long_texts(kbert, shallow_checkpoint, long_file, tmp_path):
    run = tmp_path / "run"
    trained = kbert(
        "finetune",
        *("--checkpoint", shallow_checkpoint, "--train", long_file, "--output", run, "--epochs", 1, *SETTINGS),
    )
    assert trained.code == 0, trained.err
    assert "2 texts were longer than 16 tokens and were cut" in trained.err

    scored = kbert("evaluate", run, "--data", long_file, "--json")
    assert scored.code == 0
    assert json.loads(scored.out)["examples"] == 4

    predicted = kbert("predict", run, "--input", long_file)
    assert predicted.code == 0
    assert [len(row["text"]) for row in lines_of(predicted.out)] == [100_008, 100_000, 4, 3]
