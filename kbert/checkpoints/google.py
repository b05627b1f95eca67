"""Google's TF1 format: `bert_config.json` and `bert_model.ckpt.*`. Their names stand in this file alone."""

import json
from pathlib import Path

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
        config = config_from_dict(json.loads(path.read_text("utf-8")), path)
    except ValueError as error:
        raise error if isinstance(error, InputError) else InputError(f"{path}: expected JSON ({error})") from None
    indexes = sorted(folder.glob("*.ckpt*.index"))
    if not indexes:
        raise InputError(f"{folder}: expected bert_model.ckpt.index and its data file, found no *.ckpt.index")
    prefix = str(indexes[0]).removesuffix(".index")
    try:
        reader = tf.train.load_checkpoint(prefix)
        theirs = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    except (tf.errors.OpError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{prefix}: expected a whole TF1 checkpoint, could not read it ({reason})") from None
    return Checkpoint(source=source, config=config, weights=_to_ours(theirs, config.num_layers), folder=folder)


def _to_ours(theirs: dict[str, np.ndarray], num_layers: int) -> dict[str, np.ndarray]:
    ours = {}
    for name in GOOGLE_NAMES.ours(num_layers):
        value = theirs.get(GOOGLE_NAMES.theirs(name))
        if value is not None:
            ours[name] = value.T if name in TRANSPOSED else value
    return ours
