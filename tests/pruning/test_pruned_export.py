"""Files exported from a pruned model: fewer heads, and the same probabilities as the Keras model's."""

import json

import numpy as np
import pytest

from kbert.checkpoints import open_checkpoint
from kbert.export import Recipe, export_model, open_artefact
from kbert.pruning.prune import open_task, prune_checkpoint

TEXTS = ["the film was good", "bad .", "a good day was the film !"]


@pytest.mark.parametrize("operators", ["portable", "onnxruntime"])
def test_exported_files_give_the_models_probabilities(trained_run, sentiment, tmp_path, operators):
    prune_checkpoint(trained_run, tmp_path / "run", sentiment, keep_heads=0.75, keep_ffn=0.5)
    model = open_task(open_checkpoint(tmp_path / "run"))
    assert (model.backbone.config.num_heads, model.backbone.config.heads_dim) == (3, 12)
    formats = ("tflite", "onnx") if operators == "portable" else ("onnx",)
    recipe = Recipe(formats=formats, schemes=("float32",), max_drop=100.0, onnx_operators=operators)
    export_model(model, recipe, sentiment, tmp_path / "exported", name="tiny")
    expected = model.predict_proba(TEXTS)
    for name in ("model.tflite", "onnx/model.onnx")[2 - len(formats) :]:
        found = open_artefact(tmp_path / "exported" / name).answer(TEXTS)
        # float32 in another order of summation
        np.testing.assert_allclose(np.asarray(found), expected, atol=1e-4)
    assert json.loads((tmp_path / "exported" / "config.json").read_text())["kbert_attention_dim"] == 12
