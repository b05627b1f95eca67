import json
import re

import pytest

from kbert.data import prepare
from kbert.data.shards import open_shards


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("the film was good. A bad day.\n\n" * 20, "utf-8")
    return path


@pytest.fixture
def vocabulary(tmp_path, tiny_tokenizer):
    path = tmp_path / "vocab.txt"
    path.write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    return path


@pytest.fixture
def run(kbert, text, vocabulary, tmp_path):
    """Runs `kbert prepare` on the text above into `output`."""

    def prepare_text(*options, **changed):
        given = {"input": text, "vocab": vocabulary, "output": tmp_path / "output", "max-length": 16, **changed}
        return kbert("prepare", *[item for name, value in given.items() for item in (f"--{name}", value)], *options)

    return prepare_text


def test_prepare(run, tmp_path):
    outcome = run("--shard-mb", 0.0003)
    assert outcome.code == 0, outcome.err
    output = tmp_path / "output"
    shards = open_shards(output)
    tokens = 20 * (5 + 4)
    line = rf"{output}: 20 documents, 40 sentences, {tokens} tokens, 20 windows in 3 shards \(\d+\.\d MB/s\)\n"
    assert re.fullmatch(line, outcome.out)
    assert len(shards.shards) == 3
    assert shards.tokenizer().lowercase
    assert shards.manifest["command"].startswith("kbert prepare --input ")


def test_options_reach_the_shards(run, tmp_path):
    outcome = run("--sentence-objective", "none", "--documents", "file", "--cased", "--processes", 2)
    assert outcome.code == 0, outcome.err
    shards = open_shards(tmp_path / "output")
    assert (shards.sentence_objective, shards.documents, shards.max_length) == ("none", "file", 16)
    assert not shards.tokenizer().lowercase
    assert shards.totals["documents"] == 1


def test_running_again(run, text, tmp_path):
    run()
    first = (tmp_path / "output" / "manifest.json").read_bytes()
    again = run()
    assert again.code == 0
    assert again.out.endswith("20 windows in 1 shards (finished before)\n")
    assert (tmp_path / "output" / "manifest.json").read_bytes() == first
    refused = run(**{"max-length": 20})
    assert (refused.code, refused.out) == (1, "")
    message = f"error: {tmp_path / 'output'}: holds shards prepared otherwise (max_length 16, now 20). Choose another"
    assert refused.err.splitlines()[-1].startswith(message)
    assert run("--overwrite", **{"max-length": 20}).code == 0


def test_ctrl_c(run, tmp_path, monkeypatch):
    def interrupted(shard):
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "write_shard", interrupted)
    outcome = run()
    assert outcome.code == 130
    message = f"stopped; {tmp_path / 'output'} keeps the finished shards. Go on with the same command"
    assert outcome.err.splitlines()[-1] == message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"input": "nowhere"}, "nowhere: expected a file or folder of text, found none"),
        ({"vocab": "nowhere.txt"}, "nowhere.txt: expected a vocabulary file (one token a line), found no such file"),
        ({"max-length": 4}, "max_length must be at least 5 for nsp. Received: 4"),
        ({"output": "/proc/output"}, "/proc/output: the output folder cannot be written"),
    ],
)
def test_bad_options_leave_nothing_behind(run, tmp_path, changed, message):
    outcome = run(**changed)
    assert (outcome.code, outcome.out) == (1, "")
    (line,) = outcome.err.splitlines()
    assert line.startswith(f"error: {message}")
    assert not (tmp_path / "output").exists()


def test_a_vocabulary_without_mask(run, tmp_path):
    vocabulary = tmp_path / "short.txt"
    vocabulary.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n", "utf-8")
    outcome = run(vocab=vocabulary)
    message = f"{vocabulary}: expected the special tokens [PAD] [UNK] [CLS] [SEP] [MASK], [MASK] is missing"
    assert outcome.err == f"error: {message}\n"


def test_bad_text_is_named_with_its_line(run, text, tmp_path):
    text.write_text(json.dumps({"text": "good"}) + "\n{}\n", "utf-8")
    text = text.rename(tmp_path / "text.jsonl")
    outcome = run(input=text)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1] == f"error: {text}:2: expected the field 'text', got none"
    assert not (tmp_path / "output").exists()
