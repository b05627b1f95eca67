"""The inference graph to an ONNX file under Hugging Face's names, with dynamic batch and length."""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.config import BertConfig
from kbert.data.batching import TokenRow
from kbert.export.facts import ArtefactFacts
from kbert.export.onnx_int8 import to_int8
from kbert.export.onnx_weights import INT4, to_int4
from kbert.export.weight_schemes import WeightScheme
from kbert.extras import require
from kbert.problems.problem import Problem

OPSET = 18
# The key under which an ONNX file carries what a TFLite file carries as associated files.
METADATA_PREFIX = "kbert:"
# A file holds 2 GiB; some are left for all that is no weight.
MAX_WEIGHT_BYTES = 2**31 - 2**26


def convert(
    weights: Mapping[str, np.ndarray], config: BertConfig, problem: Problem, *, fold_norms: bool = False
) -> Any:
    """The inference graph over a model's weights to a float32 `onnx.ModelProto`.

    With `fold_norms` dense layers have the γ and β before them among their weights, as in TFLite files.
    """
    require("onnx", extra="onnx")
    tf2onnx = require("tf2onnx", extra="onnx")
    import tensorflow as tf

    from kbert.export.graph_heads import onnx_function
    from kbert.export.onnx_rewrite import fuse_operators

    # tf2onnx copies constants many times over: for a model of 91 MB it needs 6 GB and half a minute. So weights are
    # inputs while it works, and become what they are after it.
    constants: dict[str, np.ndarray] = {}

    def stand_in(value: np.ndarray) -> Any:
        tensor = tf.compat.v1.placeholder(value.dtype, value.shape)
        constants[tensor.name] = value
        return tensor

    function = onnx_function(weights, config, problem, constant=stand_in, fold_norms=fold_norms).get_concrete_function()
    inputs = [tensor.name for tensor in function.inputs]
    outputs = {tensor.name: name for name, tensor in function.structured_outputs.items()}
    with _quiet("tf2onnx"):
        model, _ = tf2onnx.convert.from_graph_def(
            function.graph.as_graph_def(),
            input_names=[*inputs, *constants],
            output_names=list(outputs),
            opset=OPSET,
        )
    model = fuse_operators(model, norm_width=config.hidden_dim if fold_norms else None)
    _name_values(model, constants, outputs)
    _name_axes(model)
    return model


def with_scheme(
    model: Any,
    scheme: str,
    *,
    calibration: Sequence[TokenRow] = (),
    probes: Sequence[TokenRow] = (),
    int4: WeightScheme = INT4,
) -> Any:
    """A copy of a float32 `onnx.ModelProto`, with the weights of a scheme.

    Args:
        model: as `convert` makes it.
        scheme: one of a recipe's.
        calibration: for `int4`, rows of texts like those that the file will read.
        probes: for `dynamic_int8`, rows of some texts, of any kind.
        int4: the formats of `int4`.
    """
    require("onnxruntime", extra="onnx")
    same = type(model)()
    same.CopyFrom(model)  # the tools below change what they are given
    changes: dict[str, Callable[[Any], Any]] = {
        "float32": lambda same: same,
        "float16": _to_float16,
        "dynamic_int8": lambda same: to_int8(same, probes),
        "int4": lambda same: to_int4(same, calibration, int4),
    }
    return changes[scheme](same)


def _to_float16(model: Any) -> Any:
    """Weights and computation at half precision, inputs and outputs as before.

    What stands for minus infinity before the softmax becomes the lowest float16, which does as well.
    """
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(model, keep_io_types=True)


def with_runtime_operators(model: Any) -> Any:
    """ONNX Runtime's own fused operators in place of ONNX's, as its optimizer would put them in at each load."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One level more would choose memory layouts for this machine's processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "model.onnx"
        options.optimized_model_filepath = str(target)
        # It fuses only where it knows shapes, and loses them at MatMulInteger.
        inferred = onnx.shape_inference.infer_shapes(model)
        onnxruntime.InferenceSession(inferred.SerializeToString(), options, providers=["CPUExecutionProvider"])
        optimized = onnx.load(target)
    # It imports every domain that it knows.
    used = {node.domain for node in optimized.graph.node}
    versions = {entry.domain: entry.version for entry in optimized.opset_import if entry.domain in used}
    del optimized.opset_import[:]
    optimized.opset_import.extend(onnx.helper.make_opsetid(*entry) for entry in versions.items())
    return optimized


def write(model: Any, facts: ArtefactFacts, path: Path) -> None:
    """Writes a model with labels, tokenizer and settings among its metadata properties.

    Weights that would make the file larger than a protocol buffer can be go into a file beside it, `…onnx_data`, where
    Hugging Face's libraries and ONNX Runtime look for them.
    """
    import onnx

    for name, content in facts.to_files().items():
        entry = model.metadata_props.add()
        entry.key, entry.value = METADATA_PREFIX + name, content.decode()
    model.producer_name, model.producer_version = "kbert", facts.kbert_version
    weights = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    onnx.save_model(model, path, save_as_external_data=weights > MAX_WEIGHT_BYTES, location=f"{path.name}_data")


def read_facts(properties: dict[str, str], source: str) -> ArtefactFacts:
    """What `write` put there.

    Raises:
        InputError: the properties are not those of a file that kbert exported.
    """
    files = {
        key.removeprefix(METADATA_PREFIX): value.encode()
        for key, value in properties.items()
        if key.startswith(METADATA_PREFIX)
    }
    return ArtefactFacts.from_files(files, source)


def _name_values(model: Any, constants: Mapping[str, np.ndarray], outputs: Mapping[str, str]) -> None:
    """Makes weights of the inputs that stood for them, and gives the others, and the outputs, their plain names."""
    onnx = require("onnx", extra="onnx")
    for name, value in constants.items():
        model.graph.initializer.append(onnx.numpy_helper.from_array(value, name))
    left = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(left)
    plain = {value.name: value.name.removesuffix(":0") for value in model.graph.input}
    plain |= outputs
    for value in [*model.graph.input, *model.graph.output]:
        value.name = plain[value.name]
    for node in model.graph.node:
        node.input[:] = [plain.get(name, name) for name in node.input]
        node.output[:] = [plain.get(name, name) for name in node.output]


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
