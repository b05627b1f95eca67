"""Windows to TFRecord files of tf.train.Example, written without TensorFlow: it takes longer to load than a shard."""

import contextlib
import gzip
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import google_crc32c

from kbert.data.packing import Window

# Beyond this level the files hardly shrink, and compressing them takes twice as long.
COMPRESSION_LEVEL = 4


def encode_example(window: Window) -> bytes:
    """A window as a tf.train.Example with the int64 features `document`, `sentence_starts` and `token_ids`."""
    features = (
        _int64_feature(b"document", _encode_varint(window.document))
        + _int64_feature(b"sentence_starts", b"".join(map(_VARINTS.__getitem__, window.sentence_starts)))
        + _int64_feature(b"token_ids", b"".join(map(_VARINTS.__getitem__, window.token_ids)))
    )
    return _field(b"\x0a", features)


def write_record(file: BinaryIO, data: bytes) -> None:
    """Appends a record to a TFRecord file: length, its checksum, data, its checksum."""
    length = struct.pack("<Q", len(data))
    file.write(b"".join([length, _checksum(length), data, _checksum(data)]))


@contextlib.contextmanager
def record_file(path: Path) -> Iterator[BinaryIO]:
    """A new compressed TFRecord file. Neither its name nor the time is in it: the same records, the same bytes."""
    with (
        open(path, "wb") as raw,
        gzip.GzipFile("", "wb", COMPRESSION_LEVEL, raw, mtime=0) as compressed,
        io.BufferedWriter(cast("io.RawIOBase", compressed), 1 << 16) as file,
    ):
        yield cast("BinaryIO", file)


def _int64_feature(name: bytes, values: bytes) -> bytes:
    """An entry of the map Features.feature: a Feature whose int64_list holds the values, packed."""
    feature = _field(b"\x1a", _field(b"\x0a", values))  # int64_list is field 3, value field 1
    return _field(b"\x0a", _field(b"\x0a", name) + _field(b"\x12", feature))


def _field(tag: bytes, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer; `tag` is its number times 8, plus 2."""
    return tag + _VARINTS[len(content)] + content


def _encode_varint(value: int) -> bytes:
    """A number in 7 bits a byte, the lowest first; all but the last byte have the high bit set."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


class _Varints(dict[int, bytes]):
    """Numbers encoded once: token ids, positions and lengths are few."""

    def __missing__(self, value: int) -> bytes:
        return self.setdefault(value, _encode_varint(value))


_VARINTS = _Varints()


def _checksum(data: bytes) -> bytes:
    """CRC-32C, masked as the format asks, since data may itself hold checksums."""
    crc: int = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
