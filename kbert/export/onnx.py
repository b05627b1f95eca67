"""The inference graph to an ONNX file under Hugging Face's names, with dynamic batch and length."""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.export.facts import ArtefactFacts
from kbert.export.onnx_weights import drop_unread_constants, round_positions, to_int4
from kbert.extras import require

OPSET = 17
# The key under which an ONNX file carries what a TFLite file carries as associated files.
METADATA_PREFIX = "kbert:"


def convert(function: Any) -> Any:
    """A function of `kbert.export.graph` to a float32 `onnx.ModelProto`."""
    require("onnx", extra="onnx")
    tf2onnx = require("tf2onnx", extra="onnx")
    from kbert.export.onnx_rewrite import fuse_operators

    with _quiet("tf2onnx"):
        model, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=OPSET)
    model = fuse_operators(model)
    _name_axes(model)
    return model


def with_scheme(model: Any, scheme: str, calibration: Sequence[np.ndarray] = ()) -> Any:
    """A copy of a float32 `onnx.ModelProto`, with the weights of a scheme; `calibration` is for `int4`."""
    require("onnxruntime", extra="onnx")
    same = type(model)()
    same.CopyFrom(model)  # the tools below change what they are given
    changes: dict[str, Callable[[Any], Any]] = {
        "float32": lambda same: same,
        "float16": _to_float16,
        "dynamic_int8": _quantize,
        "int4": lambda same: to_int4(same, calibration),
    }
    return changes[scheme](same)


def _to_float16(model: Any) -> Any:
    """Weights and computation at half precision, inputs and outputs as before.

    What stands for minus infinity before the softmax becomes the lowest float16, which does as well.
    """
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(model, keep_io_types=True)


def _quantize(model: Any) -> Any:
    """A scale for each output of a dense layer and each column of the positions, one for the token embeddings."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    rounded = round_positions(model)
    drop_unread_constants(model)
    with tempfile.TemporaryDirectory() as folder, _quiet("root"):
        target = Path(folder) / "model.onnx"
        quantize_dynamic(
            model,
            target,
            per_channel=True,
            weight_type=QuantType.QInt8,
            # Of 8 bits only 7: on x86 processors without VNNI, ONNX Runtime adds products of 8 bits in 16, which
            # saturate, and what a file was proven to do on one processor it would not do on another.
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=rounded,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return onnx.load(target)


def add_facts(model: Any, facts: ArtefactFacts) -> bytes:
    """The bytes of the model with labels, tokenizer and settings among its metadata properties."""
    for name, content in facts.to_files().items():
        entry = model.metadata_props.add()
        entry.key, entry.value = METADATA_PREFIX + name, content.decode()
    model.producer_name, model.producer_version = "kbert", facts.kbert_version
    return bytes(model.SerializeToString())


def read_facts(properties: dict[str, str], source: str) -> ArtefactFacts:
    """What `add_facts` wrote.

    Raises:
        InputError: the properties are not those of a file that kbert exported.
    """
    files = {
        key.removeprefix(METADATA_PREFIX): value.encode()
        for key, value in properties.items()
        if key.startswith(METADATA_PREFIX)
    }
    return ArtefactFacts.from_files(files, source)


def _name_axes(model: Any) -> None:
    """Gives the free axes the names that Hugging Face's exporter gives them."""
    for value in [*model.graph.input, *model.graph.output]:
        for axis, name in zip(value.type.tensor_type.shape.dim, ("batch_size", "sequence_length"), strict=False):
            if not axis.HasField("dim_value"):
                axis.dim_param = name


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keeps a library's progress off the screen; its errors still show."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
