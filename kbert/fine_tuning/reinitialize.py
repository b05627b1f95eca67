"""The top of the encoder drawn anew before fine-tuning."""

from typing import Any

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.layers.naming import named_variables


def reinitialize_top(backbone: BertBackbone, num_layers: int, *, seed: int) -> None:
    """Draws the top layers and the pooler of a backbone anew, as if they had not been pretrained.

    The top layers are specialized on the pretraining task, and a few thousand examples do not lead them away from it
    (arXiv:2006.05987, section 5). Dense kernels come from a normal distribution cut off at two deviations of
    `initializer_range`; biases are 0, LayerNorm is the identity.

    Args:
        backbone: a `BertBackbone`.
        num_layers: how many layers, from the top; with 0 nothing happens, to the pooler neither.
        seed: what the weights are drawn from.
    """
    if num_layers == 0:
        return
    seeds = np.random.default_rng(seed)
    for layer in [*backbone.encoder_layers[-num_layers:], backbone.pooler]:
        for variable in named_variables(layer=layer).values():
            variable.assign(_fresh_value(variable, backbone.config.initializer_range, int(seeds.integers(2**31))))


def _fresh_value(variable: keras.Variable, stddev: float, seed: int) -> Any:
    if variable.name == "kernel":
        return keras.initializers.TruncatedNormal(stddev=stddev, seed=seed)(variable.shape, dtype="float32")
    return keras.ops.ones(variable.shape) if variable.name == "gamma" else keras.ops.zeros(variable.shape)
