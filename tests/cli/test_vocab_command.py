import json

import pytest

import kbert.vocabulary as kbert_vocabulary
from kbert.errors import InputError
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("The film was good. The film was bad.\n\nA good day.\n", "utf-8")
    return path


def test_train_and_try(kbert, text, tmp_path):
    held_out = tmp_path / "held_out.txt"
    held_out.write_text("the good film % day", "utf-8")
    output = tmp_path / "vocab.txt"
    outcome = kbert("vocab", "--input", text, "--size", 60, "--output", output, "--held-out", held_out)
    assert outcome.code == 0, outcome.err
    tokenizer = BertTokenizer(output)
    assert tokenizer.vocabulary[:5] == list(SPECIAL_TOKENS)
    size = tokenizer.vocabulary_size
    assert size < 60
    tokens = 1 + len(tokenizer.encode("the good film day")) - 2  # [UNK] for the %
    assert outcome.out == (
        f"{output}: {size} tokens, uncased (no more pairs occur 2 times); "
        f"{held_out}: {tokens / 5:.3f} tokens a word, 20.00 % [UNK]\n"
    )


def test_as_json(kbert, text, tmp_path):
    output = tmp_path / "vocab.txt"
    outcome = kbert("vocab", "--input", text, "--size", 50, "--output", output, "--json", "--held-out", text)
    found = json.loads(outcome.out)
    assert found["vocabulary"] == str(output)
    assert (found["size"], found["lowercase"]) == (len(output.read_text("utf-8").splitlines()), True)
    assert found["held_out"]["files"] == [str(text)]
    assert found["held_out"]["unknown_percent"] == 0.0
    assert found["held_out"]["words"] == 14
    assert found["held_out"]["tokens_per_word"] == found["held_out"]["tokens"] / 14
    again = kbert("vocab", "--input", text, "--size", 50, "--output", output, "--json", "--overwrite")
    assert json.loads(again.out)["held_out"] is None


def test_several_texts_and_reserved_tokens(kbert, text, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("xyz", "utf-8")
    output = tmp_path / "vocab.txt"
    options = ["--size", 99, "--output", output, "--reserved", "[unused0], [unused1]", "--min-frequency", 9, "--cased"]
    for inputs in (["--input", text, other], ["--input", text, "--input", other]):
        assert kbert("vocab", *inputs, *options, "--overwrite").code == 0
        tokens = BertTokenizer(output).vocabulary
        assert tokens[5:7] == ["[unused0]", "[unused1]"]
        assert {"T", "##T", "x", "##x"} <= set(tokens)


def test_several_held_out_texts(kbert, text, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("good day", "utf-8")
    output = tmp_path / "vocab.txt"
    outcome = kbert("vocab", "--input", text, "--held-out", other, text, "--size", 50, "--output", output, "--json")
    found = json.loads(outcome.out)["held_out"]
    assert found["files"] == [str(other), str(text)]
    assert found["words"] == 2 + 14


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" \n", "{path}: expected text to try the vocabulary on, found no sentence. Give other files"),
        (b"good\ncaf\xe9\n", "{path}:2: expected UTF-8, byte 0xe9 is not. Save the file as UTF-8"),
    ],
)
def test_bad_held_out_text_is_told_before_training(kbert, text, tmp_path, monkeypatch, content, message):
    path = tmp_path / "held_out.txt"
    path.write_bytes(content)
    monkeypatch.setattr(kbert_vocabulary, "train_vocabulary", None)
    outcome = kbert("vocab", "--input", text, "--held-out", path, "--output", tmp_path / "vocab.txt")
    assert (outcome.code, outcome.err) == (1, f"error: {message.format(path=path)}\n")


def test_the_vocabulary_is_kept_if_its_trial_fails(kbert, text, tmp_path, monkeypatch):
    def failing(tokenizer, texts):
        raise InputError("no")

    monkeypatch.setattr(kbert_vocabulary, "vocabulary_report", failing)
    output = tmp_path / "vocab.txt"
    outcome = kbert("vocab", "--input", text, "--held-out", text, "--size", 50, "--output", output)
    assert (outcome.code, outcome.err) == (1, "error: no\n")
    assert BertTokenizer(output).vocabulary[:5] == list(SPECIAL_TOKENS)


def test_a_cased_vocabulary_without_capitals_says_so(kbert, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("ภาษาไทย", "utf-8")
    outcome = kbert("vocab", "--input", text, "--size", 50, "--output", tmp_path / "vocab.txt", "--cased")
    assert "no token has a capital letter: tell the commands that take this vocabulary --cased" in outcome.err


def test_an_output_that_is_there(kbert, text, tmp_path):
    output = tmp_path / "vocab.txt"
    output.write_text("mine", "utf-8")
    outcome = kbert("vocab", "--input", text, "--size", 50, "--output", output)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"error: {output}: the output is there already. Choose another, or add --overwrite\n"
    assert output.read_text("utf-8") == "mine"
    outcome = kbert("vocab", "--input", text, "--size", 50, "--output", tmp_path)
    assert outcome.err == f"error: {tmp_path}: expected a file for the output, it is a folder\n"
    outcome = kbert("vocab", "--input", text, "--size", 50, "--output", text / "vocab.txt")
    assert "the output cannot be written" in outcome.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--size", 20], "size must be at least 37: the text has 16 characters"),
        (["--coverage", 2], "coverage must be above 0 and at most 1. Received: 2.0"),
        (["--held-out", "nowhere.txt"], "nowhere.txt: expected a file or folder of text, found none"),
    ],
)
def test_bad_options_leave_nothing_behind(kbert, text, tmp_path, options, message):
    outcome = kbert("vocab", "--input", text, "--output", tmp_path / "vocab.txt", *options)
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert message in outcome.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text.txt"]


def test_bad_text_is_named_with_its_line(kbert, tmp_path):
    text = tmp_path / "text.txt"
    text.write_bytes(b"good\ncaf\xe9\n")
    outcome = kbert("vocab", "--input", text, "--output", tmp_path / "vocab.txt")
    assert outcome.err == f"error: {text}:2: expected UTF-8, byte 0xe9 is not. Save the file as UTF-8\n"
