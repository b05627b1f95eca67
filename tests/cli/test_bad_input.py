"""Whatever is wrong with the input: one line that says so, exit code 1, and nothing left behind."""

import errno
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

GOOD = "text\tlabel\nthe film was good\tgood\na bad day\tbad\n"
BAD_FILES = {
    "missing": (None, "expected a data file, found no such file"),
    "empty": (b"", "expected rows of text, the file is empty"),
    "header only": (b"text\tlabel\n", "expected rows of text and label after the header, found none"),
    "too few columns": (GOOD.encode() + b"only a text\n", ":4: expected 2 columns (text, label), got 1"),
    "not UTF-8": (GOOD.encode() + b"caf\xe9\tgood\n", ":4: expected UTF-8, byte 0xe9 is not"),
    "NUL": (GOOD.encode() + b"a\0b\tgood\n", ":4: expected UTF-8 text, found a NUL byte"),
    "no label": (GOOD.encode() + b"a day\t\n", ":4: expected a label in column 'label', it is empty"),
    "half a surrogate": (b'{"text": "\\ud83d", "label": "good"}\n', ":1: expected Unicode text in 'text'"),
}
FINETUNE = ["--epochs", "1", "--max-length", "16", "--batch-size", "2"]


def file_of(folder, name: str):
    """One of the files above."""
    path = folder / ("data.jsonl" if name == "half a surrogate" else "data.tsv")
    content = BAD_FILES[name][0]
    if content is not None:
        path.write_bytes(content)
    return path


def assert_one_line(outcome, *parts: str) -> None:
    assert outcome.code == 1, outcome.err
    assert len(outcome.errors) == 1, outcome.err
    (line,) = outcome.errors
    assert line.startswith("error: ")
    assert "defect" not in line
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    for part in parts:
        assert part in line


@pytest.fixture
def finetune(kbert, tmp_path):
    """Runs `kbert finetune` into `output` and checks that it fails with one line and leaves nothing there."""
    train = tmp_path / "train.tsv"
    train.write_text(GOOD, "utf-8")

    def fails(*parts: str, **options: object) -> None:
        options = {"train": train, "output": tmp_path / "output", **options}
        before = sorted(tmp_path.rglob("*"))
        flags = [item for name, value in options.items() for item in (f"--{name.replace('_', '-')}", value)]
        assert_one_line(kbert("finetune", *FINETUNE, *flags), *parts)
        assert sorted(tmp_path.rglob("*")) == before

    return fails


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("option", ["train", "validation"])
def test_finetune_on_a_bad_file(finetune, tiny_checkpoint, tmp_path, name, option):
    path = file_of(tmp_path, name)
    finetune(str(path), BAD_FILES[name][1], checkpoint=tiny_checkpoint, **{option: path})


def test_finetune_on_one_class(finetune, tiny_checkpoint, tmp_path):
    path = tmp_path / "one.tsv"
    path.write_text("text\tlabel\nfilm\tgood\nday\tgood\n", "utf-8")
    message = f"error: {path}: expected at least two labels to tell apart, every row has 'good'"
    finetune(message, checkpoint=tiny_checkpoint, train=path)


def test_a_validation_label_that_training_does_not_have(finetune, tiny_checkpoint, tmp_path):
    path = tmp_path / "validation.tsv"
    path.write_text(GOOD + "so so\tfine\n", "utf-8")
    message = f"error: {path}:4: label 'fine' is unknown to the model. Expected one of: bad, good"
    finetune(message, checkpoint=tiny_checkpoint, validation=path)


def test_validation_of_one_row(finetune, tiny_checkpoint, tmp_path):
    path = tmp_path / "validation.tsv"
    path.write_text("text\tlabel\nfilm\tgood\n", "utf-8")
    message = f"error: {path}: expected at least 2 rows to choose the best epoch by, got 1"
    finetune(message, checkpoint=tiny_checkpoint, validation=path)


def test_a_label_file_that_does_not_match_the_head(finetune, saved_run, tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("bad\ngood\nfine\n", "utf-8")
    message = "its text-classification head has 2 labels, got 3. Give as many, or ask for a new head"
    finetune(message, checkpoint=saved_run, labels=path)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("bad,fine", "label 'good' is unknown to the model. Expected one of: bad, fine"),
        ("bad,good,good", "expected distinct labels, 'good' stands twice"),
    ],
)
def test_a_list_of_labels_that_does_not_fit(finetune, tiny_checkpoint, labels, message):
    finetune(message, checkpoint=tiny_checkpoint, labels=labels)


def test_an_empty_label_file(finetune, tiny_checkpoint, tmp_path):
    (tmp_path / "labels.txt").write_text("\n", "utf-8")
    finetune("labels.txt: expected", checkpoint=tiny_checkpoint, labels=tmp_path / "labels.txt")


def test_the_output_folder_holds_something_else(finetune, tiny_checkpoint, tmp_path):
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "thesis.txt").write_text("mine", "utf-8")
    finetune("output: the output folder holds something already. Choose another", checkpoint=tiny_checkpoint)
    assert (tmp_path / "output" / "thesis.txt").read_text("utf-8") == "mine"


def test_the_output_is_a_file(finetune, tiny_checkpoint, tmp_path):
    (tmp_path / "output").write_text("mine", "utf-8")
    finetune("output: expected a folder for the output, it is a file", checkpoint=tiny_checkpoint)


def test_the_output_cannot_be_written(finetune, tiny_checkpoint, tmp_path):
    message = "the output folder cannot be written"
    finetune(message, checkpoint=tiny_checkpoint, output=tmp_path / "train.tsv" / "output")
    finetune(message, checkpoint=tiny_checkpoint, output="/proc/output")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("no/such/folder", "no/such/folder: expected the folder of a checkpoint, found no such folder"),
        ("package:no_such_package", "no such Python package is installed: pip install --no-deps no-such-package"),
        ("preset:huge", "preset 'huge' is unknown. Choose one of tiny, mini"),
        ("preset:tiny", "a model without a tokenizer takes tensors only: give it a vocabulary"),
    ],
)
def test_an_unusable_checkpoint(finetune, reference, message):
    finetune(message, checkpoint=reference)


def test_a_folder_that_is_no_checkpoint(finetune, tmp_path):
    (tmp_path / "folder").mkdir()
    finetune("expected config.json (Hugging Face) or bert_config.json", checkpoint=tmp_path / "folder")


def test_a_length_beyond_the_position_table(finetune, tiny_checkpoint):
    message = "max_length must be at most 32, the rows of the position table"
    finetune(message, "Received: 33", checkpoint=tiny_checkpoint, max_length=33)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("epochs", 0, "epochs must be at least 1. Received: 0"),
        ("batch_size", 0, "batch_size must be at least 1. Received: 0"),
        ("gradient_accumulation", 0, "gradient_accumulation must be at least 1. Received: 0"),
        ("max_length", 2, "max_length must be at least 3"),
        ("learning_rate", 0, "learning_rate must be above 0. Received: 0.0"),
        ("learning_rate", "nan", "learning_rate must be"),
        ("clip_norm", -1, "clip_norm must be above 0. Received: -1.0"),
        ("warmup", 1, "warmup must be a share of the steps"),
        ("weight_decay", -0.1, "weight_decay must be at least 0"),
        ("patience", 0, "patience must be at least 1"),
        ("seed", -1, "seed must be at least 0"),
    ],
)
def test_option_values_out_of_range(finetune, tiny_checkpoint, option, value, message):
    finetune(message, checkpoint=tiny_checkpoint, **{option: value})


@pytest.mark.parametrize(
    "arguments",
    [["--epochs", "many"], ["--precision", "float8"], ["--metric", "bleu"], ["--task", "translation"]],
)
def test_option_values_that_are_none(kbert, tmp_path, arguments):
    required = ["--checkpoint", "c", "--train", "t", "--output", tmp_path / "output"]
    outcome = kbert("finetune", *required, *arguments)
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].startswith(f"Error: Invalid value for '{arguments[0]}'")
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("name", BAD_FILES)
def test_evaluate_on_a_bad_file(kbert, saved_run, tmp_path, name):
    path = file_of(tmp_path, name)
    assert_one_line(kbert("evaluate", saved_run, "--data", path), str(path), BAD_FILES[name][1])


def test_evaluate_on_an_unknown_label(kbert, saved_run, tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text(GOOD + "so so\tfine\n", "utf-8")
    assert_one_line(kbert("evaluate", saved_run, "--data", path), f"{path}:4: label 'fine' is unknown to the model")


@pytest.mark.parametrize("name", ["missing", "empty", "not UTF-8", "NUL", "too few columns", "half a surrogate"])
def test_predict_on_a_bad_file(kbert, saved_run, tmp_path, name):
    path = file_of(tmp_path, name)
    assert_one_line(kbert("predict", saved_run, "--input", path), str(path), BAD_FILES[name][1])


def test_predict_on_a_header_alone(kbert, saved_run, tmp_path):
    path = tmp_path / "data.tsv"
    path.write_text("text\n", "utf-8")
    message = f"error: {path}: expected rows of text after the header, found none"
    assert_one_line(kbert("predict", saved_run, "--input", path), message)


def test_predict_on_an_argument_that_is_no_unicode(kbert, saved_run):
    assert_one_line(kbert("predict", saved_run, "caf\udce9"), "text 0 must be valid Unicode. Received: 'caf\\udce9'")


@pytest.mark.parametrize("arguments", [[], ["a text", "--input", "file.txt"]])
def test_predict_takes_texts_or_a_file(kbert, saved_run, arguments):
    outcome = kbert("predict", saved_run, *arguments)
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == "Error: give texts or --input FILE, and not both"


@pytest.mark.parametrize("command", ["evaluate", "predict", "inspect", "encode"])
@pytest.mark.parametrize("model", ["no/such/model", "no/such/model.tflite", "no/such/model.onnx"])
def test_a_model_that_is_none(kbert, tmp_path, command, model):
    data = tmp_path / "data.tsv"
    data.write_text(GOOD, "utf-8")
    arguments = {"evaluate": ["--data", data], "predict": ["text"], "inspect": [], "encode": ["text"]}
    assert_one_line(kbert(command, model, *arguments[command]), model)


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_a_checkpoint_without_head(kbert, tiny_checkpoint, tmp_path, command):
    data = tmp_path / "data.tsv"
    data.write_text(GOOD, "utf-8")
    arguments = ["--data", data] if command == "evaluate" else ["text"]
    assert_one_line(kbert(command, tiny_checkpoint, *arguments), "has no head of a task")


@pytest.mark.parametrize("name", ["config.json", "kbert.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]"])
def test_a_run_with_a_damaged_file(kbert, tiny_classifier, tmp_path, name, content):
    run = tiny_classifier.save_checkpoint(tmp_path / "run")
    (run / name).write_bytes(content)
    assert_one_line(kbert("predict", run, "text"), str(run / name))


def test_encode_into_npz_needs_a_file(kbert, tiny_checkpoint):
    outcome = kbert("encode", tiny_checkpoint, "text", "--format", "npz")
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == "Error: --format npz needs --output FILE"


def test_encode_bad_options(kbert, tiny_checkpoint, tmp_path):
    too_long = kbert("encode", tiny_checkpoint, "text", "--max-length", 33)
    assert_one_line(too_long, "max_length must be at most 32, the rows of the position table. Received: 33")
    too_short = kbert("encode", tiny_checkpoint, "text", "--max-length", 2)
    assert_one_line(too_short, "max_length must be at least 3 to hold the special tokens. Received: 2")


@pytest.fixture
def no_model(monkeypatch):
    """Running the encoder fails the test."""
    from kbert.encode import TextEncoder

    monkeypatch.setattr(TextEncoder, "__init__", lambda *_, **__: pytest.fail("the output must be checked first"))


def test_encode_into_a_file_that_is_there(kbert, no_model, tmp_path):
    (tmp_path / "states.npz").write_text("mine", "utf-8")
    outcome = kbert("encode", "checkpoint", "text", "--format", "npz", "--output", tmp_path / "states.npz")
    assert_one_line(outcome, "states.npz: the output is there already. Choose another, or add --overwrite")
    assert (tmp_path / "states.npz").read_text("utf-8") == "mine"


def test_encode_into_a_place_that_cannot_be_written(kbert, no_model, tmp_path):
    (tmp_path / "file").write_text("mine", "utf-8")
    outcome = kbert("encode", "checkpoint", "text", "--output", tmp_path / "file" / "states.txt")
    assert_one_line(outcome, "states.txt: the output cannot be written (Not a directory). Choose another")


@pytest.mark.parametrize("format_", ["json", "npz"])
def test_encode_on_a_full_disk(kbert, tiny_checkpoint, tmp_path, monkeypatch, format_):
    output = tmp_path / "new" / "states"

    def half_written(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", half_written)
    monkeypatch.setattr(Path, "write_text", half_written)
    outcome = kbert("encode", tiny_checkpoint, "text", "--format", format_, "--output", output)
    assert_one_line(outcome, f"{output}: could not be written (No space left on device); nothing was put in place")
    assert not output.parent.exists()


def test_a_full_disk_at_the_end_of_finetune_keeps_the_run_before(
    kbert, tiny_classifier, tiny_checkpoint, sentiment_file, tmp_path, monkeypatch
):
    run = tiny_classifier.save_checkpoint(tmp_path / "run")
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    save_file = safetensors.numpy.save_file

    def full(arrays, path, metadata):
        if path.name != "model.safetensors":  # a state during training
            return save_file(arrays, path, metadata)
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(safetensors.numpy, "save_file", full)
    files = ["--checkpoint", tiny_checkpoint, "--train", sentiment_file, "--output", run, "--overwrite"]
    outcome = kbert("finetune", *files, "--epochs", 1, "--max-length", 16, "--batch-size", 40)
    assert outcome.code == 1
    message = f"error: {run}: could not be written (No space left on device); nothing was put in place"
    assert outcome.errors[-1] == message
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before
    assert [path.name for path in run.iterdir() if path.is_dir()] == ["training"]  # to go on from with --resume
