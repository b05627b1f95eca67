"""What transformers makes of pruned runs: with fewer layers and neurons the same model, with fewer heads an error."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from kbert.pruning.prune import prune_checkpoint
from kbert.tasks import TextClassifier

IDS = [[2, 60, 61, 62, 3], [2, 9, 11, 12, 3]]
# In a process of its own: a process dies when the LLVM that transformers brings meets TensorFlow's.
SCRIPT = f"""
import json, sys, torch
from transformers import AutoModelForSequenceClassification
found = []
for folder in sys.argv[1:]:
    try:
        model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
        found.append(model(torch.tensor({IDS})).logits.tolist())
    except (RuntimeError, ValueError) as error:
        found.append(type(error).__name__)
print(json.dumps(found))
"""


def test_what_transformers_loads(trained_run, sentiment, tmp_path):
    for module in ("torch", "transformers"):
        if os.environ.get("CI") != "true":
            pytest.importorskip(module)
        assert importlib.util.find_spec(module), f"{module} must be installed in CI"
    prune_checkpoint(trained_run, tmp_path / "shallow", sentiment, keep_layers=[1], keep_ffn=0.5)
    for name, share in (("two", 0.5), ("three", 0.75)):
        prune_checkpoint(trained_run, tmp_path / name, sentiment, keep_heads=share)
    folders = [str(tmp_path / name) for name in ("shallow", "two", "three")]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *folders],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    shallow, *narrow = json.loads(done.stdout.splitlines()[-1])
    ids = np.array(IDS, "int32")
    features = {"token_ids": ids, "segment_ids": 0 * ids, "padding_mask": 0 * ids + 1}
    ours = TextClassifier.from_checkpoint(tmp_path / "shallow")(features)["logits"]
    # float32 in another order of summation
    np.testing.assert_allclose(shallow, ours, atol=1e-5)
    assert narrow == ["RuntimeError", "ValueError"]
