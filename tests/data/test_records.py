import numpy as np
import pytest

from kbert.data.packing import Window
from kbert.data.records import encode_example, record_file, write_record

WINDOWS = [
    Window([0, 1, 127, 128, 300, 119_546, 2**31 - 1], [0, 3], 0),
    Window([5], [0], (7 << 32) + 123_456),
    Window(list(range(1000)), list(range(0, 1000, 10)), 2**62),
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.tfrecord.gz"
    with record_file(path) as opened:
        for window in WINDOWS:
            write_record(opened, encode_example(window))
    return path


def test_an_example_is_what_tensorflow_writes():
    import tensorflow as tf

    for window in WINDOWS:
        values = {
            "document": [window.document],
            "sentence_starts": window.sentence_starts,
            "token_ids": window.token_ids,
        }
        feature = {name: tf.train.Feature(int64_list=tf.train.Int64List(value=v)) for name, v in values.items()}
        example = tf.train.Example(features=tf.train.Features(feature=feature))
        assert encode_example(window) == example.SerializeToString(deterministic=True)


def test_tensorflow_reads_the_file(file):
    import tensorflow as tf

    features = {
        "document": tf.io.FixedLenFeature([], tf.int64),
        "sentence_starts": tf.io.RaggedFeature(tf.int64),
        "token_ids": tf.io.RaggedFeature(tf.int64),
    }
    records = tf.data.TFRecordDataset(str(file), compression_type="GZIP")
    parsed = [tf.io.parse_single_example(record, features) for record in records]
    assert [int(row["document"]) for row in parsed] == [window.document for window in WINDOWS]
    for row, window in zip(parsed, WINDOWS, strict=True):
        np.testing.assert_array_equal(row["sentence_starts"], window.sentence_starts)
        np.testing.assert_array_equal(row["token_ids"], window.token_ids)


def test_neither_name_nor_time_is_in_the_file(file, tmp_path):
    data = file.read_bytes()
    assert data[:4] == b"\x1f\x8b\x08\x00"  # gzip, deflated, no flags: no name
    assert data[4:8] == bytes(4)  # no time
    other = tmp_path / "other.gz"
    with record_file(other) as opened:
        for window in WINDOWS:
            write_record(opened, encode_example(window))
    assert other.read_bytes() == data
