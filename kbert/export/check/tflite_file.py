"""What a .tflite file holds, as far as runtimes care; any file, not only those of kbert."""

import dataclasses
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.export import metadata_schema as layout
from kbert.export.facts import FACTS_FILE, ArtefactFacts
from kbert.export.metadata import TfliteMetadata, read_metadata
from kbert.extras import require


@dataclasses.dataclass(frozen=True)
class Tensor:
    """`shape` has -1 where a length is free; `scales` is the number of quantization scales."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    constant: bool
    scales: int
    blockwise: bool

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {list(self.shape)}"


@dataclasses.dataclass(frozen=True)
class Operator:
    """`inputs` has None where an optional one is left out; `options` are the schema's own, or None."""

    name: str
    version: int
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    input_indexes: tuple[int, ...]
    output_indexes: tuple[int, ...]
    options: Any

    def __str__(self) -> str:
        return f"{self.name} version {self.version}"

    def given(self) -> list[Tensor]:
        """The inputs that are not left out."""
        return [tensor for tensor in self.inputs if tensor is not None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class TfliteFile:
    """`operators` are those of all subgraphs; `inputs` and `outputs` those of the first.

    `compressed` names packed files that are not stored as they are. `vocabulary` is the content of the file that the
    metadata gives to a BERT tokenizer. `facts` are there where kbert made the file.
    """

    path: Path
    subgraphs: int
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    signed_shapes: bool
    operators: tuple[Operator, ...]
    detached_weights: bool
    metadata: TfliteMetadata | None
    compressed: tuple[str, ...]
    vocabulary: bytes | None
    facts: ArtefactFacts | None

    @property
    def free_inputs(self) -> list[Tensor]:
        """The inputs with a free length."""
        return [tensor for tensor in self.inputs if -1 in tensor.shape]

    @property
    def length(self) -> int | None:
        """The only length that the inputs have; None where it is free."""
        lengths = {tensor.shape[-1] for tensor in self.inputs if tensor.shape}
        return None if -1 in lengths or len(lengths) != 1 else lengths.pop()


def read_tflite(path: Path) -> TfliteFile:
    """Reads the graph and the metadata.

    Raises:
        InputError: it cannot be read, is none, was cut short or is damaged.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    try:
        # Offsets are checked here: the generated reader follows them wherever they lead.
        root = layout.check_model(data)
        metadata = read_metadata(data)
        vocabulary_file = _vocabulary_file(root)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    schema = require("ai_edge_litert.schema_py_generated", extra="tflite")
    try:
        model = schema.ModelT.InitFromPackedBuf(data, 0)
        graphs = [_Graph(schema, model, graph) for graph in model.subgraphs or []]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(f"{path}: its graph cannot be read ({error!r}). Export it again") from None
    if not graphs:
        raise InputError(f"{path}: a TFLite file has a graph inside, this one has none. Export it again")
    files = metadata.files if metadata else {}
    return TfliteFile(
        path=path,
        subgraphs=len(graphs),
        inputs=tuple(graphs[0].tensors[index] for index in graphs[0].inputs),
        outputs=tuple(graphs[0].tensors[index] for index in graphs[0].outputs),
        signed_shapes=graphs[0].signed_shapes,
        operators=tuple(operator for graph in graphs for operator in graph.operators),
        detached_weights=any(True for _ in layout.data_after_flatbuffer(root)),
        metadata=metadata,
        compressed=_compressed(data) if files else (),
        vocabulary=files.get(vocabulary_file or ""),
        facts=ArtefactFacts.from_files(files, str(path)) if FACTS_FILE in files else None,
    )


class _Graph:
    """A subgraph in the types above."""

    def __init__(self, schema: Any, model: Any, graph: Any) -> None:
        operators, types = _names(schema.BuiltinOperator), _names(schema.TensorType)
        buffers = [_has_data(buffer) for buffer in model.buffers]
        self.tensors = [
            Tensor(
                name=(tensor.name or b"").decode("utf-8", "replace"),
                dtype=types.get(tensor.type, f"type {tensor.type}").lower(),
                shape=_shape(tensor),
                constant=buffers[tensor.buffer],
                scales=_scales(tensor.quantization),
                blockwise=bool(tensor.quantization and tensor.quantization.detailsType > 1),
            )
            for tensor in graph.tensors
        ]
        self.inputs = [int(index) for index in graph.inputs]
        self.outputs = [int(index) for index in graph.outputs]
        self.signed_shapes = all(graph.tensors[index].shapeSignature is not None for index in self.inputs)
        self.operators = [
            self._operator(operators, model.operatorCodes[item.opcodeIndex], item) for item in graph.operators or []
        ]

    def _operator(self, names: dict[int, str], code: Any, item: Any) -> Operator:
        # Files of before 2020 carry the code in a byte; the wider field is 0 there.
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        name = names.get(number, f"operator {number}")
        inputs, outputs = (
            tuple(int(i) for i in (found if found is not None else ())) for found in (item.inputs, item.outputs)
        )
        return Operator(
            name=code.customCode.decode("utf-8", "replace") if name == "CUSTOM" and code.customCode else name,
            version=int(code.version),
            inputs=tuple(None if index < 0 else self.tensors[index] for index in inputs),
            outputs=tuple(self.tensors[index] for index in outputs),
            input_indexes=inputs,
            output_indexes=outputs,
            options=item.builtinOptions,
        )


def _names(enumeration: Any) -> dict[int, str]:
    return {code: name for name, code in vars(enumeration).items() if not name.startswith("_")}


def _has_data(buffer: Any) -> bool:
    # An offset is that of weights behind the flatbuffer; 1 is what converters write while they do not know it yet.
    return (buffer.data is not None and len(buffer.data) > 0) or getattr(buffer, "offset", 0) > 1


def _shape(tensor: Any) -> tuple[int, ...]:
    shape = tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape
    return tuple(int(axis) for axis in (shape if shape is not None else ()))


def _scales(quantization: Any) -> int:
    return 0 if quantization is None or quantization.scale is None else len(quantization.scale)


def _compressed(data: bytes) -> tuple[str, ...]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return tuple(entry.filename for entry in archive.infolist() if entry.compress_type != zipfile.ZIP_STORED)


def _vocabulary_file(root: layout.Table) -> str | None:
    """The file that the metadata gives to the BERT tokenizer of the first graph's input; None where there is none."""
    data = layout.find_metadata(root)
    if data is None:
        return None
    for unit in _process_units(layout.Table.root(data)):
        options = unit.table(layout.ProcessUnit.OPTIONS)
        if unit.number(layout.ProcessUnit.OPTIONS_TYPE, "<B") == layout.BERT_TOKENIZER_OPTIONS and options is not None:
            return next((file.text(layout.AssociatedFile.NAME) for file in options.tables(0)), None)
        return None  # MediaPipe reads the first one only
    return None


def _process_units(metadata: layout.Table) -> Iterator[layout.Table]:
    for graph in list(metadata.tables(layout.ModelMetadata.SUBGRAPH_METADATA))[:1]:
        yield from graph.tables(layout.SubGraphMetadata.INPUT_PROCESS_UNITS)
