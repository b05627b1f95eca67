import io
import zipfile

import pytest

from kbert.export.check.mediapipe import check_mediapipe
from kbert.export.check.tflite_file import read_tflite

STATIC = ((1, 16),) * 3


def verdict(path):
    return check_mediapipe(read_tflite(path))


def test_a_bert_classifier_with_metadata(bert_tflite):
    found = verdict(bert_tflite())
    assert found.accepted
    assert found.remarks == (
        "its tokenizer strips no accents: the model learned etat for état, and is given état",
        "its tokenizer lower-cases A to Z alone: É stays É",
        "it cuts no text for a free length; one beyond the position table is an error: cut it before",
    )


def test_a_static_length(bert_tflite):
    found = verdict(bert_tflite(shapes=STATIC))
    assert found.accepted
    assert found.remarks[-1] == "static length: it pads and cuts every text to 16 tokens itself"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dtype": "int64"}, "it wants int32 inputs, there is input0 int64 [1, -1]"),
        ({"shapes": ((1, -1),) * 2}, "it wants three inputs, there are 2"),
        (
            {"shapes": ((1, 16), (1, 16), (1, -1))},
            "it wants one length for all inputs, static or free, there are [-1, 16]",
        ),
        ({"shapes": ((-1, 16),) * 3}, "it wants inputs of one text, [1, length], there is input0 int32 [-1, 16]"),
        ({"subgraphs": 2}, "it wants one subgraph, there are 2"),
        ({"output": "int8"}, "it wants a float32 output, there is probability int8 [1, 2]"),
        ({"metadata": False}, "it wants TFLite Metadata with a BERT tokenizer, there is no metadata"),
        (
            {"names": ("input_ids", "mask", "segment_ids")},
            "the metadata must name the inputs ids, mask and segment_ids; it names input_ids, mask, segment_ids",
        ),
        ({"vocabulary": "[UNK]\n[CLS]\nfilm\n"}, "[SEP] is missing in the vocabulary"),
        (
            {"vocabulary": "[UNK]\n[CLS]\n[SEP]\nfilm\nLondon\n"},
            "its tokenizer lower-cases A to Z, the vocabulary is cased: London is read as london",
        ),
    ],
)
def test_what_it_refuses(bert_tflite, changes, reason):
    found = verdict(bert_tflite(**changes))
    assert not found.accepted
    assert reason in found.reasons
    assert found.remarks == ()


def test_compressed_files(bert_tflite):
    path = bert_tflite()
    data = path.read_bytes()
    files = {
        e.filename: zipfile.ZipFile(io.BytesIO(data)).read(e) for e in zipfile.ZipFile(io.BytesIO(data)).infolist()
    }
    packed = io.BytesIO(data[: data.index(b"PK\x03\x04")])
    packed.seek(0, io.SEEK_END)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    path.write_bytes(packed.getvalue())
    reason = "packed files must be stored uncompressed, labels.txt, vocab.txt is compressed (use zip -0)"
    assert verdict(path).reasons == (reason,)
