"""One TFLite model in many mixes of weight formats: each weight is rounded to a format once, and kept."""

import copy
import re
from collections.abc import Mapping, Sequence

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.rounding import Rounded
from kbert.export.tflite_quantize import input_moments
from kbert.export.tflite_weights import (
    DENSE,
    Weight,
    find_weights,
    gather_to_lookup,
    put_rounded,
    read_graph,
    write_graph,
)
from kbert.export.weight_schemes import POSITIONS, SMALLEST, WeightFormat, round_weights

FLOAT = "float32"
EMBEDDINGS, PROJECTION, HEAD, POSITION_TABLE = "embeddings", "embedding projection", "head", "positions"
# From fine to coarse; the number behind the stroke is how many weights share a scale, without one it is a row. In the
# file a row's scale takes 12 bytes, with its zero point, and a block's 2: for rows of less than 768 weights `int4` is
# larger than `int4/128`, and the search leaves it out.
FORMATS = {
    "int8": WeightFormat(8),
    "int4/32": WeightFormat(4, 32),
    "int4/64": WeightFormat(4, 64),
    "int4/128": WeightFormat(4, 128),
    "int4": WeightFormat(4),
}
# Rows of a table are short, and nothing makes up for an error in them: they get more scales than their size asks for.
_LEVELS = {
    EMBEDDINGS: (FLOAT, "int8", "int4/64", "int4/128"),
    POSITION_TABLE: (FLOAT, "int8", "int4"),
}
_DENSE_LEVELS = (FLOAT, "int8", "int4/32", "int4/128", "int4")


def levels(group: str) -> tuple[str, ...]:
    """The formats that a group can have, from fine to coarse."""
    return _LEVELS.get(group, _DENSE_LEVELS)


class WeightMixer:
    """Makes files of one model with a format for each group of weights.

    Args:
        model: a float32 file as `kbert.export.tflite.convert_task` makes it.
        calibration: rows of texts like those that the file will read. With them, 4-bit dense
            weights are rounded for their inputs, as they are before anything is rounded: for what each mix makes of
            them, as `quantize_weights` does it, every file would have to be run on all the texts.

    Raises:
        InputError: a weight has values that are no numbers.
    """

    def __init__(self, model: bytes, calibration: Sequence[TokenRow] = ()) -> None:
        self._graph = read_graph(model)
        gather_to_lookup(self._graph)
        self._rounded: dict[tuple[str, str], Rounded] = {}
        self._moments: dict[int, np.ndarray] = {}
        self.groups: dict[str, list[str]] = {}
        weights = list(self._weights(self._graph))
        for weight in weights:
            self.groups.setdefault(_group(weight), []).append(weight.name)
        if calibration:
            inputs = sorted({weight.input for weight in weights if weight.kind == DENSE})
            self._moments = input_moments(model, inputs, calibration)

    def file(self, formats: Mapping[str, str]) -> bytes:
        """The TFLite model, without metadata, whose groups have these formats; `float32` leaves one as it is."""
        graph = copy.deepcopy(self._graph)
        for weight in list(self._weights(graph)):
            name = formats[_group(weight)]
            if name != FLOAT:
                rounded = self._round(weight, name)
                put_rounded(graph, weight, rounded, FORMATS[name].bits)
        return write_graph(graph)

    def _round(self, weight: Weight, name: str) -> Rounded:
        key = (weight.name, name)
        if key not in self._rounded:
            moments = self._moments.get(weight.input) if weight.kind == DENSE else None
            format_ = FORMATS[name].fitted(weight.values.shape[1])
            self._rounded[key] = round_weights(weight.name, weight.values, format_, moments)
        return self._rounded[key]

    @staticmethod
    def _weights(graph: object) -> list[Weight]:
        return [weight for weight in find_weights(graph) if weight.values.size >= SMALLEST]


def _group(weight: Weight) -> str:
    """The part of the model that a weight belongs to, by the name scopes of the inference graph."""
    if weight.kind != DENSE:
        return POSITION_TABLE if weight.name.startswith(POSITIONS) else EMBEDDINGS
    # The converter joins the names of all that it fused: the product's own is among them.
    if "embeddings/projection/MatMul" in weight.name:
        return PROJECTION
    found = re.search(r"layer_(\d+)/(attention|feed_forward)/MatMul", weight.name)
    return f"layer {found[1]} {found[2].replace('_', '-')}" if found else HEAD
