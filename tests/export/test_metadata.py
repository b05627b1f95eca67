import contextlib
import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import tensorflow as tf

from kbert.errors import InputError
from kbert.export.metadata import TfliteMetadata, add_metadata, read_metadata

flatbuffers = pytest.importorskip("flatbuffers")
interpreters = pytest.importorskip("ai_edge_litert.interpreter")
schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

FILES = {"vocab.txt": b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n", "labels.txt": b"bad\ngood\n", "model/config.json": b"{}"}


class _Classifier(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        random = np.random.default_rng(0)
        self.words = tf.Variable(random.normal(size=(600, 8)).astype("float32"))
        self.segments = tf.Variable(random.normal(size=(2, 8)).astype("float32"))
        self.dense = tf.Variable(random.normal(size=(8, 2)).astype("float32"))

    @tf.function
    def classify(self, ids: tf.Tensor, mask: tf.Tensor, segment_ids: tf.Tensor) -> dict[str, tf.Tensor]:
        embedded = tf.gather(self.words, ids) + tf.gather(self.segments, segment_ids)
        pooled = tf.reduce_sum(embedded * tf.cast(mask, tf.float32)[..., None], axis=1)
        return {"probability": tf.nn.softmax(pooled @ self.dense)}


def _convert(*, quantized: bool) -> bytes:
    module = _Classifier()
    specs = [tf.TensorSpec([1, None], tf.int32, name=name) for name in ("ids", "mask", "segment_ids")]
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.classify.get_concrete_function(*specs)], module)
    if quantized:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return converter.convert()


@pytest.fixture(scope="module")
def model() -> bytes:
    return _convert(quantized=False)


@pytest.fixture(scope="module")
def quantized() -> bytes:
    return _convert(quantized=True)


@pytest.fixture(scope="module")
def packed(model: bytes) -> bytes:
    return _add(model)


def _input_names(model: bytes) -> list[str]:
    details = interpreters.Interpreter(model_content=model).get_input_details()
    return [detail["name"].removeprefix("serving_default_").removesuffix(":0") for detail in details]


def _add(model: bytes, **changes) -> bytes:
    arguments = {
        "name": "Tiny",
        "description": "Bad or good — a test",
        "input_names": _input_names(model),
        "output_names": ["probability"],
        "files": FILES,
    }
    return add_metadata(model, **{**arguments, **changes})


def _run(model: bytes) -> np.ndarray:
    interpreter = interpreters.Interpreter(model_content=model)
    values = {"ids": [2, 599, 17, 3], "mask": [1, 1, 1, 0], "segment_ids": [0, 1, 0, 1]}
    details = interpreter.get_input_details()
    for detail in details:
        interpreter.resize_tensor_input(detail["index"], [1, 4])
    interpreter.allocate_tensors()
    for detail, name in zip(details, _input_names(model), strict=True):
        interpreter.set_tensor(detail["index"], np.array([values[name]], np.int32))
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def _with_zip(packed: bytes, archive: bytes) -> bytes:
    return packed[: packed.index(b"PK\x03\x04")] + archive


def _zip(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return archive.getvalue()


def test_read_gives_what_was_added(model, packed):
    assert read_metadata(packed) == TfliteMetadata(
        name="Tiny",
        description="Bad or good — a test",
        input_names=tuple(_input_names(model)),
        output_names=("probability",),
        minimum_parser_version="1.1.0",
        files={
            "vocab.txt": b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n",
            "labels.txt": b"bad\ngood\n",
            "model/config.json": b"{}",
        },
    )


def _follow(table, *path):
    """Goes down by field slots; a pair is a slot and the index in the vector there. Uses none of kbert's reader."""
    for step in path:
        slot, index = step if isinstance(step, tuple) else (step, None)
        field = table.Offset(4 + 2 * slot)
        if index is None:
            position = table.Indirect(table.Pos + field)
        else:
            assert index < table.VectorLen(field)
            position = table.Indirect(table.Vector(field) + 4 * index)
        table = flatbuffers.table.Table(table.Bytes, position)
    return table


def _text(table, slot):
    return table.String(table.Pos + table.Offset(4 + 2 * slot))


def _byte(table, slot):
    return table.Bytes[table.Pos + table.Offset(4 + 2 * slot)]


def test_tokenizer_and_labels_are_where_mediapipe_looks_for_them(packed):
    parsed = schema.ModelT.InitFromPackedBuf(packed)
    data = bytes(parsed.buffers[parsed.metadata[-1].buffer].data)
    root = flatbuffers.table.Table(data, struct.unpack_from("<I", data)[0])
    assert [_text(root, slot) for slot in (0, 2, 7)] == [b"Tiny", b"1", b"1.1.0"]
    tokenizer = _follow(root, (3, 0), (5, 0))
    assert _byte(tokenizer, 0) == 4
    vocabulary = _follow(tokenizer, 1, (0, 0))
    assert (_text(vocabulary, 0), _byte(vocabulary, 2)) == (b"vocab.txt", 5)
    probability = _follow(root, (3, 0), (3, 0))
    assert _text(probability, 0) == b"probability"
    labels = _follow(probability, (6, 0))
    assert (_text(labels, 0), _byte(labels, 2)) == (b"labels.txt", 2)
    assert _text(_follow(root, (6, 0)), 0) == b"model/config.json"


def test_a_sound_file_without_metadata_gives_none(model, quantized):
    assert read_metadata(model) is None
    assert read_metadata(quantized) is None


@pytest.mark.parametrize("kind", ["model", "quantized"])
def test_outputs_are_the_same_to_the_bit(kind, request):
    model = request.getfixturevalue(kind)
    np.testing.assert_array_equal(_run(_add(model)), _run(model))


def test_the_models_own_bytes_are_kept_and_aligned(model, packed):
    assert packed.find(model) % 64 == 0
    assert packed.find(model) > 0


def test_the_archive_lies_behind_the_model_uncompressed_and_at_true_offsets(model, packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["labels.txt", "model/config.json", "vocab.txt"]
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    assert packed.index(b"PK\x03\x04") == packed.find(model) + len(model)
    directory_offset = struct.unpack_from("<I", packed, len(packed) - 22 + 16)[0]
    assert packed[directory_offset : directory_offset + 4] == b"PK\x01\x02"


def test_the_same_input_gives_the_same_bytes(model, packed):
    assert _add(model, files=dict(reversed(FILES.items()))) == packed


def test_entries_of_the_converter_stay(model, packed):
    before = schema.ModelT.InitFromPackedBuf(model)
    after = schema.ModelT.InitFromPackedBuf(packed)
    assert [entry.name for entry in after.metadata] == [entry.name for entry in before.metadata] + [b"TFLITE_METADATA"]
    assert b"min_runtime_version" in [entry.name for entry in before.metadata]
    for old, new in zip(before.metadata, after.metadata, strict=False):
        assert bytes(after.buffers[new.buffer].data) == bytes(before.buffers[old.buffer].data)
    assert len(after.buffers) == len(before.buffers) + 1
    assert bytes(after.buffers[after.metadata[-1].buffer].data)[4:8] == b"M001"
    assert after.description == before.description
    assert after.version == before.version == 3
    assert [signature.signatureKey for signature in after.signatureDefs] == [b"serving_default"]


def test_a_model_without_labels(model):
    read = read_metadata(_add(model, files={"vocab.txt": b"[PAD]\n"}))
    assert read is not None
    assert dict(read.files) == {"vocab.txt": b"[PAD]\n"}


def test_other_names_of_the_files(model):
    files = {"words": b"[PAD]\n", "classes": b"a\nb\n"}
    read = read_metadata(_add(model, files=files, vocabulary_file="words", labels_file="classes"))
    assert read is not None
    assert read.files == files


def test_compressed_archives_of_other_writers_are_read(packed):
    read = read_metadata(_with_zip(packed, _zip(FILES, zipfile.ZIP_DEFLATED)))
    assert read is not None
    assert read.files == FILES


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_names": ["ids", "mask"]}, "the model has 3 inputs"),
        ({"input_names": ["ids", "ids", "mask"]}, "all different"),
        ({"output_names": ["a", "b"]}, "the model has 1 outputs"),
        ({"files": {"labels.txt": b"a\n"}}, "needs the vocabulary as the file 'vocab.txt'"),
        ({"files": {"vocab.txt": b"", "../x": b""}}, r"without '\.\.', this one is named '\.\./x'"),
        ({"files": {"vocab.txt": bytes(64 * 1024 * 1024 + 1)}}, "67108864 bytes at most, these have 67108865"),
    ],
)
def test_what_cannot_be_added(model, changes, message):
    with pytest.raises(InputError, match=message):
        _add(model, **changes)


def test_names_in_another_order_than_the_signatures_are_refused(model):
    with pytest.raises(InputError, match="in the order of the subgraph's inputs, which is"):
        _add(model, input_names=_input_names(model)[::-1])


def test_names_that_the_signature_does_not_know_are_taken(model):
    read = read_metadata(_add(model, input_names=["a", "b", "c"]))
    assert read is not None
    assert read.input_names == ("a", "b", "c")


def test_metadata_is_not_added_twice(packed):
    with pytest.raises(InputError, match="this one has 'TFLITE_METADATA' already"):
        _add(packed)


@pytest.mark.parametrize("data", [b"", b"TFL3", b"PK\x03\x04" + bytes(60), b"\x08\0\0\0tfl3" + bytes(60)])
def test_what_is_no_tflite_file(data):
    with pytest.raises(InputError, match="identifier b'TFL3'"):
        read_metadata(data)


@pytest.mark.parametrize("kind", ["model", "quantized", "packed"])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999])
def test_a_file_cut_anywhere_is_refused(kind, share, request):
    whole = request.getfixturevalue(kind)
    with pytest.raises(InputError, match=r"identifier b'TFL3'|was cut short or damaged"):
        read_metadata(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", ["model", "quantized", "packed"])
def test_a_file_without_its_last_bytes_is_refused(kind, request):
    whole = request.getfixturevalue(kind)
    for missing in range(1, 300):
        with pytest.raises(InputError, match="was cut short or damaged"):
            read_metadata(whole[:-missing])


def test_a_file_cut_exactly_before_its_archive_is_refused(packed):
    with pytest.raises(InputError, match="packed as a ZIP archive behind the model"):
        read_metadata(_with_zip(packed, b""))


def test_a_model_cut_short_gets_no_metadata(model):
    with pytest.raises(InputError, match="was cut short or damaged"):
        add_metadata(model[:-1], name="", description="", input_names=(), output_names=(), files={})


def test_an_archive_without_a_named_file_is_refused(packed):
    with pytest.raises(InputError, match=r"\['labels.txt', 'model/config.json'\] are not in this file"):
        read_metadata(_with_zip(packed, _zip({"vocab.txt": b""})))


def test_a_changed_byte_in_a_packed_file_is_refused(packed):
    with pytest.raises(InputError, match="Bad CRC-32"):
        read_metadata(packed.replace(b"[CLS]", b"[CLZ]"))


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil", "C:evil", "\\evil"])
def test_entries_that_leave_their_folder_are_refused(packed, name):
    with pytest.raises(InputError, match="relative path without"):
        read_metadata(_with_zip(packed, _zip({**FILES, name: b""})))


def test_an_archive_that_declares_too_much_is_refused(packed):
    half = bytes(32 * 1024 * 1024)
    bomb = _zip({**FILES, "a": half, "b": half}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(InputError, match="67108864 bytes at most"):
        read_metadata(_with_zip(packed, bomb))


def test_an_archive_that_declares_less_than_it_holds_is_not_unpacked(packed):
    size = 65 * 1024 * 1024 + 12345
    bomb = _zip({**FILES, "a": bytes(size)}, zipfile.ZIP_DEFLATED)
    assert bomb.count(struct.pack("<I", size)) == 2  # before the file and in the archive's directory
    lying = _with_zip(packed, bomb.replace(struct.pack("<I", size), struct.pack("<I", 10)))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="cannot be read"):
            read_metadata(lying)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_model_with_weights_behind_its_flatbuffer_is_refused(model):
    parsed = schema.ModelT.InitFromPackedBuf(model)
    parsed.buffers[1].offset, parsed.buffers[1].size = 16, 4
    builder = flatbuffers.Builder(len(model))
    builder.Finish(parsed.Pack(builder), b"TFL3")
    changed = bytes(builder.Output())
    assert read_metadata(changed) is None
    with pytest.raises(InputError, match="keeps weights behind it"):
        add_metadata(changed, name="", description="", input_names=_input_names(model), output_names=["a"], files=FILES)
    beyond = changed.replace(struct.pack("<Q", 16), struct.pack("<Q", 2**40))
    with pytest.raises(InputError, match="was cut short or damaged"):
        read_metadata(beyond)


def test_damaged_files_give_input_errors_only(quantized, packed):
    random = np.random.default_rng(0)
    for sound in (quantized, packed):
        for _ in range(1000):
            damaged = bytearray(sound)
            for place in random.integers(0, len(sound), 3):
                damaged[place] = random.choice([0, 255, int(random.integers(256))])
            with contextlib.suppress(InputError):
                read_metadata(bytes(damaged))
