"""`kbert pretrain`: what it makes, what follows on it, and one line for whatever is wrong."""

import json
import math

import pytest
from safetensors.numpy import load_file

from kbert.data.prepare import prepare_shards
from kbert.errors import InputError

SIZES = {"num-layers": 2, "hidden-dim": 16, "num-heads": 2, "intermediate-dim": 32, "max-sequence-length": 32}
RUN = {"preset": "tiny", "steps": 2, "batch-size": 4, "max-predictions": 3, "max-length": 16, **SIZES}


@pytest.fixture(scope="module")
def files(tmp_path_factory, tiny_tokenizer):
    """text.txt, vocab.txt, and shards of the one in the other."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "text.txt").write_text("The film was good. A bad day. The a was bad\n\n" * 20, "utf-8")
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    prepare_shards([folder / "text.txt"], tiny_tokenizer, folder / "shards", max_length=16)
    return folder


def options(values) -> list[object]:
    return [item for name, value in values.items() if value is not None for item in (f"--{name}", value)]


@pytest.fixture
def pretrain(kbert, files, tmp_path):
    """Runs `kbert pretrain` on the text above into `run`; an option that is None is left out."""

    def run(*flags, **changed):
        changed = {name.replace("_", "-"): value for name, value in changed.items()}
        given = {"corpus": files / "text.txt", "vocab": files / "vocab.txt", "output": tmp_path / "run", **RUN}
        return kbert("pretrain", *options(given | changed), *flags)

    return run


@pytest.fixture(scope="module")
def finished(files, tmp_path_factory):
    """A finished run, made by the command."""
    from kbert.cli.main import main

    output = tmp_path_factory.mktemp("finished") / "run"
    given = {"corpus": files / "text.txt", "vocab": files / "vocab.txt", "output": output, **RUN}
    with pytest.raises(SystemExit) as exited:
        main(["pretrain", *map(str, options(given))])
    assert not exited.value.code
    return output


def test_random_weights_are_as_large_as_asked(pretrain, tmp_path):
    outcome = pretrain(initializer_range=0.5, steps=1, learning_rate=1e-6)
    assert outcome.code == 0, outcome.err
    assert json.loads((tmp_path / "run/config.json").read_text())["initializer_range"] == 0.5
    kernel = load_file(tmp_path / "run/model.safetensors")["bert.encoder.layer.0.intermediate.dense.weight"]
    # A normal distribution cut at two standard deviations.
    assert kernel.std() == pytest.approx(0.5 * 0.88, rel=0.1)


@pytest.mark.parametrize(("flags", "lowercase"), [(["--cased"], False), (["--uncased"], True), ([], None)])
def test_files_and_case_reach_the_run(pretrain, files, monkeypatch, flags, lowercase):
    def reached(reference, source, output, settings, **options):
        found = [source.corpus, options["validation"], options["lowercase"]]
        raise InputError(str(found))

    monkeypatch.setattr("kbert.pretraining.pretrain", reached)
    outcome = pretrain("--validation", "a.txt", "b.txt", *flags)
    assert_error(outcome, f"[('{files / 'text.txt'}',), ('a.txt', 'b.txt'), {lowercase}]")


def assert_error(outcome, message: str) -> None:
    assert (outcome.code, outcome.out) == (1, ""), outcome.err
    assert len(outcome.err.splitlines()) == 1, outcome.err
    assert outcome.err.startswith(f"error: {message}")
    assert "defect" not in outcome.err


def test_a_run_predicts(kbert, finished):
    facts = json.loads((finished / "kbert.json").read_text("utf-8"))
    assert (facts["steps"], facts["finished"], facts["max_length"]) == (2, True, 16)
    assert facts["command"].startswith("kbert pretrain ")
    outcome = kbert("predict", finished, "the [MASK] was good.", "--top", 2)
    assert (outcome.code, outcome.err) == (0, "")
    (mask,) = json.loads(outcome.out)["masks"]
    assert len(mask["tokens"]) == 2


def test_a_run_is_evaluated_on_raw_text(kbert, finished, files, tmp_path):
    outcome = kbert("evaluate", finished, "--data", files / "text.txt", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = json.loads(outcome.out)
    # Twenty documents of 13 tokens, each of which is a window of 16 with its three special tokens.
    assert (found["task"], found["examples"]) == ("pretraining", 20)
    metrics = found["metrics"]
    names = ["loss", "masked_accuracy", "perplexity", "nsp_accuracy", "most_frequent_accuracy"]
    assert list(metrics) == names
    assert 3 < metrics["loss"] < 8
    assert 1 < metrics["perplexity"] < math.exp(metrics["loss"])
    assert all(0 <= metrics[name] <= 1 for name in names if name.endswith("accuracy"))
    table = kbert("evaluate", finished, "--data", files / "text.txt")
    assert table.out.splitlines()[0] == f"loss                   {metrics['loss']:.4f}"
    assert [line.split()[0] for line in table.out.splitlines()] == names
    assert table.err == "20 examples\n"


def test_evaluating_on_text_that_cannot_be_used(kbert, finished, tmp_path):
    missing = tmp_path / "missing.txt"
    outcome = kbert("evaluate", finished, "--data", missing)
    assert_error(outcome, f"{missing}: expected a file or folder of text, found none")
    one = tmp_path / "one.txt"
    one.write_text("A good day. A bad day.", "utf-8")
    assert_error(kbert("evaluate", finished, "--data", one), "one.txt: expected at least two documents for nsp")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"preset": None}, "give --preset or --checkpoint, and not both"),
        ({"checkpoint": "run"}, "give --preset or --checkpoint, and not both"),
        ({"corpus": None}, "give --corpus or --shards, and not both"),
        ({"shards": "shards"}, "give --corpus or --shards, and not both"),
        ({"optimizer": "sgd"}, "Invalid value for '--optimizer': 'sgd' is not one of"),
        ({"steps": "many"}, "Invalid value for '--steps': 'many' is not a valid integer"),
        ({"output": None}, "Missing option '--output'"),
    ],
)
def test_usage_errors(pretrain, tmp_path, changes, message):
    outcome = pretrain(**changes)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines()[-1].startswith(f"Error: {message}")
    assert list(tmp_path.iterdir()) == []


ONE_SENTENCE = "Good film\n\nBad day\n\nGood day\n"
BAD_TEXT = {
    "empty": ("", "text.txt: expected text, found no sentence. Give other files"),
    "blank": (" \n\n \n", "text.txt: expected text, found no sentence. Give other files"),
    "one sentence": (ONE_SENTENCE, "text.txt: expected windows of at least two sentences for nsp, every one holds a"),
    "one document": ("A day. A film. " * 9, "text.txt: expected at least two documents for nsp"),
    "too short": ("A day. A film.\n\nBad day. Good day.", "expected at least 4 windows, one batch, found 2"),
}


@pytest.mark.parametrize("name", BAD_TEXT)
def test_bad_text_leaves_nothing_behind(pretrain, tmp_path, name):
    content, message = BAD_TEXT[name]
    path = tmp_path / "text.txt"
    path.write_text(content, "utf-8")
    outcome = pretrain(corpus=path)
    assert (outcome.code, outcome.out) == (1, "")
    line = outcome.err.splitlines()[-1]
    assert line.startswith("error: ")
    assert message in line
    assert [found.name for found in tmp_path.iterdir()] == ["text.txt"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"corpus": "nowhere.txt"}, "nowhere.txt: expected a file or folder of text, found none"),
        ({"vocab": None}, "preset:tiny has no vocabulary of its own: make one with kbert vocab, give it as --vocab"),
        ({"vocab": "nowhere.txt"}, "nowhere.txt: expected a vocabulary file (one token a line), found no such file"),
        ({"preset": "huge"}, "preset 'huge'"),
        ({"max_predictions": 0}, "max_predictions must be at least 1"),
        ({"max_predictions": 16}, "max_predictions must be below the sequence length of 16. Received: 16"),
        ({"mask_share": 1.5}, "mask_share must be above 0 and below 1. Received: 1.5"),
        (
            {"max_length": 33},
            "texts of 33 tokens are longer than the position table of preset:tiny, which has 32 rows. Give a "
            "--max-length of 32 at most",
        ),
        ({"long_share": 0.5}, "texts of 512 tokens are longer than the position table of preset:tiny"),
        ({"batch_size": 3}, "batch_size must be even to pair texts for NSP. Received: 3"),
        ({"hidden_dim": 15}, "hidden_dim"),
        ({"learning_rate": 0}, "learning_rate must be above 0. Received: 0.0"),
        ({"worker_hosts": "a:1,b:2", "worker_index": 2, "distribution": "multi-worker"}, "worker_index must be from 0"),
    ],
)
def test_bad_options_leave_nothing_behind(pretrain, tmp_path, changes, message):
    outcome = pretrain(**changes)
    assert (outcome.code, outcome.out) == (1, ""), outcome.err
    line = outcome.err.splitlines()[-1]
    assert line.startswith("error: ")
    assert message in line
    assert "defect" not in line
    assert list(tmp_path.iterdir()) == []


def test_a_vocabulary_without_mask(pretrain, files, tmp_path):
    vocabulary = tmp_path / "short.txt"
    vocabulary.write_text((files / "vocab.txt").read_text("utf-8").replace("[MASK]\n", ""), "utf-8")
    assert_error(
        pretrain(vocab=vocabulary), f"{vocabulary}: expected the special tokens [PAD] [UNK] [CLS] [SEP] [MASK],"
    )


def test_shards_of_another_vocabulary(pretrain, files, tmp_path):
    vocabulary = tmp_path / "other.txt"
    vocabulary.write_text((files / "vocab.txt").read_text("utf-8") + "other\n", "utf-8")
    message = (
        f"{files / 'shards'}: expected shards of the vocabulary given (67 tokens, uncased), they were written with"
    )
    assert_error(pretrain(corpus=None, shards=files / "shards", vocab=vocabulary), message)


def test_shards_longer_than_the_position_table(pretrain, files):
    changes = {"corpus": None, "shards": files / "shards", "max_sequence_length": 8}
    assert_error(pretrain(**changes), f"{files / 'shards'}: texts of 16 tokens are longer than the position table")


def test_the_long_phase_wants_both(pretrain, files):
    message = "long_share and shards of the greater length (--long-shards) go together, got one of them"
    assert_error(pretrain(corpus=None, shards=files / "shards", long_share=0.5), message)
    assert_error(pretrain(corpus=None, shards=files / "shards", long_shards=files / "shards"), message)


def test_a_truncated_shard_is_named(pretrain, files, tiny_tokenizer, tmp_path):
    shards = prepare_shards([files / "text.txt"], tiny_tokenizer, tmp_path / "shards", max_length=16)
    (path,) = shards.paths
    path.write_bytes(path.read_bytes()[:-10])
    assert_error(pretrain(corpus=None, shards=shards.directory), f"{path}: truncated, expected")


def test_the_output_holds_something_else(pretrain, finished, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("mine", "utf-8")
    assert_error(pretrain(), f"{tmp_path / 'run'}: the output folder holds something already. Choose another")
    assert_error(pretrain("--resume"), f"{tmp_path / 'run'}: nothing to resume here, found no folder training/")
    assert (tmp_path / "run" / "thesis.txt").read_text("utf-8") == "mine"


def test_resume_with_another_architecture(pretrain, finished):
    outcome = pretrain("--resume", output=finished, hidden_dim=32)
    state = finished / "training" / "step-00000002.safetensors"
    assert_error(outcome, f"{state}: cannot resume with another architecture: hidden_dim was 16, got 32")
