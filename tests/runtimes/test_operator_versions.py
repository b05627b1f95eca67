"""The tables of operator versions, against the wheels that they are about."""

import json
import os
import subprocess
from pathlib import Path

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.tools import flatbuffer_utils

from kbert.export.check.litert import LITERT_2_1
from kbert.export.check.tflite_2_14 import HIGHEST_VERSIONS
from kbert.export.check.tflite_file import read_tflite
from kbert.export.check.tflite_runtime import check_tflite_runtime

HERE = Path(__file__).parent
CODES = {name: code for name, code in vars(schema.BuiltinOperator).items() if not name.startswith("_")}
FIRST_VERSIONS = {"BROADCAST_TO": 2}
# It wants options to be built at all, even where nothing is run.
NEEDS_OPTIONS = {"LSTM"}


def write_graph(path: Path, name: str, version: int) -> None:
    """One operator, from one tensor to another."""
    model, graph, operator, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = CODES[name], min(CODES[name], 127), version
    graph.tensors = [schema.TensorT(), schema.TensorT()]
    for place, tensor in enumerate(graph.tensors):
        tensor.name, tensor.shape, tensor.buffer = f"tensor{place}", [1], 0
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0], [1]
    graph.operators, graph.inputs, graph.outputs = [operator], [0], [1]
    model.version, model.description, model.buffers = 3, "probe", [schema.BufferT()]
    model.operatorCodes, model.subgraphs = [code], [graph]
    builder = flatbuffers.Builder(256)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))


def registered(environment: str, folder: Path) -> dict[str, str]:
    """By file name, what the environment's interpreter says to it."""
    python = Path(os.environ["KBERT_RUNTIMES"]).resolve() / environment / "bin" / "python"
    if not python.is_file():
        pytest.skip(f"{python}: no such environment here")
    done = subprocess.run([python, HERE / "run_versions.py", folder], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_tflite_runtime_registers_what_the_table_says(tmp_path):
    for name in CODES.keys() - NEEDS_OPTIONS - {"CUSTOM", "PLACEHOLDER_FOR_GREATER_OP_CODES"}:
        highest = HIGHEST_VERSIONS.get(name)
        for version in (1,) if highest is None else (FIRST_VERSIONS.get(name, 1), highest, highest + 1):
            write_graph(tmp_path / f"{name}.{version}", name, version)
    answers = registered("tflite-runtime", tmp_path)
    wrong = []
    for file, error in answers.items():
        name, version = file.split(".")
        if (error == "") != (int(version) <= HIGHEST_VERSIONS.get(name, 0)):
            wrong.append((file, error))
    assert wrong == []
    assert len(answers) > 400


def test_litert_2_1_registers_what_the_table_says(tmp_path):
    for name, highest in LITERT_2_1.items():
        for version in (highest, highest + 1):
            write_graph(tmp_path / f"{name}.{version}", name, version)
    answers = registered("litert-2.1", tmp_path)
    for name, highest in LITERT_2_1.items():
        assert answers[f"{name}.{highest}"] == ""
        assert f"'{name}' version '{highest + 1}'" in answers[f"{name}.{highest + 1}"]


@pytest.mark.parametrize("operator", ["FULLY_CONNECTED", "EMBEDDING_LOOKUP"])
def test_a_version_that_hides_scales_is_misread(folder, ask, texts, tmp_path, operator):
    """The reason why `check` looks at scales too: the old runtime loads such a file, and its labels are others."""
    from kbert.export.runtime import open_artefact

    artefact = open_artefact(folder / "model.tflite")
    ids = [row.tolist() for row in artefact.encode(texts[:50])]
    graph = flatbuffer_utils.read_model(str(folder / "model.tflite"))
    old = {CODES["FULLY_CONNECTED"]: 9, CODES["EMBEDDING_LOOKUP"]: 3}
    for code in graph.operatorCodes:
        code.version = min(code.version, old.get(code.builtinCode, code.version))
    flatten_scales(graph, {"FULLY_CONNECTED", "EMBEDDING_LOOKUP"} - {operator})
    graph.metadata = []  # the files that it names are not written again
    path = tmp_path / "forged.tflite"
    flatbuffer_utils.write_model(graph, str(path))
    reasons = check_tflite_runtime(read_tflite(path)).reasons
    assert reasons
    assert all(reason.startswith(operator) for reason in reasons)
    here = ask("litert-2.1", "run_tflite.py", [path], {"ids": ids})
    there = ask("tflite-runtime", "run_tflite.py", [path], {"ids": ids})
    assert here.error == there.error == ""
    shifts = [
        max(abs(a - b) for a, b in zip(*rows, strict=True))
        for rows in zip(here.probabilities, there.probabilities, strict=True)
    ]
    assert max(shifts) > 0.1


def flatten_scales(graph, operators: set[str]) -> None:
    """Gives the weights of some operators one scale, which old versions read as it is, whatever becomes of labels."""
    import numpy as np

    subgraph = graph.subgraphs[0]
    for operator in subgraph.operators:
        if graph.operatorCodes[operator.opcodeIndex].builtinCode in {CODES[name] for name in operators}:
            quantization = subgraph.tensors[operator.inputs[1]].quantization
            if quantization is not None and quantization.scale is not None:
                quantization.scale = np.asarray([np.mean(quantization.scale)], "float32")
                quantization.zeroPoint = np.zeros(1, "int64")
