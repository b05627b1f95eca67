"""Sets of labels and scores: what kbert saves, transformers takes for the same, and the other way round."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.tasks import TextClassifier

SCRIPT = pathlib.Path(__file__).parent / "scores_side.py"
TOLERANCE = 1e-5  # float32 on both sides, but sums in another order
LABELS = {"multi-label": ("card", "lost", "pin"), "regression": ("score",)}


@pytest.fixture(scope="module")
def exchange(optional, tmp_path_factory, tiny_config, tiny_tokenizer, features, randomize):
    """Our models by task, and the folder where both sides have put checkpoints and answers."""
    optional("torch")
    optional("transformers")
    folder = tmp_path_factory.mktemp("exchange")
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    keras.utils.set_random_seed(7)
    batch = len(features["token_ids"])
    targets = {
        "multi-label": np.arange(batch * 3).reshape(batch, 3) % 2,
        "regression": np.linspace(0.0, 5.0, batch)[:, None],
    }
    targets = {task: values.astype("float32") for task, values in targets.items()}
    models = {}
    for task, labels in LABELS.items():
        models[task] = TextClassifier(BertBackbone(tiny_config), labels, tiny_tokenizer, max_length=16, task=task)
        randomize(models[task].classifier.trainable_variables)
        models[task].save_checkpoint(folder / "ours" / task)
    np.savez(folder / "features.npz", **features, **targets)
    command = [sys.executable, str(SCRIPT), str(folder)]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder, models, targets


def arrays(path):
    with np.load(path) as stored:
        return dict(stored)


@pytest.mark.parametrize(
    ("task", "problem_type"), [("multi-label", "multi_label_classification"), ("regression", "regression")]
)
def test_transformers_gives_the_same_logits_and_loss(exchange, features, difference, task, problem_type):
    folder, models, targets = exchange
    theirs = arrays(folder / f"of-ours-{task}.npz")
    logits = models[task](features)["logits"]
    assert difference(theirs["logits"], logits) < TOLERANCE
    facts = json.loads((folder / f"of-ours-{task}.json").read_text())
    assert facts == {"problem_type": problem_type, "id2label": {str(i): x for i, x in enumerate(LABELS[task])}}
    loss = float(TextClassifier.loss_function(task)(targets[task], logits))
    assert loss == pytest.approx(float(theirs["loss"]), rel=1e-5)


@pytest.mark.parametrize("name", ["multi-label", "regression", "one-output"])
def test_their_checkpoints(exchange, features, difference, name):
    folder, _, _ = exchange
    model = TextClassifier.from_checkpoint(folder / "theirs" / name)
    task = "multi-label" if name == "multi-label" else "regression"
    assert (model.problem.task, model.labels) == (task, LABELS[task])
    assert difference(model(features)["logits"], arrays(folder / f"of-theirs-{name}.npz")["logits"]) < TOLERANCE
