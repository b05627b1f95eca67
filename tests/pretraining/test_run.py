"""Pretraining on a tiny corpus: what it writes, that it learns, and that stopping, or being killed, changes nothing."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from kbert.checkpoints import extract_weights
from kbert.distributed import Worker
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import PretrainSettings, TextSource, pretrain
from kbert.pretraining.evaluation import HeldOutText
from kbert.pretraining.loop import PretrainingLoop
from kbert.pretraining_loss import PretrainingSums

from .conftest import SIZES

SETTINGS = PretrainSettings(
    steps=12, batch_size=4, learning_rate=3e-3, max_predictions=3, log_every=4, save_every=2, evaluate_every=6, seed=3
)
SUMS = PretrainingSums(1.0, 1.0, 1.0, 0.0, 0.0, 0.0)  # of a step that was not computed
# Eight steps of 16 tokens, four of 32.
TWO_LENGTHS = dataclasses.replace(SETTINGS, long_share=1 / 3)


@pytest.fixture(scope="module")
def run_on_shards(make_shards, corpus):
    def run(output, settings, *, validation=(), objective="nsp", sizes=SIZES, **options):
        long = settings.long_steps and make_shards(32, objective).directory
        source = TextSource(shards=make_shards(16, objective).directory, long_shards=long or None)
        return pretrain("preset:tiny", source, output, settings, validation=validation, sizes=sizes, **options)

    return run


@pytest.fixture(scope="module")
def straight(run_on_shards, corpus, tmp_path_factory):
    """A run of two lengths that never stopped."""
    return run_on_shards(tmp_path_factory.mktemp("straight") / "run", TWO_LENGTHS, validation=[corpus])


def rows_of(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]


def test_a_run_learns_and_is_a_hugging_face_checkpoint(corpus, tiny_tokenizer, tmp_path):
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    settings = dataclasses.replace(SETTINGS, steps=150, learning_rate=1e-2, batch_size=12, log_every=25, save_every=100)
    result = pretrain(
        "preset:tiny",
        TextSource(corpus=[corpus], max_length=16),
        tmp_path / "run",
        settings,
        vocabulary=vocabulary,
        sizes=SIZES,
        tensorboard=tmp_path / "curves",
        command="kbert pretrain",
    )
    assert (result.steps_done, result.interrupted, result.metrics) == (150, False, {})
    assert result.tokens_per_second > 0
    assert sorted(path.name for path in result.run.iterdir()) == [
        "config.json",
        "curves.png",
        "kbert.json",
        "metrics.jsonl",
        "model.safetensors",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "training",
        "vocab.txt",
    ]
    assert (result.run / "curves.png").read_bytes().startswith(b"\x89PNG\r\n")
    assert sorted(path.name for path in (result.run / "training").glob("*.safetensors")) == [
        "step-00000100.safetensors",
        "step-00000150.safetensors",
    ]
    rows = rows_of(result.run)
    assert [row["step"] for row in rows] == [25, 50, 75, 100, 125, 150]
    names = ["loss", "masked_accuracy", "nsp_accuracy", "learning_rate", "tokens_per_second"]
    assert all(list(row["train"]) == names for row in rows)
    # At the start a guess among 66 tokens and a coin: 4.2 and 0.7 nats.
    assert rows[0]["train"]["loss"] > 3.5
    assert rows[-1]["train"]["loss"] < 2.5
    assert rows[-1]["train"]["masked_accuracy"] > 0.4
    assert rows[-1]["train"]["learning_rate"] == 0.0
    facts = json.loads((result.run / "kbert.json").read_text("utf-8"))
    assert (facts["task"], facts["max_length"], facts["finished"], facts["steps"]) == ("pretraining", 16, True, 150)
    assert (facts["settings"]["seed"], facts["checkpoint"], facts["command"]) == (3, "preset:tiny", "kbert pretrain")
    assert json.loads((result.run / "config.json").read_text("utf-8"))["architectures"] == ["BertForPreTraining"]
    model = BertPretrainer.from_checkpoint(result.run)
    (prediction,) = model.fill_mask(["the film [MASK] good."], 1)
    assert prediction.masks[0].tokens[0].token == "was"
    saved = load_file(result.run / "model.safetensors")
    assert "bert.embeddings.word_embeddings.weight" in saved
    assert "cls.predictions.transform.dense.weight" in saved
    assert "cls.seq_relationship.weight" in saved
    # Without held-out text the last weights are the run's.
    last = load_file(result.run / "training" / "step-00000150.safetensors")
    loaded = extract_weights(model.named_variables())
    assert sum(value.size for name, value in last.items() if name.startswith("model.")) > sum(
        value.size for value in loaded.values()
    )
    assert any(np.array_equal(value, loaded["layers.0.intermediate.kernel"]) for value in last.values())
    import tensorflow as tf

    tags = {
        value.tag
        for file in (tmp_path / "curves").iterdir()
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    }
    assert {"train/loss", "train/masked_accuracy", "train/learning_rate"} <= tags


def test_two_lengths(straight):
    rows = rows_of(straight.run)
    assert [(row["step"], *(set(row) - {"step"})) for row in rows] == [
        (4, "train"),
        (6, "validation"),
        (8, "train"),
        (12, "train"),
        (12, "validation"),
    ]
    facts = json.loads((straight.run / "kbert.json").read_text("utf-8"))
    assert [text["max_length"] for text in facts["data"]] == [16, 32]
    assert facts["max_length"] == 32
    names = {"loss", "masked_accuracy", "perplexity", "nsp_accuracy", "most_frequent_accuracy"}
    assert set(straight.metrics) == names
    assert facts["metrics"] == straight.metrics


def test_killed_and_stopped_a_run_goes_on_to_bit_equal_weights(
    straight, run_on_shards, make_shards, corpus, tmp_path, monkeypatch, interrupt_in_step
):
    output = tmp_path / "run"
    given = {
        "preset": "tiny",
        "shards": make_shards(16).directory,
        "long-shards": make_shards(32).directory,
        "validation": corpus,
        "output": output,
        **SIZES,
        **{name: getattr(TWO_LENGTHS, name) for name in ("steps", "batch_size", "learning_rate", "max_predictions")},
        **{name: getattr(TWO_LENGTHS, name) for name in ("log_every", "save_every", "evaluate_every", "seed")},
        "long_share": TWO_LENGTHS.long_share,
    }
    options = [text for name, value in given.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    process = subprocess.Popen(
        [sys.executable, "-m", "kbert", "pretrain", *options], env=environment, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not list((output / "training").glob("step-*.safetensors")) and time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not (output / "model.safetensors").exists()

    # Of eight short steps some are left; Ctrl-C comes in a long one.
    with monkeypatch.context() as patch:
        interrupt_in_step(patch, 10)
        stopped = run_on_shards(output, TWO_LENGTHS, validation=[corpus], resume=True)
    assert (stopped.interrupted, stopped.steps_done) == (True, 10)
    facts = json.loads((output / "kbert.json").read_text("utf-8"))
    assert (facts["finished"], facts["steps"]) == (False, 10)
    assert (output / "model.safetensors").is_file()

    resumed = run_on_shards(output, TWO_LENGTHS, validation=[corpus], resume=True)
    assert (resumed.interrupted, resumed.steps_done) == (False, 12)
    ours, theirs = (load_file(run / "model.safetensors") for run in (output, straight.run))
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
    assert resumed.metrics == straight.metrics
    validations = [[row for row in rows_of(run) if "validation" in row] for run in (output, straight.run)]
    assert validations[0] == validations[1]


def test_a_resumed_run_goes_on_with_the_next_batch(run_on_shards, tmp_path, monkeypatch):
    """With two batches a step and two lengths, wherever it stopped. Nothing is computed here, only counted."""
    settings = dataclasses.replace(TWO_LENGTHS, gradient_accumulation=2)
    seen: list = []
    stops = set()

    def step(self, batches, interruption):
        seen.append([features["token_ids"].numpy() for features, _, _ in batches])
        return SUMS, self.step + 1 in stops

    monkeypatch.setattr(PretrainingLoop, "_train_step", step)
    run_on_shards(tmp_path / "straight", settings)
    straight, seen = seen, []
    assert [[rows.shape for rows in step] for step in straight] == [[(4, 16)] * 2] * 8 + [[(2, 32)] * 2] * 4
    # Inside the first phase, and at its end.
    stops = {3, 8}
    runs = [run_on_shards(tmp_path / "stopped", settings, resume=bool(seen)) for _ in range(3)]
    assert [run.steps_done for run in runs] == [3, 8, 12]
    assert len(seen) == 12
    for ours, theirs in zip(seen, straight, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.fixture
def run_on_corpus(corpus, tiny_tokenizer, tmp_path, monkeypatch):
    """A run on raw text, with a copy of it as held-out text, stopped after three steps of which nothing is computed."""
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    files = {name: tmp_path / f"{name}.txt" for name in ("learned", "held_out")}
    for path in files.values():
        path.write_bytes(corpus.read_bytes())
    monkeypatch.setattr(PretrainingLoop, "_train_step", lambda self, *arguments: (SUMS, self.step + 1 == 3))
    monkeypatch.setattr(
        HeldOutText, "score", lambda self, model: {"loss": 1.0, "masked_accuracy": 0.5, "perplexity": 9.0}
    )

    def run(*, max_length=16, validation=(files["held_out"],), **options):
        source = TextSource(corpus=[files["learned"]], max_length=max_length)
        return pretrain(
            "preset:tiny",
            source,
            tmp_path / "run",
            SETTINGS,
            vocabulary=vocabulary,
            sizes=SIZES,
            validation=validation,
            **options,
        )

    assert run().steps_done == 3
    return run


def prepared_files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of the text, and of the states, with when and what was written."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_on_a_corpus_resumes(run_on_corpus, tmp_path):
    before = prepared_files(tmp_path / "run" / "training")
    result = run_on_corpus(resume=True)
    assert (result.steps_done, result.interrupted) == (12, False)
    after = prepared_files(tmp_path / "run" / "training")
    texts = [name for name in before if name.startswith("prepared-")]
    assert {name.split("/")[0] for name in texts} == {"prepared-16", "prepared-validation"}
    assert all(before[name] == after[name] for name in texts)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("learned", r"/prepared-16: cannot resume with other text \(other text\). Give the same files and options"),
        ("held_out", r"/prepared-validation: cannot resume with other text \(other text\). Give the same files and"),
        (
            {"max_length": 32},
            r"/prepared-validation: cannot resume with other text \(max_length 16, now 32\). Give the same",
        ),
        ({"max_length": 32, "validation": ()}, "cannot resume with another text: max_length was 16, got 32, windows"),
        ({"validation": ()}, "cannot resume with another validation: give the same files as before$"),
    ],
    ids=str,
)
def test_a_refused_resume_destroys_nothing(run_on_corpus, tmp_path, changed, message):
    before = prepared_files(tmp_path / "run")
    options = changed
    if isinstance(changed, str):
        (tmp_path / f"{changed}.txt").write_text("A day. A film.\n\nGood day. Bad day.\n\n" * 9, "utf-8")
        options = {}
    with pytest.raises(InputError, match=message):
        run_on_corpus(resume=True, **options)
    after = prepared_files(tmp_path / "run")
    assert {name: after.get(name) for name in before} == before


def test_a_run_that_is_there_is_not_told_to_be_overwritten(run_on_corpus, tmp_path):
    with pytest.raises(InputError, match="run: the output folder holds a run already. Go on with it by --resume, "):
        run_on_corpus()
    assert (tmp_path / "run" / "training" / "step-00000003.safetensors").is_file()


def test_a_worker_checks_what_it_can_before_it_joins_the_others(make_shards, tmp_path, monkeypatch):
    monkeypatch.setattr(Worker, "join", lambda self: pytest.fail("joined"))
    chief, other = (Worker(distribution="multi-worker", index=index, count=2) for index in (0, 1))
    shards = TextSource(shards=make_shards(16).directory)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine", "utf-8")
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", "utf-8")
    for worker, source, output, options, message in [
        (chief, shards, "full", {}, "the output folder holds something already"),
        (chief, TextSource(shards=tmp_path / "nowhere"), "run", {}, "nowhere: expected a folder that kbert prepare"),
        (other, shards, "run", {"vocabulary": vocabulary}, "expected shards of the vocabulary given"),
        (other, shards, "run", {"resume": True}, "nothing to resume here"),
        (chief, shards, "run", {"validation": [tmp_path / "nowhere.txt"]}, "nowhere.txt: expected a file or folder"),
        (chief, TextSource(corpus=[vocabulary]), "run", {"vocabulary": vocabulary}, "several workers read shards"),
    ]:
        with pytest.raises(InputError, match=message):
            pretrain("preset:tiny", source, tmp_path / output, SETTINGS, sizes=SIZES, worker=worker, **options)
    assert not (tmp_path / "run").exists()


def test_tensorboard_is_asked_for_first(run_on_shards, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(InputError, match=r"tensorboard, which is not installed: pip install 'kbert\[report\]'$"):
        run_on_shards(tmp_path / "run", SETTINGS, tensorboard=tmp_path / "curves")
    assert not (tmp_path / "run").exists()


def test_with_held_out_text_the_best_weights_are_the_run(run_on_shards, corpus, tmp_path, monkeypatch):
    settings = dataclasses.replace(SETTINGS, steps=3, save_every=1, evaluate_every=1, keep=3)
    losses = iter([2.0, 1.0, 3.0])

    def step(self, *arguments):
        self.model.mlm.bias.assign(np.full(self.model.mlm.bias.shape, self.step + 1.0))
        return SUMS, False

    monkeypatch.setattr(PretrainingLoop, "_train_step", step)
    monkeypatch.setattr(
        HeldOutText, "score", lambda self, model: {"loss": next(losses), "masked_accuracy": 0.5, "perplexity": 9.0}
    )
    result = run_on_shards(tmp_path / "run", settings, validation=[corpus], objective="none")
    facts = json.loads((result.run / "kbert.json").read_text("utf-8"))
    assert result.metrics == facts["metrics"] == {"loss": 1.0, "masked_accuracy": 0.5, "perplexity": 9.0}
    model = BertPretrainer.from_checkpoint(result.run)
    assert set(model.mlm.bias.numpy().tolist()) == {2.0}
    assert json.loads((result.run / "config.json").read_text("utf-8"))["architectures"] == ["BertForMaskedLM"]


@pytest.mark.parametrize("keep", [1, 5])
def test_a_loss_that_is_no_number_stops_and_keeps_the_state_before(run_on_shards, tmp_path, keep):
    output = tmp_path / "run"
    # The first step of the warm-up has the learning rate 0, the second one's throws all weights away.
    settings = dataclasses.replace(SETTINGS, learning_rate=1e30, warmup=0.5, save_every=1, keep=keep)
    message = (
        "^step 3: the loss is (nan|inf); the state after step 1 is kept, go on with --resume and a smaller "
        "--learning-rate$"
    )
    with pytest.raises(InputError, match=message):
        run_on_shards(output, settings)
    assert [path.name for path in (output / "training").glob("*.safetensors")] == ["step-00000001.safetensors"]
    result = run_on_shards(output, dataclasses.replace(settings, learning_rate=1e-3), resume=True)
    assert (result.steps_done, result.interrupted) == (12, False)
    assert len(list((output / "training").glob("step-*.safetensors"))) == keep
    assert all(np.isfinite(value).all() for value in load_file(output / "model.safetensors").values())


def test_weights_that_are_no_numbers_are_not_saved(run_on_shards, tmp_path, monkeypatch):
    def step(self, *arguments):
        self.model.mlm.bias.assign(np.full(self.model.mlm.bias.shape, np.nan))
        return SUMS, False

    monkeypatch.setattr(PretrainingLoop, "_train_step", step)
    settings = dataclasses.replace(SETTINGS, steps=1)
    with pytest.raises(InputError, match="^step 1: weights are no numbers any more; start again and a smaller"):
        run_on_shards(tmp_path / "run", settings)
    assert not list((tmp_path / "run").rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("changes", "sizes", "message"),
    [
        ({"batch_size": 6}, {}, "cannot resume with another batch_size: it was 4, got 6$"),
        ({}, {"hidden_dim": 32}, "cannot resume with another architecture: hidden_dim was 16, got 32$"),
    ],
)
def test_resume_refuses_another_run(straight, run_on_shards, corpus, changes, sizes, message):
    settings = dataclasses.replace(TWO_LENGTHS, **changes)
    with pytest.raises(InputError, match=message):
        run_on_shards(straight.run, settings, validation=[corpus], sizes=SIZES | sizes, resume=True)


def test_resuming_a_finished_run_changes_nothing(straight, run_on_shards, corpus):
    before = load_file(straight.run / "model.safetensors")
    again = run_on_shards(straight.run, TWO_LENGTHS, validation=[corpus], resume=True)
    assert (again.steps_done, again.metrics) == (12, straight.metrics)
    after = load_file(straight.run / "model.safetensors")
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_nothing_to_resume(run_on_shards, tmp_path):
    with pytest.raises(InputError, match="run: nothing to resume here, found no folder training/$"):
        run_on_shards(tmp_path / "run", SETTINGS, resume=True)
