"""The two flatbuffer schemas behind TFLite Metadata, and reading them with every offset checked.

Sources of the field slots (a slot is a field's place in its table, from 0; a union takes two) and enum values:
`tensorflow/lite/schema/schema.fbs` (identifier TFL3) and `mediapipe/tasks/metadata/metadata_schema.fbs`, schema
version 1.5.0 (identifier M001). The readers that the flatbuffers package generates do not check bounds.
"""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple, Union

from kbert.errors import InputError

METADATA_ENTRY = "TFLITE_METADATA"  # the name in Model.metadata under which runtimes look for the metadata


class Model(IntEnum):
    VERSION = 0
    OPERATOR_CODES = 1
    SUBGRAPHS = 2
    DESCRIPTION = 3
    BUFFERS = 4
    METADATA_BUFFER = 5
    METADATA = 6
    SIGNATURE_DEFS = 7
    EXTERNAL_BUFFER_GROUPS = 8
    EXTERNAL_BUFFERS = 9


class ModelMetadata(IntEnum):
    NAME = 0
    DESCRIPTION = 1
    VERSION = 2
    SUBGRAPH_METADATA = 3
    ASSOCIATED_FILES = 6
    MIN_PARSER_VERSION = 7


class SubGraphMetadata(IntEnum):
    INPUT_TENSOR_METADATA = 2
    OUTPUT_TENSOR_METADATA = 3
    ASSOCIATED_FILES = 4
    INPUT_PROCESS_UNITS = 5


class TensorMetadata(IntEnum):
    NAME = 0
    ASSOCIATED_FILES = 6


class AssociatedFile(IntEnum):
    NAME = 0
    TYPE = 2


class FileType(IntEnum):
    UNKNOWN = 0
    TENSOR_AXIS_LABELS = 2
    VOCABULARY = 5


class ProcessUnit(IntEnum):
    OPTIONS_TYPE = 0
    OPTIONS = 1


BERT_TOKENIZER_OPTIONS = 4  # in the union ProcessUnitOptions; its table has vocab_file in slot 0
_TOKENIZER_FILES = {BERT_TOKENIZER_OPTIONS: (0,), 5: (0, 1), 6: (1,)}  # the slots of files

# What a check has to follow, by slot: a number is a vector of elements of that many bytes, a dict a table, a list a
# vector of tables. A table with no slots (a union, or details no BERT has) is checked for its own extent alone.
_Kind = Union[str, int, list["_Fields"], "_Fields"]
_Fields = dict[int, _Kind]
_TEXT = "text"
_OPAQUE: _Fields = {}
_QUANTIZATION: _Fields = {0: 4, 1: 4, 2: 4, 3: 8, 5: _OPAQUE}
_TENSOR: _Fields = {0: 4, 3: _TEXT, 4: _QUANTIZATION, 6: _OPAQUE, 7: 4, 9: [_OPAQUE]}
_OPERATOR: _Fields = {1: 4, 2: 4, 4: _OPAQUE, 5: 1, 7: 1, 8: 4, 12: _OPAQUE}
_NAMES: _Fields = {0: _TEXT}
_MODEL: _Fields = {
    Model.OPERATOR_CODES: [{1: _TEXT}],
    Model.SUBGRAPHS: [{0: [_TENSOR], 1: 4, 2: 4, 3: [_OPERATOR], 4: _TEXT}],
    Model.DESCRIPTION: _TEXT,
    Model.BUFFERS: [{0: 1}],
    Model.METADATA_BUFFER: 4,
    Model.METADATA: [_NAMES],
    Model.SIGNATURE_DEFS: [{0: [_NAMES], 1: [_NAMES], 2: _TEXT, 3: _TEXT}],
    Model.EXTERNAL_BUFFER_GROUPS: [_OPAQUE],
    Model.EXTERNAL_BUFFERS: [_OPAQUE],
}


def _require_extent(data: bytes, start: int, size: int) -> None:
    if not 0 <= start <= len(data) - size:
        raise InputError(
            f"a TFLite file holds all that its tables point to; this one points to bytes {start} to {start + size} of "
            f"a part of {len(data)} bytes, so it was cut short or damaged: copy it or export it again"
        )


def _number(data: bytes, form: str, position: int) -> int:
    _require_extent(data, position, struct.calcsize(form))
    number: int = struct.unpack_from(form, data, position)[0]
    return number


class Table:
    """A table of a flatbuffer; every access is checked against the data's end, and raises InputError beyond it."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position
        self._vtable = position - _number(data, "<i", position)
        self._vtable_size = _number(data, "<H", self._vtable)
        _require_extent(data, self._vtable, self._vtable_size)
        _require_extent(data, position, _number(data, "<H", self._vtable + 2))

    @classmethod
    def root(cls, data: bytes) -> "Table":
        """The table at which a flatbuffer starts."""
        return cls(data, _number(data, "<I", 0))

    @property
    def slots(self) -> int:
        """How many slots the writer of the table knew, used or not."""
        return (self._vtable_size - 4) // 2

    def _field(self, slot: int) -> int | None:
        offset = _number(self.data, "<H", self._vtable + 4 + 2 * slot) if slot < self.slots else 0
        return self.position + offset if offset else None

    def number(self, slot: int, form: str) -> int:
        """A scalar, `form` being its struct format; 0, the default of every scalar read here, where it is absent."""
        field = self._field(slot)
        return 0 if field is None else _number(self.data, form, field)

    def target(self, slot: int) -> int | None:
        """The position in the data, in bytes, of the string, vector or table that the field points to."""
        field = self._field(slot)
        return None if field is None else field + _number(self.data, "<I", field)

    def vector(self, slot: int, width: int) -> tuple[int, int]:
        """The position of the first element and the number of elements of `width` bytes; (0, 0) where absent."""
        start = self.target(slot)
        if start is None:
            return 0, 0
        count = _number(self.data, "<I", start)
        _require_extent(self.data, start + 4, count * width)
        return start + 4, count

    def integers(self, slot: int) -> list[int]:
        """A vector of int32."""
        start, count = self.vector(slot, 4)
        return list(struct.unpack_from(f"<{count}i", self.data, start))

    def blob(self, slot: int) -> bytes:
        """A vector of bytes."""
        start, count = self.vector(slot, 1)
        return self.data[start : start + count]

    def text(self, slot: int) -> str:
        """A string; empty where absent."""
        start, count = self.vector(slot, 1)
        if start:
            _require_extent(self.data, start, count + 1)  # a string has a zero after its last byte
        return self.data[start : start + count].decode("utf-8", "replace")

    def table(self, slot: int) -> "Table | None":
        """A table; None where absent."""
        position = self.target(slot)
        return None if position is None else Table(self.data, position)

    def tables(self, slot: int) -> "Iterator[Table]":
        """A vector of tables."""
        start, count = self.vector(slot, 4)
        for place in range(start, start + 4 * count, 4):
            yield Table(self.data, place + _number(self.data, "<I", place))


def check_model(model: bytes) -> Table:
    """The root table of a TFLite flatbuffer, after everything in it was found to lie inside the file.

    Raises:
        InputError: it is no TFLite file, or something lies beyond the file's end.
    """
    if model[4:8] != b"TFL3":
        raise InputError(
            f"a TFLite file has the identifier b'TFL3' in its bytes 4 to 8, this one has {model[4:8]!r}: "
            "give the .tflite file that an export wrote"
        )
    root = Table.root(model)
    _check(root, _MODEL, set())
    for start, size in data_after_flatbuffer(root):
        _require_extent(model, start, size)
    return root


def _check(table: Table, fields: _Fields, seen: set[tuple[int, int]]) -> None:
    key = (table.position, id(fields))
    if key in seen:  # tables may be shared; without this a small damaged file could take hours
        return
    seen.add(key)
    for slot, kind in fields.items():
        if isinstance(kind, int):
            table.vector(slot, kind)
        elif isinstance(kind, str):
            table.text(slot)
        elif isinstance(kind, list):
            for child in table.tables(slot):
                _check(child, kind[0], seen)
        elif (only := table.table(slot)) is not None:
            _check(only, kind, seen)


def data_after_flatbuffer(root: Table) -> Iterator[tuple[int, int]]:
    """Start and size in bytes of weights and options that models over 2 GB keep behind the flatbuffer."""
    operators = (operator for graph in root.tables(Model.SUBGRAPHS) for operator in graph.tables(3))
    for tables, slot in ((root.tables(Model.BUFFERS), 1), (operators, 9)):
        for table in tables:
            start = table.number(slot, "<Q")
            if start > 1:  # converters write 1 while they do not know the place yet; readers take it as none
                yield start, table.number(slot + 1, "<Q")


class Description(NamedTuple):
    """What the metadata flatbuffer says; `files` are all the associated files it names, sorted."""

    name: str
    description: str
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    minimum_parser_version: str | None
    files: tuple[str, ...]


def find_metadata(root: Table) -> bytes | None:
    """The metadata flatbuffer in a model; None where the model has none."""
    for entry in root.tables(Model.METADATA):
        if entry.text(0) == METADATA_ENTRY:
            buffers = list(root.tables(Model.BUFFERS))
            index = entry.number(1, "<I")
            return buffers[index].blob(0) if index < len(buffers) else b""
    return None


def parse_metadata(data: bytes) -> Description:
    """Reads a metadata flatbuffer; its first subgraph is the one described.

    Raises:
        InputError: another format than M001, or cut short.
    """
    if data[4:8] != b"M001":
        raise InputError(
            f"TFLite Metadata has the identifier b'M001' in its bytes 4 to 8, this file's has {data[4:8]!r}: "
            "the file is damaged or of a newer format, export it again"
        )
    root = Table.root(data)
    graphs = list(root.tables(ModelMetadata.SUBGRAPH_METADATA))
    inputs, outputs = (
        tuple(tensor.text(TensorMetadata.NAME) for graph in graphs[:1] for tensor in graph.tables(slot))
        for slot in (SubGraphMetadata.INPUT_TENSOR_METADATA, SubGraphMetadata.OUTPUT_TENSOR_METADATA)
    )
    return Description(
        name=root.text(ModelMetadata.NAME),
        description=root.text(ModelMetadata.DESCRIPTION),
        input_names=inputs,
        output_names=outputs,
        minimum_parser_version=root.text(ModelMetadata.MIN_PARSER_VERSION) or None,
        files=tuple(sorted({file.text(AssociatedFile.NAME) for file in _associated_files(root, graphs)})),
    )


def _associated_files(root: Table, graphs: Iterable[Table]) -> Iterator[Table]:
    yield from root.tables(ModelMetadata.ASSOCIATED_FILES)
    for graph in graphs:
        yield from graph.tables(SubGraphMetadata.ASSOCIATED_FILES)
        for unit in graph.tables(SubGraphMetadata.INPUT_PROCESS_UNITS):
            yield from _tokenizer_files(unit)
        for slot in (SubGraphMetadata.INPUT_TENSOR_METADATA, SubGraphMetadata.OUTPUT_TENSOR_METADATA):
            for tensor in graph.tables(slot):
                yield from tensor.tables(TensorMetadata.ASSOCIATED_FILES)


def _tokenizer_files(unit: Table) -> Iterator[Table]:
    options = unit.table(ProcessUnit.OPTIONS)
    for slot in _TOKENIZER_FILES.get(unit.number(ProcessUnit.OPTIONS_TYPE, "<B"), ()):
        if options is not None:
            yield from options.tables(slot)
