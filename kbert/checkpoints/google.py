"""Google's TF1 format: `bert_config.json` and `bert_model.ckpt.*`. Their names stand in this file alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints.checkpoint import Checkpoint
from kbert.checkpoints.huggingface import config_from_dict
from kbert.checkpoints.names import NameTable
from kbert.errors import InputError

GOOGLE_NAMES = NameTable(
    modules={
        "embeddings.layer_norm": "bert/embeddings/LayerNorm",
        "layers.{i}.attention.query": "bert/encoder/layer_{i}/attention/self/query",
        "layers.{i}.attention.key": "bert/encoder/layer_{i}/attention/self/key",
        "layers.{i}.attention.value": "bert/encoder/layer_{i}/attention/self/value",
        "layers.{i}.attention.output": "bert/encoder/layer_{i}/attention/output/dense",
        "layers.{i}.attention_norm": "bert/encoder/layer_{i}/attention/output/LayerNorm",
        "layers.{i}.intermediate": "bert/encoder/layer_{i}/intermediate/dense",
        "layers.{i}.output": "bert/encoder/layer_{i}/output/dense",
        "layers.{i}.output_norm": "bert/encoder/layer_{i}/output/LayerNorm",
        "pooler": "bert/pooler/dense",
        "mlm.transform": "cls/predictions/transform/dense",
        "mlm.layer_norm": "cls/predictions/transform/LayerNorm",
    },
    leaves={"kernel": "kernel", "bias": "bias", "gamma": "gamma", "beta": "beta"},
    weights={
        "embeddings.token": "bert/embeddings/word_embeddings",
        "embeddings.position": "bert/embeddings/position_embeddings",
        "embeddings.segment": "bert/embeddings/token_type_embeddings",
        "mlm.bias": "cls/predictions/output_bias",
        "nsp.dense.kernel": "cls/seq_relationship/output_weights",
        "nsp.dense.bias": "cls/seq_relationship/output_bias",
    },
    separator="/",
)
# Google stores this one as (outputs, inputs), unlike every other kernel.
TRANSPOSED = {"nsp.dense.kernel"}


def read_checkpoint(folder: Path, source: str) -> Checkpoint:
    """Reads a folder in the format of Google's BERT releases (github.com/google-research/bert).

    Raises:
        InputError: a file is missing or cannot be read.
    """
    import tensorflow as tf

    path = folder / "bert_config.json"
    try:
        raw = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: expected JSON, could not read it ({error})") from None
    if not isinstance(raw, dict):
        raise InputError(f"{path}: expected a JSON object, got {type(raw).__name__}")
    config = config_from_dict(raw, path)
    indexes = sorted(folder.glob("*.ckpt*.index"))
    if not indexes:
        raise InputError(f"{folder}: expected bert_model.ckpt.index and its data file, found no *.ckpt.index")
    prefix = str(indexes[0]).removesuffix(".index")
    try:
        weights = _read_weights(tf.train.load_checkpoint(prefix), config.num_layers)
    # A short data file is an IndexError, a missing one an OpError, a bad index a ValueError or an OpError.
    except (tf.errors.OpError, ValueError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{prefix}: expected a whole TF1 checkpoint, could not read it ({reason})") from None
    return Checkpoint(source=source, config=config, weights=weights, folder=folder)


def _read_weights(reader: Any, num_layers: int) -> dict[str, np.ndarray]:
    """What has a name here; the optimizer's slots, twice the size of the weights, are not read."""
    ours = {}
    for name in GOOGLE_NAMES.ours(num_layers):
        theirs = GOOGLE_NAMES.theirs(name)
        if reader.has_tensor(theirs):
            value = reader.get_tensor(theirs)
            ours[name] = value.T if name in TRANSPOSED else value
    return ours
