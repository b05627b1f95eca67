"""`--task multi-label`, `--task regression` and pairs, by command: data in, answers out, one line for what is wrong."""

import json

import pytest

TRAIN = ["--max-length", 16, "--batch-size", 4, "--learning-rate", 1e-2, "--epochs", 1]
TAGS = "text\tlabels\nthe film was good\tfilm|good\na bad day\t\na good day\tgood\nthe film was bad\tfilm\n"
PAIRS = "3.5\tthe film was good\ta good film\n0\tbad\tgood\n1.5\ta day\ta bad day\n2\tgood .\tgood !\n"


@pytest.fixture
def finetune(kbert, shallow_checkpoint, tmp_path):
    """Writes a file and trains a task on it; the outcome, and the run."""

    def train(task: str, content: str | bytes, *options, name: str = "train.tsv", validation: str = ""):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if validation:
            (tmp_path / "validation.tsv").write_text(validation, "utf-8")
            options = (*options, "--validation", tmp_path / "validation.tsv")
        arguments = ("--task", task, "--checkpoint", shallow_checkpoint, "--train", path, "--output", tmp_path / "run")
        return kbert("finetune", *arguments, *TRAIN, *options), tmp_path / "run"

    return train


def lines(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_multi_label(kbert, finetune, tmp_path):
    done, run = finetune("multi-label", TAGS, "--separator", "|", validation=TAGS)
    assert done.code == 0, done.err
    assert "4 rows, 2 labels, 1.0 a row, 1 rows without any" in done.err
    assert "micro_f1 " in done.out
    held = json.loads((run / "kbert.json").read_text("utf-8"))
    threshold = held["task_settings"]["threshold"]
    assert 0 < threshold < 1
    assert threshold != 0.5
    config = json.loads((run / "config.json").read_text("utf-8"))
    assert config["problem_type"] == "multi_label_classification"
    assert config["id2label"] == {"0": "film", "1": "good"}
    (row,) = lines(kbert("predict", run, "the film was good").out)
    assert list(row) == ["text", "labels", "probabilities", "threshold"]
    assert row["labels"] == [label for label, p in row["probabilities"].items() if p >= threshold]
    scored = kbert("evaluate", run, "--data", tmp_path / "train.tsv", "--separator", "|", "--json")
    metrics = json.loads(scored.out)["metrics"]
    assert set(metrics) == {"micro_f1", "macro_f1", "exact_match", "loss"}
    # The threshold is that of the best epoch's weights, which the run holds.
    assert metrics["micro_f1"] == pytest.approx(held["metrics"]["micro_f1"])


def test_regression_on_pairs(kbert, finetune, tmp_path):
    names = ("--columns", "score,text,text_b")
    done, run = finetune("regression", PAIRS, *names, validation=PAIRS)
    assert done.code == 0, done.err
    assert "4 pairs, scores from 0 to 3.5, 1.75 on average" in done.err
    assert "pearson " in done.out
    assert json.loads((run / "kbert.json").read_text("utf-8"))["task_settings"] == {"low": 0.0, "high": 3.5}
    assert json.loads((run / "config.json").read_text("utf-8"))["problem_type"] == "regression"
    scored = json.loads(kbert("evaluate", run, "--data", tmp_path / "train.tsv", *names, "--json").out)
    assert set(scored["metrics"]) == {"pearson", "spearman", "mse", "mae"}
    one, other = lines(kbert("predict", run, "--pairs", "a good film", "bad", "bad", "a good film").out)
    assert list(one) == ["text", "text_b", "score"]
    assert (one["text"], one["text_b"]) == (other["text_b"], other["text"]) == ("a good film", "bad")
    assert one["score"] != other["score"]
    from_file = lines(kbert("predict", run, "--input", tmp_path / "train.tsv", *names).out)
    assert [row["text_b"] for row in from_file] == ["a good film", "good", "a bad day", "good !"]


@pytest.mark.parametrize("name", ["train.tsv", "train.csv"])
def test_files_of_windows(kbert, finetune, name):
    """A byte order mark and CRLF are no part of a column's name, a label or a score."""
    comma = name.endswith("csv")
    tags = TAGS.replace("\t", ",") if comma else TAGS
    marked = b"\xef\xbb\xbf" + tags.replace("\n", "\r\n").encode()
    done, run = finetune("multi-label", marked, "--random-head", "--separator", "|", name=name)
    assert done.code == 0, done.err
    assert json.loads((run / "kbert.json").read_text("utf-8"))["labels"] == ["film", "good"]
    assert json.loads((run / "kbert.json").read_text("utf-8"))["task_settings"] == {"threshold": 0.5}


def test_scores_of_windows(finetune):
    marked = b"\xef\xbb\xbf" + ("score\ttext\ttext_b\n" + PAIRS).replace("\n", "\r\n").encode()
    done, run = finetune("regression", marked, "--random-head")
    assert done.code == 0, done.err
    assert json.loads((run / "kbert.json").read_text("utf-8"))["task_settings"] == {"low": 0.0, "high": 3.5}


def test_without_the_separator_a_field_is_one_label(finetune):
    done, run = finetune("multi-label", TAGS, "--random-head")
    assert done.code == 0, done.err
    assert json.loads((run / "kbert.json").read_text("utf-8"))["labels"] == ["film", "film|good", "good"]


@pytest.mark.parametrize(
    ("task", "content", "options", "message"),
    [
        ("multi-label", "text\tlabels\ngood\t\nbad\t\n", (), "train.tsv: expected labels in some rows, all 2 rows"),
        ("multi-label", "text\tlabels\ngood\ta,,b\n", (), "train.tsv:2: expected labels in 'labels', one of them is e"),
        ("multi-label", "text\tlabels\ngood\ta,a\n", (), "train.tsv:2: expected every label once, 'a' stands 2 times"),
        ("multi-label", TAGS, ("--separator", ""), "separator must be at least one character. Received: ''"),
        ("multi-label", TAGS, ("--labels", "film"), "label 'film|good' is unknown to the model. Expected one of: film"),
        ("multi-label", TAGS, ("--metric", "accuracy"), "metric must be one of micro_f1, macro_f1, exact_match. Rec"),
        ("regression", "text\tscore\na\t1\nb\tmany\n", (), "train.tsv:3: expected a finite number such as 3.5 in col"),
        ("regression", "text\tscore\na\t1\nb\tnan\n", (), "train.tsv:3: expected a finite number such as 3.5 in col"),
        ("regression", "text\tscore\na\t2\nb\t2.0\n", (), "train.tsv: expected scores that differ, all 2 rows have 2"),
        ("regression", "text\tscore\na\t2\nb\t1\n", ("--labels", "a,b"), "a regression has one score, got 2 labels"),
        ("regression", "text\tscore\na\t2\nb\t1\n", ("--text-b-column", "c"), ":1: expected a column called 'c', the"),
    ],
)
def test_what_cannot_be_learned(finetune, task, content, options, message):
    done, run = finetune(task, content, *options)
    assert done.code == 1, done.err
    (line,) = [line for line in done.err.splitlines() if not (" rows, " in line and "scores from" in line)][-1:]
    assert line.startswith("error: ")
    assert message in line
    assert "Traceback" not in done.err
    assert not run.exists()


@pytest.mark.parametrize(
    ("task", "content", "validation", "message"),
    [
        ("multi-label", TAGS.replace("|", ","), "text\tlabels\nday\tgood\nfilm\tday\n", ":3: label 'day' is unknown t"),
        ("multi-label", TAGS.replace("|", ","), "text\tlabels\nday\t\nfilm\t\n", ": expected labels in some rows, all"),
        ("regression", "text\tscore\na\t2\nb\t1\n", "text\tscore\na\t1\nb\t1\n", ": expected scores that differ, all"),
    ],
)
def test_validation_that_cannot_be_used_shows_before_training(finetune, task, content, validation, message):
    done, run = finetune(task, content, validation=validation)
    assert done.code == 1
    assert f"validation.tsv{message}" in done.err.splitlines()[-1]
    assert "epoch" not in done.err
    assert not run.exists()


def test_a_label_that_only_the_test_has(kbert, finetune, tmp_path):
    _, run = finetune("multi-label", TAGS.replace("|", ","), "--random-head")
    path = tmp_path / "test.tsv"
    path.write_text("text\tlabels\nday\tgood\nfilm\tfilm,day\n", "utf-8")
    done = kbert("evaluate", run, "--data", path)
    assert done.code == 1
    assert done.errors == [f"error: {path}:3: label 'day' is unknown to the model. Expected one of: film, good"]


def test_going_on_keeps_threshold_and_range(kbert, finetune, tmp_path):
    """A run that is trained further on data of another range keeps the head, and what its scores were measured by."""
    _, run = finetune("regression", "text\tscore\na\t2\nb\t1\nc\t5\n")
    path = tmp_path / "more.tsv"
    path.write_text("text\tscore\na\t2\nb\t3\n", "utf-8")
    options = ("--task", "regression", "--checkpoint", run, "--train", path, "--output", tmp_path / "next")
    done = kbert("finetune", *options, *TRAIN)
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "next" / "kbert.json").read_text("utf-8"))["task_settings"] == {
        "low": 1.0,
        "high": 5.0,
    }
