"""Small .tflite and .onnx files, tensor by tensor."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfilm\ngood\n"


@pytest.fixture
def make_tflite(tmp_path) -> Callable[..., Path]:
    """Writes a .tflite file.

    `tensors` maps names to (dtype, shape) or (dtype, shape, scales); one with scales is a constant, as is one whose
    name starts with "constant". `operators` are (name, version, inputs, outputs) or with options as a fifth.
    """
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    flatbuffers = pytest.importorskip("flatbuffers")

    def tensor(name: str, dtype: str, shape: tuple[int, ...], scales: int, buffer: int) -> Any:
        made = schema.TensorT()
        made.name, made.type, made.buffer = name, getattr(schema.TensorType, dtype.upper()), buffer
        made.shape = [abs(axis) for axis in shape]
        made.shapeSignature = list(shape)
        if scales:
            made.quantization = schema.QuantizationParametersT()
            made.quantization.scale = [0.1] * scales
            made.quantization.zeroPoint = [0] * scales
        return made

    def make(
        tensors: dict[str, tuple], operators: list[tuple], inputs: list[str], outputs: list[str], *, subgraphs: int = 1
    ) -> Path:
        model = schema.ModelT()
        model.version, model.description, model.buffers = 3, "made by a test", [schema.BufferT()]
        model.operatorCodes, graph = [], schema.SubGraphT()
        graph.tensors, graph.operators = [], []
        places = {name: place for place, name in enumerate(tensors)}
        for name, (dtype, shape, *scales) in tensors.items():
            buffer = 0
            if scales or name.startswith("constant"):
                model.buffers.append(schema.BufferT())
                model.buffers[-1].data = np.zeros(64, "uint8")
                buffer = len(model.buffers) - 1
            graph.tensors.append(tensor(name, dtype, shape, *(scales or [0]), buffer))
        for name, version, read, written, *options in operators:
            code = schema.OperatorCodeT()
            code.builtinCode, code.version = getattr(schema.BuiltinOperator, name), version
            code.deprecatedBuiltinCode = min(code.builtinCode, 127)
            model.operatorCodes.append(code)
            made = schema.OperatorT()
            made.opcodeIndex = len(model.operatorCodes) - 1
            made.inputs, made.outputs = [places[n] for n in read], [places[n] for n in written]
            if options:
                made.builtinOptions = options[0]
                made.builtinOptionsType = getattr(schema.BuiltinOptions, type(options[0]).__name__.removesuffix("T"))
            graph.operators.append(made)
        graph.inputs, graph.outputs = [places[n] for n in inputs], [places[n] for n in outputs]
        model.subgraphs = [graph] * subgraphs
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        path = tmp_path / "made.tflite"
        path.write_bytes(bytes(builder.Output()))
        return path

    return make


@pytest.fixture
def bert_tflite(make_tflite) -> Callable[..., Path]:
    """A graph with the inputs and the output of a classifier, and metadata; changed where a test asks for it."""
    from kbert.export.metadata import add_metadata

    def make(
        *,
        dtype: str = "int32",
        shapes: tuple[tuple[int, ...], ...] = ((1, -1),) * 3,
        names: tuple[str, ...] = ("ids", "mask", "segment_ids"),
        vocabulary: str = VOCABULARY,
        metadata: bool = True,
        output: str = "float32",
        subgraphs: int = 1,
    ) -> Path:
        tensors = {f"input{place}": (dtype, shape) for place, shape in enumerate(shapes)}
        path = make_tflite(
            {**tensors, "probability": (output, (1, 2))},
            [("CAST", 1, ["input0"], ["probability"])],
            list(tensors),
            ["probability"],
            subgraphs=subgraphs,
        )
        if metadata:
            files = {"vocab.txt": vocabulary.encode(), "labels.txt": b"bad\ngood\n"}
            said = {"name": "made", "description": "", "input_names": names[: len(shapes)], "files": files}
            path.write_bytes(add_metadata(path.read_bytes(), output_names=["probability"], **said))
        return path

    return make


@pytest.fixture
def make_onnx(tmp_path) -> Callable[..., Path]:
    """Writes an .onnx file whose nodes, (domain, operator), follow each other from `input_ids` to `output`."""
    onnx = pytest.importorskip("onnx")

    def make(
        *nodes: tuple[str, str], output: str = "logits", name: str = "onnx/model.onnx", ir_version: int = 8
    ) -> Path:
        helper, types = onnx.helper, onnx.TensorProto
        values = ["input_ids", *(f"value{place}" for place in range(len(nodes) - 1)), output]
        made = [
            helper.make_node(operator, [values[place]], [values[place + 1]], domain=domain)
            for place, (domain, operator) in enumerate(nodes)
        ]
        graph = helper.make_graph(
            made,
            "made",
            [helper.make_tensor_value_info("input_ids", types.INT64, ["batch", "length"])],
            [helper.make_tensor_value_info(output, types.INT64, ["batch", "length"])],
        )
        domains = sorted({domain for domain, _ in nodes} - {""})
        opsets = [helper.make_opsetid("", 17), *(helper.make_opsetid(domain, 1) for domain in domains)]
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=ir_version), path)
        return path

    return make
