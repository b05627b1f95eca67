"""Parts taken out of an encoder's weights: pure functions on arrays under our names, without TensorFlow.

Each gives smaller matrices and the config that fits them. What is computed is, but for rounding, what the whole encoder
computes with the parts that are gone gated to zero, or, of layers, passed by.

Every layer keeps as many heads and neurons as the others: a config has one size for all, and with it a checkpoint, the
layers of Keras, and the converted graph. Which ones they are may differ from layer to layer.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from kbert.config import BertConfig
from kbert.errors import InputError

Weights = Mapping[str, np.ndarray]


def keep_heads(
    weights: Weights, config: BertConfig, chosen: Sequence[Sequence[int]]
) -> tuple[dict[str, np.ndarray], BertConfig]:
    """The weights with those attention heads alone, in the order given.

    A head is its `head_dim` columns of query, key and value, and as many rows of the output's kernel. The output's bias
    is nobody's and stays.

    Args:
        weights: under our names, kernels as (inputs, outputs); what belongs to no layer is handed on.
        config: the sizes.
        chosen: for each layer the numbers of its heads, as many in each.

    Raises:
        InputError: `chosen` does not fit the config.
    """
    _check_chosen(chosen, config.num_layers, config.num_heads, "heads")
    kept = dict(weights)
    for layer, heads in enumerate(chosen):
        # (heads, head_dim): the places of each head, side by side.
        places = np.asarray(heads)[:, None] * config.head_dim + np.arange(config.head_dim)
        name = f"layers.{layer}.attention"
        for part in ("query", "key", "value"):
            _take(kept, f"{name}.{part}.kernel", places.ravel(), axis=1)
            _take(kept, f"{name}.{part}.bias", places.ravel(), axis=0)
        _take(kept, f"{name}.output.kernel", places.ravel(), axis=0)
    count = len(chosen[0])
    return kept, config.replace(num_heads=count, attention_dim=count * config.head_dim)


def keep_neurons(
    weights: Weights, config: BertConfig, chosen: Sequence[Sequence[int]]
) -> tuple[dict[str, np.ndarray], BertConfig]:
    """The weights with those feed-forward neurons alone, in the order given; arguments and errors as `keep_heads`."""
    _check_chosen(chosen, config.num_layers, config.intermediate_dim, "neurons")
    kept = dict(weights)
    for layer, neurons in enumerate(chosen):
        places = np.asarray(neurons)
        _take(kept, f"layers.{layer}.intermediate.kernel", places, axis=1)
        _take(kept, f"layers.{layer}.intermediate.bias", places, axis=0)
        _take(kept, f"layers.{layer}.output.kernel", places, axis=0)
    return kept, config.replace(intermediate_dim=len(chosen[0]))


def keep_layers(
    weights: Weights, config: BertConfig, chosen: Sequence[int]
) -> tuple[dict[str, np.ndarray], BertConfig]:
    """The weights with those layers alone, numbered anew from 0; arguments as `keep_heads`.

    Raises:
        InputError: `chosen` is empty, not in ascending order, or names a layer that there is not.
    """
    _check_parts(chosen, config.num_layers, "layers")
    if list(chosen) != sorted(chosen):
        raise InputError(f"expected layers to keep in ascending order, got {_shown(chosen)}")
    new_numbers = {old: new for new, old in enumerate(chosen)}
    kept = {}
    for name, value in weights.items():
        found = re.match(r"layers\.(\d+)\.", name)
        if found is None:
            kept[name] = value
        elif int(found[1]) in new_numbers:
            kept[f"layers.{new_numbers[int(found[1])]}.{name[found.end() :]}"] = value
    return kept, config.replace(num_layers=len(chosen))


def _take(weights: dict[str, np.ndarray], name: str, places: np.ndarray, *, axis: int) -> None:
    weights[name] = np.take(weights[name], places, axis=axis)


def _check_chosen(chosen: Sequence[Sequence[int]], layers: int, parts: int, kind: str) -> None:
    if len(chosen) != layers:
        raise InputError(f"expected the {kind} to keep of each of {layers} layers, got those of {len(chosen)}")
    for row in chosen:
        _check_parts(row, parts, kind)
    counts = sorted({len(row) for row in chosen})
    if len(counts) > 1:
        raise InputError(f"expected as many {kind} to keep in every layer, got {_shown(counts)}")


def _check_parts(chosen: Sequence[int], parts: int, kind: str) -> None:
    outside = [number for number in chosen if not 0 <= number < parts]
    if outside:
        raise InputError(f"expected {kind} to keep from 0 to {parts - 1}, got {outside[0]}")
    if not len(chosen) or len(set(chosen)) < len(chosen):
        raise InputError(f"expected at least one of the {kind} to keep, each once, got {_shown(chosen) or 'none'}")


def _shown(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
