"""TFLite Metadata: what a .tflite file says of its tensors, with the vocabulary and labels packed in.

The metadata flatbuffer lies in a buffer of the model, the files it names lie in a ZIP archive behind the model, as
MediaPipe, the TFLite Task Library and Android Studio expect (https://ai.google.dev/edge/litert/models/metadata).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

from kbert.errors import InputError
from kbert.export import metadata_schema as schema
from kbert.extras import require

MAX_FILES_BYTES = 64 * 1024 * 1024  # all associated files of a model together, unpacked; a vocabulary has 0.1 to 5 MB
PARSER_VERSION = "1.1.0"  # the schema version that brought BertTokenizerOptions, the newest part used
MODEL_VERSION = "1"
_ALIGNMENT = 64  # bytes; what is put before a model keeps the place of its weights to this, the schema asks for 16


@dataclass(frozen=True, kw_only=True)
class TfliteMetadata:
    """The metadata of a .tflite file; names are in the order of the subgraph's inputs and outputs."""

    name: str
    description: str
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    minimum_parser_version: str | None
    files: Mapping[str, bytes]


def add_metadata(
    model: bytes,
    *,
    name: str,
    description: str,
    input_names: Sequence[str],
    output_names: Sequence[str],
    files: Mapping[str, bytes],
    vocabulary_file: str = "vocab.txt",
    labels_file: str | None = "labels.txt",
) -> bytes:
    """A model with metadata that lets MediaPipe tokenize for it and name its labels; the same input, the same bytes.

    The model's own bytes are kept as they are: a new root table is put before them, and the ZIP archive after them.

    Args:
        model: a .tflite file without metadata.
        input_names: in the order of the subgraph's inputs; MediaPipe wants `ids`, `mask` and `segment_ids`.
        output_names: in the order of the subgraph's outputs.
        files: contents by name, at most `MAX_FILES_BYTES` together.
        vocabulary_file: the one of `files` that the tokenizer needs, a WordPiece per line.
        labels_file: the one of `files` that names the values along the first output's last axis, a label per line;
            a model without labels leaves it out of `files`.

    Raises:
        InputError: the model is none, is cut short or has metadata already; the names do not match its inputs and
            outputs; a file is missing, badly named or too large.
    """
    root = schema.check_model(model)
    _require_plain(root)
    _require_names(root, "inputs", 0, input_names)
    _require_names(root, "outputs", 1, output_names)
    if vocabulary_file not in files:
        raise InputError(
            f"the metadata needs the vocabulary as the file {vocabulary_file!r}, it came with {sorted(files)}: add it"
        )
    _require_safe(files)
    _require_size(sum(map(len, files.values())))
    said = schema.Description(
        name, description, tuple(input_names), tuple(output_names), PARSER_VERSION, tuple(sorted(files))
    )
    head = _new_head(root, _build_metadata(said, vocabulary_file, labels_file))
    return _append_zip((head, model), files)


def read_metadata(model: bytes) -> TfliteMetadata | None:
    """The metadata of a .tflite file with the contents of its associated files; None where a sound file has none.

    Raises:
        InputError: it is no TFLite file; it was cut short or is damaged; its ZIP archive holds a file that would
            unpack outside a folder, or more than `MAX_FILES_BYTES`.
    """
    data = schema.find_metadata(schema.check_model(model))
    if data is None:
        return None
    said = schema.parse_metadata(data)
    files = _read_zip(model) if said.files or zipfile.is_zipfile(io.BytesIO(model)) else {}
    missing = [name for name in said.files if name not in files]
    if missing:
        raise InputError(
            f"the files that TFLite Metadata names are packed behind the model, {missing} are not in this file: "
            "it was cut short or damaged, copy it or export it again"
        )
    return TfliteMetadata(**{**said._asdict(), "files": files})


def _require_plain(root: schema.Table) -> None:
    """Raises InputError where a new root table before the model would lose something, or point to the wrong place."""
    if schema.find_metadata(root) is not None:
        raise InputError(
            f"metadata goes into a model that has none, this one has {schema.METADATA_ENTRY!r} already: "
            "give the file as the converter wrote it"
        )
    if any(True for _ in schema.data_after_flatbuffer(root)) or root.slots > len(schema.Model):
        raise InputError(
            "metadata goes into a model that is one flatbuffer of the known schema; this one keeps weights behind it "
            "(as models over 2 GB do) or is of a newer schema: convert it with tf.lite.TFLiteConverter, below 2 GB"
        )


def _require_names(root: schema.Table, what: str, slot: int, names: Sequence[str]) -> None:
    """Checks names of inputs (slot 0) or outputs (slot 1); their order only where the model's signature has them."""
    tensors = next((graph.integers(slot + 1) for graph in root.tables(schema.Model.SUBGRAPHS)), [])
    if len(names) != len(tensors) or len(set(names)) != len(tensors):
        raise InputError(
            f"the {what} of a model have one name each, all different; the model has {len(tensors)} {what}, the names "
            f"are {list(names)}: give {len(tensors)} names in the order of the subgraph's {what}"
        )
    for signature in root.tables(schema.Model.SIGNATURE_DEFS):
        by_tensor = {entry.number(1, "<I"): entry.text(0) for entry in signature.tables(slot)}
        order = [by_tensor.get(tensor) for tensor in tensors]
        if set(order) == set(names) and order != list(names):
            raise InputError(
                f"names are in the order of the subgraph's {what}, which is {order}, not {list(names)}: give that order"
            )


def _require_safe(names: Iterable[str]) -> None:
    for name in names:
        path = PureWindowsPath(name)  # takes both / and \ as separators, and knows drives
        if not path.name or path.anchor or ".." in path.parts:
            raise InputError(
                f"a file packed with a model has a relative path without '..', this one is named {name!r}: "
                "give it a plain name, or get the model from a source that you trust"
            )


def _require_size(size: int) -> None:
    if size > MAX_FILES_BYTES:
        raise InputError(
            f"the files packed with a model have {MAX_FILES_BYTES} bytes at most, these have {size} or more: "
            "leave out what is no vocabulary, labels or configuration"
        )


def _append_zip(parts: Iterable[bytes], files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    packed.writelines(parts)  # first, so that the archive's offsets count from the start of the whole file
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, whatever the machine is, for the same bytes everywhere
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED  # MediaPipe refuses compressed entries
            archive.writestr(entry, files[name])
    return packed.getvalue()


def _read_zip(model: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            return _unpack(archive)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError) as error:
        # all that zipfile lets out on damaged archives and on encrypted or unknown entries
        raise InputError(
            f"the files that TFLite Metadata names are packed as a ZIP archive behind the model, here it cannot be "
            f"read ({error}): the file was cut short or damaged, copy it or export it again"
        ) from None


def _unpack(archive: zipfile.ZipFile) -> dict[str, bytes]:
    _require_safe(archive.namelist())
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _require_size(sum(entry.file_size for entry in entries))
    files: dict[str, bytes] = {}
    for entry in entries:
        with archive.open(entry) as stream:
            # the size that an entry declares need not be true, so no more than it is unpacked; one byte more makes
            # zipfile check the content against its checksum
            files[entry.filename] = stream.read(entry.file_size + 1)
    return files


class _Builder:
    """A flatbuffers.Builder with the few shapes that the two schemas need; an offset counts from the data's end."""

    def __init__(self) -> None:
        self.raw: Any = require("flatbuffers", extra="tflite").Builder(4096)  # Any: it comes without type hints

    def text(self, text: str) -> int:
        """A string."""
        return int(self.raw.CreateString(text))

    def vector(self, offsets: Sequence[int]) -> int:
        """A vector of tables."""
        self.raw.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.raw.PrependUOffsetTRelative(offset)
        return int(self.raw.EndVector())

    def table(self, offsets: Mapping[int, int], *, byte: tuple[int, int] = (0, 0)) -> int:
        """A table of strings, vectors and tables by slot, and of a byte (slot, value)."""
        self.raw.StartObject(max([*offsets, byte[0]]) + 1)
        for slot, offset in offsets.items():
            self.raw.PrependUOffsetTRelativeSlot(slot, offset, 0)
        self.raw.PrependUint8Slot(*byte, 0)
        return int(self.raw.EndObject())

    def files(self, names: Iterable[str], kind: schema.FileType) -> int:
        """A vector of AssociatedFile."""
        return self.vector(
            [
                self.table({schema.AssociatedFile.NAME: self.text(name)}, byte=(schema.AssociatedFile.TYPE, kind))
                for name in names
            ]
        )

    def finish(self, root: int, identifier: bytes) -> bytes:
        """The whole flatbuffer."""
        self.raw.Finish(root, identifier)
        return bytes(self.raw.Output())


def _tensors(builder: _Builder, names: Sequence[str], labels: Sequence[str] = ()) -> int:
    """A vector of TensorMetadata, the first of them with files of labels."""
    tensors = []
    for index, name in enumerate(names):
        offsets: dict[int, int] = {schema.TensorMetadata.NAME: builder.text(name)}
        if labels and index == 0:
            offsets[schema.TensorMetadata.ASSOCIATED_FILES] = builder.files(labels, schema.FileType.TENSOR_AXIS_LABELS)
        tensors.append(builder.table(offsets))
    return builder.vector(tensors)


def _build_metadata(said: schema.Description, vocabulary_file: str, labels_file: str | None) -> bytes:
    builder = _Builder()
    labels = [name for name in said.files if name == labels_file]
    others = [name for name in said.files if name not in (vocabulary_file, labels_file)]
    vocabulary = builder.files([vocabulary_file], schema.FileType.VOCABULARY)
    tokenizer = builder.table(
        {schema.ProcessUnit.OPTIONS: builder.table({0: vocabulary})},
        byte=(schema.ProcessUnit.OPTIONS_TYPE, schema.BERT_TOKENIZER_OPTIONS),
    )
    graph = builder.table(
        {
            schema.SubGraphMetadata.INPUT_TENSOR_METADATA: _tensors(builder, said.input_names),
            schema.SubGraphMetadata.OUTPUT_TENSOR_METADATA: _tensors(builder, said.output_names, labels),
            schema.SubGraphMetadata.INPUT_PROCESS_UNITS: builder.vector([tokenizer]),
        }
    )
    root: dict[int, int] = {
        schema.ModelMetadata.NAME: builder.text(said.name),
        schema.ModelMetadata.DESCRIPTION: builder.text(said.description),
        schema.ModelMetadata.VERSION: builder.text(MODEL_VERSION),
        schema.ModelMetadata.SUBGRAPH_METADATA: builder.vector([graph]),
        schema.ModelMetadata.MIN_PARSER_VERSION: builder.text(PARSER_VERSION),
    }
    if others:
        root[schema.ModelMetadata.ASSOCIATED_FILES] = builder.files(others, schema.FileType.UNKNOWN)
    return builder.finish(builder.table(root), b"M001")


def _new_head(root: schema.Table, metadata: bytes) -> bytes:
    """The head of the model with metadata, to be put before the whole of the old file.

    A flatbuffer's offsets lead forward only, so a new root table before the old file can use all of the old tables
    where they are; packing them anew would lose the alignment of the weights.
    """
    builder = _Builder()
    builder.raw.Prep(_ALIGNMENT, 0)  # makes the head's length a multiple of it
    builder.raw.StartVector(1, len(metadata), 16)
    for value in reversed(metadata):
        builder.raw.PrependByte(value)
    buffer = builder.table({0: builder.raw.EndVector()})
    # byte p of the old file is p bytes behind the head's end: the offset -p
    buffers = [-table.position for table in root.tables(schema.Model.BUFFERS)]
    entries = [-table.position for table in root.tables(schema.Model.METADATA)]
    name = builder.text(schema.METADATA_ENTRY)
    builder.raw.StartObject(2)
    builder.raw.PrependUOffsetTRelativeSlot(0, name, 0)
    builder.raw.PrependUint32Slot(1, len(buffers), 0)
    entry = int(builder.raw.EndObject())
    offsets = {
        slot: -target
        for slot in schema.Model
        if slot != schema.Model.VERSION and (target := root.target(slot)) is not None
    }
    offsets[schema.Model.BUFFERS] = builder.vector([*buffers, buffer])
    offsets[schema.Model.METADATA] = builder.vector([*entries, entry])
    builder.raw.StartObject(len(schema.Model))
    builder.raw.PrependUint32Slot(schema.Model.VERSION, root.number(schema.Model.VERSION, "<I"), 0)
    for slot, offset in offsets.items():
        builder.raw.PrependUOffsetTRelativeSlot(slot, offset, 0)
    return builder.finish(int(builder.raw.EndObject()), b"TFL3")
