import json

import pytest

from kbert.tokenizer import BertTokenizer


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("The good film was good.", "utf-8")
    return path


def test_trim_and_use(kbert, saved_run, text, tmp_path):
    output = tmp_path / "out"
    outcome = kbert("trim", saved_run, "--corpus", text, "--output", output)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        f"{output}: 64 of 66 tokens kept; token table 0.0 of 0.0 MB in float32\n"
        "corpus: 6 tokens in 1 texts; of the tokens 0.00 % change, of the texts 0.00 %\n"
    )
    sentence = "the zebra was good, a film!"
    assert kbert("predict", output, sentence).out == kbert("predict", saved_run, sentence).out
    shown = json.loads(kbert("inspect", output).out)
    assert shown["config"]["vocabulary_size"] == 64
    assert (shown["trimmed"]["from"], shown["trimmed"]["to"]) == (66, 64)
    assert shown["trimmed"]["command"] == f"kbert trim {saved_run} --corpus {text} --output {output}"


def test_several_texts_rare_tokens_and_tokens_to_keep(kbert, saved_run, text, sentiment_file, tmp_path):
    keep = tmp_path / "keep.txt"
    keep.write_text("bad\n\nday\n", "utf-8")
    outcome = kbert("trim", saved_run, "--corpus", text, sentiment_file, "--output", tmp_path / "a", "--keep", keep)
    assert " 66 of 66 tokens kept" in outcome.out
    note = "note: every token of the vocabulary is used or always kept: nothing was left out\n"
    assert (outcome.code, outcome.err) == (0, note)
    outcome = kbert("trim", saved_run, "--corpus", text, "--min-count", 2, "--output", tmp_path / "b")
    # Only `good` occurs twice: the, film and was are spelled out.
    assert outcome.out.splitlines()[1] == (
        "corpus: 6 tokens in 1 texts; of the tokens 50.00 % change, of the texts 100.00 %"
    )
    tokens = BertTokenizer.from_directory(tmp_path / "b").vocabulary
    assert {"good", "the", "film", "was", "."} & set(tokens) == {"good", "."}


def test_columns(kbert, saved_run, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("first,second\nthe,bad\n", "utf-8")
    options = ["--corpus", data, "--output", tmp_path / "out"]
    outcome = kbert("trim", saved_run, *options)
    line = (
        f"error: {data}:1: expected a column called 'text', the columns are first, second. "
        "Name yours with --text-column\n"
    )
    assert (outcome.code, outcome.err) == (1, line)
    outcome = kbert("trim", saved_run, *options, "--text-column", "first", "second")
    assert "corpus: 2 tokens in 2 texts" in outcome.out


def test_errors_are_one_line(kbert, saved_run, text, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text(" ", "utf-8")
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine").write_text("", "utf-8")
    for arguments, line in {
        (saved_run, "--corpus", empty, "--output", tmp_path / "o"): f"{empty}: expected text whose tokens to keep, "
        "found none. Give other files",
        (saved_run, "--corpus", text, "--output", taken): f"{taken}: the output folder holds something already. "
        "Choose another, or add --overwrite",
        ("preset:tiny", "--corpus", text, "--output", tmp_path / "o"): "preset:tiny: expected a checkpoint with a "
        "vocabulary to trim, it has none",
    }.items():
        outcome = kbert("trim", *arguments)
        assert (outcome.code, outcome.out, outcome.err) == (1, "", f"error: {line}\n")
    assert not (tmp_path / "o").exists()
    assert kbert("trim", saved_run, "--corpus", text, "--output", taken, "--overwrite").code == 0
