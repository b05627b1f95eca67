"""What transformers makes of students of raw text: the same models, an MLM head among them."""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import load_backbone
from kbert.distillation import CorpusDistillSettings, StudentSpec, distill_corpus
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import TextSource

IDS = [[2, 60, 61, 62, 3], [2, 9, 4, 12, 3]]
# In a process of its own: a process dies when the LLVM that transformers brings meets TensorFlow's.
SCRIPT = f"""
import json, sys, torch
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer
masked, encoder = sys.argv[1:]
ids = torch.tensor({IDS})
model, loading = AutoModelForMaskedLM.from_pretrained(masked, output_loading_info=True)
logits = model.eval()(ids).logits
states = AutoModel.from_pretrained(encoder).eval()(ids).last_hidden_state
read = AutoTokenizer.from_pretrained(masked)("the film").input_ids
print(json.dumps([logits.tolist(), states.tolist(), sorted(loading["missing_keys"]), read]))
"""


def test_what_transformers_loads(tiny_config, tiny_tokenizer, tmp_path):
    for module in ("torch", "transformers"):
        if os.environ.get("CI") != "true":
            pytest.importorskip(module)
        assert importlib.util.find_spec(module), f"{module} must be installed in CI"
    keras.utils.set_random_seed(1)
    teacher = BertPretrainer(BertBackbone(tiny_config), tiny_tokenizer)
    teacher.save_checkpoint(tmp_path / "teacher")
    teacher.backbone.save_checkpoint(tmp_path / "encoder", tokenizer=tiny_tokenizer)
    corpus = tmp_path / "text.txt"
    corpus.write_text("The film was good. A bad day!\n" * 30, "utf-8")
    source = TextSource(corpus=[corpus], max_length=16, sentence_objective="none")
    settings = CorpusDistillSettings(steps=2, batch_size=4, max_predictions=3)
    spec = StudentSpec(layers="1", hidden=8, vocabulary="task")
    masked = distill_corpus(tmp_path / "teacher", source, tmp_path / "masked", settings, student=spec)
    spec = StudentSpec(layers="1")
    encoder = distill_corpus(tmp_path / "encoder", source, tmp_path / "student", settings, student=spec)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(masked.run), str(encoder.run)],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    logits, states, missing, ids = json.loads(done.stdout.splitlines()[-1])
    features = {"token_ids": np.array(IDS, "int32")}
    features |= {"segment_ids": 0 * features["token_ids"], "padding_mask": 0 * features["token_ids"] + 1}
    ours = BertPretrainer.from_checkpoint(masked.run)
    # float32 in another order of summation
    np.testing.assert_allclose(logits, ours(features)["mlm_logits"], atol=1e-5)
    np.testing.assert_allclose(states, load_backbone(encoder.run)(features)["sequence_output"], atol=1e-5)
    assert missing == []
    assert ids == ours.known_tokenizer().encode("the film").token_ids
