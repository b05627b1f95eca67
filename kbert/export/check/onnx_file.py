"""What an .onnx file holds, as far as runtimes care; any file, not only those of kbert."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.export.facts import FACTS_FILE, ArtefactFacts
from kbert.export.onnx import METADATA_PREFIX, read_facts
from kbert.extras import require

DEFAULT_DOMAIN = "ai.onnx"


@dataclasses.dataclass(frozen=True)
class Value:
    """An input or output; `shape` has a name, or nothing, where a length is free."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {list(self.shape)}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class OnnxFile:
    """`operators` are the names of all nodes by domain; `weight_types` those of all constants.

    `outside` names the files that hold weights beside this one. `facts` are there where kbert made the file.
    """

    path: Path
    ir_version: int
    opset: dict[str, int]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    operators: dict[str, frozenset[str]]
    weight_types: frozenset[str]
    outside: tuple[str, ...]
    facts: ArtefactFacts | None


def read_onnx(path: Path) -> OnnxFile:
    """Reads the graph and the metadata properties.

    Raises:
        InputError: it cannot be read, is none, was cut short or is damaged.
    """
    onnx = require("onnx", extra="onnx")
    try:
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except Exception as error:  # protobuf's own class, which moves between its versions
        raise InputError(f"{path}: expected an ONNX file, it cannot be read ({error}). Export it again") from None
    if not model.graph.node:
        raise InputError(f"{path}: an ONNX file has a graph inside, this one has none. Export it again")
    properties = {entry.key: entry.value for entry in model.metadata_props}
    constants = {tensor.name for tensor in model.graph.initializer}
    operators: dict[str, set[str]] = {}
    for node in _nodes(model.graph):
        operators.setdefault(node.domain or DEFAULT_DOMAIN, set()).add(node.op_type)
    return OnnxFile(
        path=path,
        ir_version=int(model.ir_version),
        opset={entry.domain or DEFAULT_DOMAIN: int(entry.version) for entry in model.opset_import},
        # Before 2020 constants stood among the inputs.
        inputs=tuple(_value(onnx, value) for value in model.graph.input if value.name not in constants),
        outputs=tuple(_value(onnx, value) for value in model.graph.output),
        operators={domain: frozenset(names) for domain, names in operators.items()},
        weight_types=frozenset(_type(onnx, tensor.data_type) for tensor in model.graph.initializer),
        outside=tuple(
            sorted({e.value for t in model.graph.initializer for e in t.external_data if e.key == "location"})
        ),
        facts=read_facts(properties, str(path)) if METADATA_PREFIX + FACTS_FILE in properties else None,
    )


def _nodes(graph: Any) -> Iterator[Any]:
    """The nodes of a graph and of the graphs inside them."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                yield from _nodes(inner)


def _value(onnx: Any, value: Any) -> Value:
    kind = value.type.tensor_type
    shape = tuple(int(axis.dim_value) if axis.HasField("dim_value") else str(axis.dim_param) for axis in kind.shape.dim)
    return Value(value.name, _type(onnx, kind.elem_type), shape)


def _type(onnx: Any, code: int) -> str:
    name: str = onnx.TensorProto.DataType.Name(code).lower()
    return {"float": "float32", "double": "float64"}.get(name, name)
