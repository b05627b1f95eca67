"""A model to the files of an export; what the schemes of a format share is computed once."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.errors import InputError
from kbert.export import onnx, tflite
from kbert.export.facts import ArtefactFacts
from kbert.export.golden_texts import TEXTS
from kbert.export.mixed_weights import WeightMixer
from kbert.export.onnx_attention import quantize_attention
from kbert.export.onnx_rewrite import fuse_attention
from kbert.export.recipe import Recipe
from kbert.export.text_input import encode
from kbert.export.tflite_quantize import quantize_weights
from kbert.export.tflite_static import quantize_static
from kbert.export.weight_schemes import WEIGHT_SCHEMES
from kbert.tasks.task import BertTask

CALIBRATION_TEXTS = 512
# What a flatbuffer and a protocol buffer can hold.
MAX_BYTES = 2**31 - 1


class Converter:
    """Writes the files of a recipe.

    Args:
        model: of any task, computing in float32.
        weights: its weights, under our names.
        recipe: how to export.
        name: what the metadata calls the model.
        calibration: texts like those that the files will read.

    Raises:
        InputError: the model is too large for a TFLite file.
    """

    def __init__(
        self,
        model: BertTask,
        weights: dict[str, np.ndarray],
        recipe: Recipe,
        name: str,
        calibration: Sequence[Any],
    ) -> None:
        self.model = model
        self.weights = weights
        self.recipe = recipe
        self.name = name
        self.calibration = calibration
        size = sum(value.nbytes for value in weights.values())
        if "tflite" in recipe.formats and size > MAX_BYTES:
            raise InputError(
                f"a TFLite file holds 2 GB at most, and is made of float32 weights: these have {size / 1e9:.1f} GB. "
                "Export to ONNX, or distil the model first"
            )
        needs_one_buffer = recipe.onnx_operators == "onnxruntime" or recipe.schemes != ("float32",)
        if "onnx" in recipe.formats and size > MAX_BYTES and needs_one_buffer:
            raise InputError(
                f"ONNX Runtime's tools take 2 GB at most, the float32 weights of this model have {size / 1e9:.1f} GB: "
                "only --scheme float32 with portable operators can hold it. Distil the model first for others"
            )

    def write(self, path: Path, format_: str, facts: ArtefactFacts) -> None:
        """Writes a file, or the folder of a SavedModel."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if format_ == "savedmodel":
            from kbert.export.savedmodel import write_savedmodel

            write_savedmodel(path, self.weights, self.model.backbone.config, facts)
        elif format_ == "tflite":
            path.write_bytes(self.tflite_file(self._tflite(facts.scheme), facts))
        else:
            onnx.write(self._onnx(facts.scheme), facts, path)

    def tflite_file(self, model: bytes, facts: ArtefactFacts) -> bytes:
        """A TFLite model with all that goes into its file."""
        return tflite.write_tflite(model, facts, self.name)

    def mixer(self) -> WeightMixer:
        """For files that mix weight formats."""
        return WeightMixer(self._tflite_float32, self._rounding_texts())

    def _tflite(self, scheme: str) -> bytes:
        if scheme == "float32":
            return self._tflite_float32
        if scheme == "float16":
            return self._convert_tflite(half_precision=True)
        if scheme == "static_int8":
            return quantize_static(self._tflite_float32, self._calibration_ids)
        if scheme == "dynamic_int8" and self.recipe.tflite_runtime == "2.14":
            scheme = "dynamic_int8_2023"
        return quantize_weights(self._tflite_float32, WEIGHT_SCHEMES[scheme], self._rounding_texts())

    def _convert_tflite(self, *, half_precision: bool = False) -> bytes:
        config = self.model.backbone.config
        return tflite.convert_task(
            self.weights, config, self.model.problem, length=self.recipe.length, half_precision=half_precision
        )

    @functools.cached_property
    def _tflite_float32(self) -> bytes:
        return self._convert_tflite()

    def _onnx(self, scheme: str) -> Any:
        probes = encode(self.model.known_tokenizer(), TEXTS, self.model.max_length)
        # Half precision is for GPUs, whose operators are other ones.
        portable = self.recipe.onnx_operators == "portable" or scheme == "float16"
        if scheme == "int4" and self._trained_for_int4:
            converted = self._onnx_trained_int4(portable)
        else:
            model = self._onnx_float32 if portable else self._onnx_fused
            converted = onnx.with_scheme(model, scheme, calibration=self._calibration_ids, probes=probes)
        if portable:
            return converted
        fused = onnx.with_runtime_operators(converted)
        return quantize_attention(fused, self.model.backbone.config.head_dim) if scheme == "dynamic_int8" else fused

    def _onnx_trained_int4(self, portable: bool) -> Any:
        """The weights of the TFLite file, for which they were trained: with γ, and as many to a scale."""
        config = self.model.backbone.config
        model = onnx.convert(self.weights, config, self.model.problem, fold_norms=True)
        if not portable:
            model = fuse_attention(model, config.num_heads)
        return onnx.with_scheme(model, "int4", int4=WEIGHT_SCHEMES["int4"])

    @functools.cached_property
    def _onnx_float32(self) -> Any:
        return onnx.convert(self.weights, self.model.backbone.config, self.model.problem)

    @functools.cached_property
    def _onnx_fused(self) -> Any:
        return fuse_attention(self._onnx_float32, self.model.backbone.config.num_heads)

    @property
    def _trained_for_int4(self) -> bool:
        return self.model.trained_scheme == "int4"

    def _rounding_texts(self) -> Sequence[TokenRow]:
        """What 4-bit weights are rounded for: nothing where they were trained to be rounded to the nearest.

        A run that was trained for int4 has float32 weights, and its levels are a function of them alone: each weight's
        nearest, at the scales that `round_to_nearest` finds. Rounding for the inputs of calibration texts would move
        weights to levels that the model did not learn with. Weights that are on their levels already would be no way
        around it: of a block whose largest weight was cut off the search finds another scale.
        """
        return [] if self._trained_for_int4 else self._calibration_ids

    def calibration_lengths(self) -> set[int]:
        """The lengths that calibration texts have, in tokens."""
        return {len(row) for row in self._calibration_ids}

    @functools.cached_property
    def _calibration_ids(self) -> list[TokenRow]:
        step = -(-len(self.calibration) // CALIBRATION_TEXTS) or 1
        problem = self.model.problem
        problem = dataclasses.replace(problem, max_length=self.recipe.longest(problem.max_length))
        tokens = problem.encode(self.calibration[::step])
        return [tokens.row(i) for i in range(len(tokens))]
