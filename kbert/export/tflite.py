"""The inference graph to a TFLite file: builtin operators only, one subgraph, dynamic length, metadata inside."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from kbert.config import BertConfig
from kbert.errors import InputError
from kbert.export.facts import ArtefactFacts
from kbert.export.metadata import add_metadata
from kbert.export.stand_ins import StandIns
from kbert.extras import require
from kbert.problems.problem import Problem
from kbert.quiet import native_stderr_silenced


def write_tflite(model: bytes, facts: ArtefactFacts, name: str) -> bytes:
    """Adds to a converted model what it is, its labels and its tokenizer; returns the file's bytes."""
    return add_metadata(
        model,
        name=name,
        description=f"BERT for {facts.task}, {facts.scheme}{f', {len(facts.labels)} labels' if facts.labels else ''}",
        input_names=input_names(model),
        output_names=output_names(model),
        files=facts.to_files(),
    )


def convert_task(
    weights: Mapping[str, np.ndarray],
    config: BertConfig,
    problem: Problem,
    *,
    length: int | None = None,
    half_precision: bool = False,
) -> bytes:
    """The inference graph over a model's weights to the bytes of a TFLite model, without metadata.

    Args:
        weights: under our names.
        config: the sizes.
        problem: whose head it has.
        length: of all texts, if it is to be fixed.
        half_precision: whether weights are kept in float16; operators compute in float32 all the same.
    """
    from kbert.export.graph_heads import tflite_function

    stand_ins = StandIns()
    model = bytearray(
        convert(tflite_function(weights, config, problem, length, constant=stand_ins), half_precision=half_precision)
    )
    stand_ins.fill(model)
    return bytes(model)


def convert(function: Any, *, half_precision: bool = False) -> bytes:
    """A function of `kbert.export.graph` to the bytes of a TFLite model, its weights in float32 or float16.

    Raises:
        InputError: an operation has no builtin operator; names it and the layer that it came from.
    """
    import tensorflow as tf

    concrete = function.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    # The phone has no Flex runtime: an op outside the builtins must fail here, not there.
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if half_precision:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    try:
        with native_stderr_silenced():
            model = converter.convert()
    except Exception as error:  # the converter raises its own and the binding's exceptions, of no common class
        foreign = foreign_operations(str(error), concrete.graph)
        if not foreign:
            raise
        listed = "; ".join(f"{op} in {layer}" for op, layer in foreign)
        raise InputError(
            f"TFLite has no builtin operator for: {listed}. Replace it in the model: phones have no other operators"
        ) from None
    return bytes(model)


def foreign_operations(message: str, graph: Any) -> list[tuple[str, str]]:
    """The operations that the converter's message rejects, each with the name scopes it stands under in the graph."""
    rejected = set(re.findall(r"'?tf\.([A-Za-z0-9_]+)'? op is neither a custom op nor a flex op", message))
    return sorted(
        {
            (f"tf.{op.type}", op.name.rpartition("/")[0] or "the model")
            for op in graph.get_operations()
            if op.type in rejected
        }
    )


def output_names(model: bytes) -> list[str]:
    """The signature's output names in the order of the subgraph's outputs."""
    interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(model_content=model)
    signature = interpreter.get_signature_runner().get_output_details()
    names = {details["index"]: name for name, details in signature.items()}
    return [names[details["index"]] for details in interpreter.get_output_details()]


def input_names(model: bytes) -> list[str]:
    """The signature's input names in the order of the subgraph's inputs: the converter orders them by its own rule."""
    interpreter = require("ai_edge_litert.interpreter", extra="tflite").Interpreter(model_content=model)
    return [
        details["name"].removeprefix("serving_default_").rpartition(":")[0]
        for details in interpreter.get_input_details()
    ]
