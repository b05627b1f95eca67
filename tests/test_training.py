"""Fine-tuning on a tiny model: what it writes, that it learns, and that stopping changes nothing."""

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
from safetensors.numpy import load_file, save_file

from kbert.checkpoints import open_checkpoint
from kbert.data import read_labelled_texts
from kbert.errors import InputError
from kbert.progress import StepCallback
from kbert.tasks import TextClassifier
from kbert.training import FinetuneSettings, finetune
from kbert.training_loop import TrainingLoop

# Few of these tests are about the start of the head, which takes as long as the training of so small a model.
SETTINGS = FinetuneSettings(epochs=3, learning_rate=5e-3, batch_size=8, max_length=16, seed=1, probe_head=False)


@pytest.fixture
def data(sentiment_file):
    return read_labelled_texts(sentiment_file)


def weights_of(run) -> dict[str, np.ndarray]:
    return load_file(run / "model.safetensors")


def assert_equal_weights(a, b, tolerance: float = 0.0) -> None:
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=0, atol=tolerance, err_msg=name)


def test_a_run_learns_and_is_a_hugging_face_checkpoint(shallow_checkpoint, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, epochs=20, probe_head=True)
    result = finetune(shallow_checkpoint, data, tmp_path / "run", settings, validation=data, command="kbert finetune")
    assert result.metrics["accuracy"] == 1.0
    assert sorted(path.name for path in result.run.iterdir()) == [
        "config.json",
        "kbert.json",
        "model.safetensors",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
    ]
    facts = json.loads((result.run / "kbert.json").read_text())
    assert facts["task"] == "text-classification"
    assert facts["labels"] == ["bad", "good"]
    assert facts["data"]["train"]["rows"] == 40
    assert facts["settings"]["seed"] == 1
    assert facts["finished"] is True
    model = TextClassifier.from_checkpoint(result.run)
    assert [p.label for p in model.predict(["the film was good", "the film was bad ."])] == ["good", "bad"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(shallow_checkpoint, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, epochs=1, probe_head=True)
    runs = [
        weights_of(finetune(shallow_checkpoint, data, tmp_path / name, dataclasses.replace(settings, seed=seed)).run)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert_equal_weights(runs[0], runs[1])
    assert any(not np.array_equal(runs[0][name], runs[2][name]) for name in runs[0])


def test_compact_vocabulary_trains_to_the_same_weights(shallow_checkpoint, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, weight_decay=0.1)
    compact = finetune(shallow_checkpoint, data, tmp_path / "compact", settings)
    whole = finetune(
        shallow_checkpoint, data, tmp_path / "whole", dataclasses.replace(settings, compact_vocabulary=False)
    )
    # The factor of unused rows is rounded once instead of once a step.
    assert_equal_weights(weights_of(compact.run), weights_of(whole.run), tolerance=2e-6)
    before = open_checkpoint(shallow_checkpoint).weights["embeddings.token"]
    after = open_checkpoint(compact.run).weights["embeddings.token"]
    unused = open_checkpoint(compact.run).tokenizer().token_id("##z")
    assert 0 < np.abs(after[unused]).sum() < np.abs(before[unused]).sum()


# Five batches an epoch: one run stops inside the first epoch, between two batches that are added up, and once more on
# its end; the other inside the second epoch.
@pytest.mark.parametrize(
    ("stops", "changes"),
    [((3, 2), {"gradient_accumulation": 2}), ((7,), {"precision": "mixed_float16", "probe_head": False})],
)
def test_resuming_gives_bit_equal_weights(
    shallow_checkpoint, data, tmp_path, monkeypatch, interrupt_after, stops, changes
):
    settings = dataclasses.replace(SETTINGS, **{"epochs": 2, "probe_head": True, **changes})
    straight = finetune(shallow_checkpoint, data, tmp_path / "straight", settings, validation=data)
    for number, steps in enumerate(stops):
        with monkeypatch.context() as patch:
            interrupt_after(patch, steps)
            stopped = finetune(
                shallow_checkpoint, data, tmp_path / "stopped", settings, validation=data, resume=number > 0
            )
        assert stopped.interrupted
        assert (stopped.run / "model.safetensors").is_file()
    resumed = finetune(shallow_checkpoint, data, tmp_path / "stopped", settings, validation=data, resume=True)
    assert not resumed.interrupted
    assert not (resumed.run / "training").exists()
    assert_equal_weights(weights_of(straight.run), weights_of(resumed.run))
    assert straight.metrics["accuracy"] == resumed.metrics["accuracy"]


def test_resume_refuses_other_settings_and_other_data(shallow_checkpoint, data, tmp_path, monkeypatch, interrupt_after):
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS)
    other = dataclasses.replace(SETTINGS, learning_rate=1e-3)
    with pytest.raises(InputError, match=r"another learning_rate: it was 0\.005, got 0\.001"):
        finetune(shallow_checkpoint, data, tmp_path / "run", other, resume=True)
    fewer = dataclasses.replace(
        data, texts=data.texts[:-1], labels=data.labels[:-1], line_numbers=data.line_numbers[:-1]
    )
    with pytest.raises(InputError, match="another train"):
        finetune(shallow_checkpoint, fewer, tmp_path / "run", SETTINGS, resume=True)


def test_resume_refuses_another_vocabulary_and_misses_the_best_state(
    shallow_checkpoint, data, tmp_path, monkeypatch, interrupt_after, tiny_tokenizer
):
    with monkeypatch.context() as patch:
        interrupt_after(patch, 6)
        finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS)
    # The same size, so that nothing else tells them apart.
    tokens = list(tiny_tokenizer.vocabulary)
    tokens[-1], tokens[-2] = tokens[-2], tokens[-1]
    other = tmp_path / "other.txt"
    other.write_text("\n".join(tokens) + "\n", "utf-8")
    with pytest.raises(InputError, match="cannot resume with another tokenizer_sha256"):
        finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS, vocabulary=other, resume=True)
    # Before the training, not after it.
    monkeypatch.setattr(TrainingLoop, "run", None)
    (tmp_path / "run" / "training" / "best.safetensors").unlink()
    with pytest.raises(InputError, match="best.safetensors: expected a whole state of the run"):
        finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS, resume=True)


def test_resume_refuses_a_checkpoint_that_the_run_has_replaced(
    tiny_classifier, data, tmp_path, monkeypatch, interrupt_after
):
    run = tiny_classifier.save_checkpoint(tmp_path / "run")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        finetune(run, data, run, SETTINGS, overwrite=True)
    with pytest.raises(InputError, match="cannot resume with another checkpoint_sha256"):
        finetune(run, data, run, SETTINGS, resume=True)


def test_a_diverged_run_is_an_error(shallow_checkpoint, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, learning_rate=1e30)
    with pytest.raises(InputError, match=r"^step 3: the loss is nan; start again with a smaller --learning-rate$"):
        finetune(shallow_checkpoint, data, tmp_path / "run", settings)
    assert not (tmp_path / "run").exists()


def test_weights_that_are_no_numbers_are_an_error(shallow_checkpoint, data, tmp_path, monkeypatch):
    original = StepCallback.on_train_batch_end

    def on_train_batch_end(self, batch, logs=None):
        if self.steps == 4:  # the last of the epoch, whose loss is that of the weights before it
            self.model.classifier.dense.bias.assign([0.0, np.inf])
        original(self, batch, logs)

    monkeypatch.setattr(StepCallback, "on_train_batch_end", on_train_batch_end)
    settings = dataclasses.replace(SETTINGS, precision="mixed_float16")
    with pytest.raises(InputError, match="^step 5: weights are no numbers any more; start again with a smaller"):
        finetune(shallow_checkpoint, data, tmp_path / "run", settings)


def test_under_loss_scaling_an_epoch_without_a_loss_is_an_error(shallow_checkpoint, data, tmp_path):
    # Finite in float32, beyond float16: every step is left out, and the weights stay finite.
    path = shallow_checkpoint / "model.safetensors"
    weights = load_file(path)
    name = next(name for name in weights if name.endswith("embeddings.LayerNorm.weight"))
    save_file(weights | {name: np.full_like(weights[name], 1e6)}, path)
    settings = dataclasses.replace(SETTINGS, precision="mixed_float16", probe_head=False)
    with pytest.raises(InputError, match="^step 5: the loss is nan; start again with a smaller"):
        finetune(shallow_checkpoint, data, tmp_path / "run", settings)


def test_a_diverged_run_keeps_its_best_epoch(shallow_checkpoint, data, tmp_path, monkeypatch):
    one = finetune(shallow_checkpoint, data, tmp_path / "one", SETTINGS, validation=data)
    original = StepCallback.on_train_batch_end
    done = []

    def on_train_batch_end(self, batch, logs=None):
        done.append(batch)
        original(self, batch, {"loss": np.nan} if len(done) == 13 else logs)

    monkeypatch.setattr(StepCallback, "on_train_batch_end", on_train_batch_end)
    message = r"^step 13: the loss is nan; .*run holds epoch 1, the best before. Start again with --overwrite and a sm"
    with pytest.raises(InputError, match=message):
        finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS, validation=data)
    facts = json.loads((tmp_path / "run" / "kbert.json").read_text())
    history = json.loads((one.run / "kbert.json").read_text())["history"]
    assert facts["finished"] is False
    assert facts["history"] == history[:2]
    assert facts["metrics"] == history[0]


def test_more_batches_to_add_up_than_there_are(shallow_checkpoint, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, gradient_accumulation=16)
    message = "^gradient_accumulation must be at most 15, the batches of the run. Received: 16$"
    with pytest.raises(InputError, match=message):
        finetune(shallow_checkpoint, data, tmp_path / "run", settings)


def test_patience_needs_validation_data(shallow_checkpoint, data, tmp_path):
    with pytest.raises(InputError, match="^patience needs validation data"):
        finetune(shallow_checkpoint, data, tmp_path / "run", dataclasses.replace(SETTINGS, patience=2))


def test_a_tagger_and_a_regression_are_encoders_to_start_from(tiny_classifier, data, tmp_path):
    folder = tiny_classifier.save_checkpoint(tmp_path / "start")
    config = json.loads((folder / "config.json").read_text())
    settings = dataclasses.replace(SETTINGS, epochs=1)
    labels = {"0": "O", "1": "PER"}
    tagger = config | {"architectures": ["BertForTokenClassification"], "id2label": labels}
    (folder / "config.json").write_text(json.dumps(tagger))
    run = finetune(folder, data, tmp_path / "tagger", settings).run
    assert TextClassifier.from_checkpoint(run).labels == ("bad", "good")
    (folder / "config.json").write_text(json.dumps(config | {"problem_type": "regression"}))
    run = finetune(folder, data, tmp_path / "regression", settings).run
    assert TextClassifier.from_checkpoint(run).labels == ("bad", "good")


def test_a_metric_of_another_task(shallow_checkpoint, data, tmp_path):
    with pytest.raises(InputError, match=r"^metric must be one of accuracy, macro_f1. Received: bleu$"):
        finetune(shallow_checkpoint, data, tmp_path / "run", dataclasses.replace(SETTINGS, metric="bleu"))


def test_nothing_to_resume_is_said(shallow_checkpoint, data, tmp_path):
    with pytest.raises(InputError, match="nothing to resume"):
        finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS, resume=True)


def test_accumulated_batches_are_one_large_batch(shallow_checkpoint, data, tmp_path, tiny_config):
    path = shallow_checkpoint / "config.json"
    config = json.loads(path.read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    path.write_text(json.dumps(config))
    # All texts in one update: the order of the two halves does not matter then. SGD-like closeness is not expected of
    # Adam's first step on near-zero gradients, so the comparison is of the loss that the update leads to.
    one = dataclasses.replace(SETTINGS, epochs=1, batch_size=40, warmup=0.0)
    two = dataclasses.replace(one, batch_size=20, gradient_accumulation=2)
    losses = [
        finetune(shallow_checkpoint, data, tmp_path / name, settings, validation=data).metrics["loss"]
        for name, settings in (("one", one), ("two", two))
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


def test_early_stopping_keeps_the_best_epoch(shallow_checkpoint, data, tmp_path):
    settings = dataclasses.replace(SETTINGS, epochs=30, patience=2)
    result = finetune(shallow_checkpoint, data, tmp_path / "run", settings, validation=data)
    assert result.epochs_done == result.best_epoch + 3 < 30
    history = json.loads((result.run / "kbert.json").read_text())["history"]
    assert max(epoch["accuracy"] for epoch in history) == history[result.best_epoch]["accuracy"]


def test_tensorboard_files_hold_the_curves(shallow_checkpoint, data, tmp_path):
    import tensorflow as tf

    finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS, validation=data, tensorboard=tmp_path / "curves")
    tags = {
        value.tag
        for file in (tmp_path / "curves").iterdir()
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    }
    assert {"train/loss", "train/learning_rate", "validation/accuracy"} <= tags


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_mixed_precision_run_is_saved_in_float32(shallow_checkpoint, data, tmp_path, precision):
    result = finetune(shallow_checkpoint, data, tmp_path / "run", dataclasses.replace(SETTINGS, precision=precision))
    assert {value.dtype for value in weights_of(result.run).values()} == {np.dtype("float32")}
    assert all(np.isfinite(value).all() for value in weights_of(result.run).values())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"warmup": 1.0}, "warmup must be a share"),
        ({"precision": "float16"}, "precision must be one of"),
        ({"max_length": 2}, "max_length must be at least 3"),
        ({"dropout": 1.0}, "dropout must be at least 0 and below 1"),
    ],
)
def test_settings_are_checked_when_made(change, message):
    with pytest.raises(InputError, match=message):
        FinetuneSettings(**change)


def test_dropout_replaces_the_checkpoints(shallow_checkpoint, data, tmp_path):
    assert open_checkpoint(shallow_checkpoint).config.dropout == 0.1
    settings = dataclasses.replace(SETTINGS, epochs=1)
    run = finetune(shallow_checkpoint, data, tmp_path / "run", dataclasses.replace(settings, dropout=0.4)).run
    config = open_checkpoint(run).config
    assert (config.dropout, config.attention_dropout, config.classifier_dropout) == (0.4, 0.4, 0.4)
    none = finetune(shallow_checkpoint, data, tmp_path / "none", settings).run
    assert open_checkpoint(none).config.dropout == 0.1


def test_length_beyond_the_position_table(shallow_checkpoint, data, tmp_path):
    with pytest.raises(InputError, match="max_length must be at most 32"):
        finetune(shallow_checkpoint, data, tmp_path / "run", dataclasses.replace(SETTINGS, max_length=33))


def test_a_head_of_other_labels_is_refused_unless_a_new_one_is_wanted(shallow_checkpoint, data, tmp_path):
    run = finetune(shallow_checkpoint, data, tmp_path / "run", SETTINGS).run
    renamed = dataclasses.replace(data, labels=["fine" if label == "good" else label for label in data.labels])
    with pytest.raises(InputError, match="'fine'.*--new-head"):
        finetune(run, renamed, tmp_path / "second", SETTINGS)
    second = finetune(run, renamed, tmp_path / "second", SETTINGS, new_head=True)
    assert TextClassifier.from_checkpoint(second.run).labels == ("bad", "fine")


def test_ctrl_c_in_a_real_process_stops_and_resumes(shallow_checkpoint, sentiment_file, tmp_path):
    run = tmp_path / "run"
    command = [
        *(sys.executable, "-m", "kbert", "finetune", "--checkpoint", str(shallow_checkpoint)),
        *("--train", str(sentiment_file), "--validation", str(sentiment_file), "--output", str(run)),
        *("--epochs", "400", "--batch-size", "8", "--max-length", "16"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (run / "training" / "last.safetensors").is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "--resume" in said
    assert "Traceback" not in said
    facts = json.loads((run / "kbert.json").read_text())
    assert facts["finished"] is False
    assert 0 < len(facts["history"]) < 400


def test_losses_are_those_of_the_batches_not_of_the_epoch_so_far(tiny_config, tiny_tokenizer):
    from kbert.backbone import BertBackbone
    from kbert.data import make_batches, tokenize
    from kbert.progress import Interruption, TrainingProgress

    config = tiny_config.replace(dropout=0.0, attention_dropout=0.0)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    model.compile("sgd", loss=TextClassifier.loss_function())
    model.optimizer.learning_rate = 0.0
    texts = tokenize(tiny_tokenizer, ["the film was good", "a bad day", "the cat"], [1, 0, 1], max_length=16)
    rows = [np.array([0]), np.array([1]), np.array([2])]
    with TrainingProgress(3, 0, show=False) as progress:
        steps = StepCallback(progress, Interruption())
        model.fit(make_batches(texts, rows), verbose=0, callbacks=[steps])
    expected = [model.evaluate(make_batches(texts, [row]), verbose=0) for row in rows]
    np.testing.assert_allclose(steps.losses, expected, rtol=1e-5)
