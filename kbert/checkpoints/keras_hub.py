"""keras-hub's `BertBackbone`, alive or as a preset folder. Its names stand in this file alone."""

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kbert.checkpoints.checkpoint import Checkpoint, extract_weights
from kbert.checkpoints.names import NameTable
from kbert.config import OPTIONAL_WIDTHS, BertConfig
from kbert.errors import InputError
from kbert.extras import require

if TYPE_CHECKING:
    from kbert.backbone import BertBackbone

KERAS_HUB_NAMES = NameTable(
    modules={
        "embeddings.layer_norm": "embeddings_layer_norm",
        "layers.{i}.attention.query": "transformer_layer_{i}/self_attention_layer/query",
        "layers.{i}.attention.key": "transformer_layer_{i}/self_attention_layer/key",
        "layers.{i}.attention.value": "transformer_layer_{i}/self_attention_layer/value",
        "layers.{i}.attention.output": "transformer_layer_{i}/self_attention_layer/attention_output",
        "layers.{i}.attention_norm": "transformer_layer_{i}/self_attention_layer_norm",
        "layers.{i}.intermediate": "transformer_layer_{i}/feedforward_intermediate_dense",
        "layers.{i}.output": "transformer_layer_{i}/feedforward_output_dense",
        "layers.{i}.output_norm": "transformer_layer_{i}/feedforward_layer_norm",
        "pooler": "pooled_dense",
    },
    leaves={"kernel": "kernel", "bias": "bias", "gamma": "gamma", "beta": "beta"},
    weights={
        "embeddings.token": "token_embedding/embeddings",
        "embeddings.position": "position_embedding/embeddings",
        "embeddings.segment": "segment_embedding/embeddings",
    },
    separator="/",
)

# Both sides call these sizes the same.
KERAS_HUB_CONFIG = (
    "vocabulary_size",
    "hidden_dim",
    "num_layers",
    "num_heads",
    "intermediate_dim",
    "max_sequence_length",
    "num_segments",
    "dropout",
)
REGISTERED_NAME = "keras_hub>BertBackbone"
# What keras-hub's BERT does not let a caller choose.
ACTIVATION = "gelu_tanh"
LAYER_NORM_EPSILON = 1e-12


def from_keras_hub(backbone: Any, source: str = "keras_hub.models.BertBackbone") -> Checkpoint:
    """Reads a `keras_hub.models.BertBackbone`; `load_backbone` makes ours of what this returns.

    Args:
        backbone: keras-hub's encoder.
        source: what errors call it.

    Raises:
        InputError: keras-hub is not installed, or it is another model than BERT.
    """
    keras_hub = require("keras_hub", extra="keras-hub")
    if not isinstance(backbone, keras_hub.models.BertBackbone):
        got = f"{type(backbone).__module__}.{type(backbone).__qualname__}"
        raise InputError(f"{source}: expected a keras_hub.models.BertBackbone, got {got}")
    config = BertConfig(
        **{name: getattr(backbone, name) for name in KERAS_HUB_CONFIG},
        attention_dropout=backbone.dropout,
        activation=ACTIVATION,
        layer_norm_epsilon=LAYER_NORM_EPSILON,
    )
    weights = extract_weights(_named_variables(backbone))
    for name in weights:
        # Their attention keeps the heads apart, (hidden_dim, heads, head_dim) and back; ours are plain matrices.
        if ".attention." in name:
            shape = (config.hidden_dim, config.hidden_dim) if name.endswith(".kernel") else (config.hidden_dim,)
            weights[name] = weights[name].reshape(shape)
    return Checkpoint(source=source, config=config, weights=weights)


def to_keras_hub(backbone: "BertBackbone") -> Any:
    """The same encoder as a `keras_hub.models.BertBackbone`; its `save_to_preset` writes what `open_checkpoint` reads.

    keras-hub knows one rate of dropout, and no other position embeddings than a table: a sinusoidal one is copied
    into it. It fixes GELU's tanh approximation and LayerNorm's epsilon: a model that has others is warned about.

    Raises:
        InputError: keras-hub is not installed, the model's activation is relu, or heads of it were pruned or its
            token table factorized.
    """
    keras_hub = require("keras_hub", extra="keras-hub")
    config = backbone.config
    if config.activation == "relu":
        raise InputError("keras-hub's BERT has no other activation than GELU. Received: activation='relu'")
    for width in OPTIONAL_WIDTHS:
        if (value := getattr(config, width)) is not None:
            raise InputError(
                "keras-hub's BERT has heads, together, and a token table that are hidden_dim wide. "
                f"Received: hidden_dim={config.hidden_dim}, {width}={value}"
            )
    if config.activation != ACTIVATION:
        warnings.warn(
            "keras-hub's BERT takes GELU by its tanh approximation, this model has the exact one (erf): the outputs "
            "will differ (those of MiniLM, 6 layers, by up to 5e-3)",
            stacklevel=2,
        )
    if config.layer_norm_epsilon != LAYER_NORM_EPSILON:
        warnings.warn(
            f"keras-hub's BERT has a layer_norm_epsilon of {LAYER_NORM_EPSILON}, this model "
            f"{config.layer_norm_epsilon}: the outputs will differ",
            stacklevel=2,
        )
    theirs = keras_hub.models.BertBackbone(
        **{name: getattr(config, name) for name in KERAS_HUB_CONFIG}, dtype=backbone.dtype_policy
    )
    weights: dict[str, Any] = extract_weights(backbone.named_variables())
    weights.setdefault("embeddings.position", backbone.embeddings.position_table())
    for name, variable in _named_variables(theirs).items():
        variable.assign(weights[name].reshape(variable.shape))
    return theirs


def is_preset(folder: Path) -> bool:
    """Whether the folder's `config.json` is that of a keras-hub preset, of BERT or not."""
    try:
        raw = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(raw, dict) and str(raw.get("registered_name", "")).startswith("keras_hub>")


def read_checkpoint(folder: Path, source: str) -> Checkpoint:
    """Reads a folder that keras-hub's `save_to_preset` wrote. Its vocabulary, if any, has to be given apart.

    Raises:
        InputError: keras-hub is not installed; a file is missing or damaged; or it is another model than BERT.
    """
    keras_hub = require("keras_hub", extra="keras-hub")
    registered = json.loads((folder / "config.json").read_text("utf-8"))["registered_name"]
    if registered != REGISTERED_NAME:
        raise InputError(
            f"{folder / 'config.json'}: expected {REGISTERED_NAME}, got {registered}: not a BERT checkpoint"
        )
    path = folder / "model.weights.h5"
    if not path.is_file():
        raise InputError(f"{path}: expected the weights of a keras-hub preset, found no such file")
    try:
        backbone = keras_hub.models.BertBackbone.from_preset(str(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(f"{folder}: expected a whole keras-hub preset, could not read it ({reason})") from None
    return from_keras_hub(backbone, source)


def _named_variables(backbone: Any) -> dict[str, Any]:
    """Their variables under our names."""
    theirs = {variable.path: variable for variable in backbone.weights}
    return {name: theirs[KERAS_HUB_NAMES.theirs(name)] for name in KERAS_HUB_NAMES.ours(backbone.num_layers)}
