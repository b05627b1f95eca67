import pytest

from kbert.errors import InputError
from kbert.export.check.tflite_file import read_tflite

TENSORS = {"x": ("float32", (1, -1, 8)), "constant": ("int8", (4, 8), 4), "y": ("float32", (1, -1, 4))}


@pytest.fixture
def path(make_tflite):
    return make_tflite(TENSORS, [("FULLY_CONNECTED", 12, ["x", "constant"], ["y"])], ["x"], ["y"])


def test_what_a_file_holds(path):
    file = read_tflite(path)
    (operator,) = file.operators
    assert str(operator) == "FULLY_CONNECTED version 12"
    assert [str(tensor) for tensor in file.inputs] == ["x float32 [1, -1, 8]"]
    weights = operator.inputs[1]
    assert (weights.dtype, weights.shape, weights.constant, weights.scales) == ("int8", (4, 8), True, 4)
    assert (file.subgraphs, file.free_inputs, file.detached_weights) == (1, list(file.inputs), False)
    assert (file.metadata, file.vocabulary, file.facts, file.compressed) == (None, None, None, ())


def test_the_vocabulary_of_the_tokenizer(bert_tflite):
    file = read_tflite(bert_tflite())
    assert file.vocabulary.startswith(b"[PAD]\n[UNK]\n")
    assert file.metadata.input_names == ("ids", "mask", "segment_ids")
    assert file.length is None


def test_the_only_length(bert_tflite):
    assert read_tflite(bert_tflite(shapes=((1, 16),) * 3)).length == 16


@pytest.mark.parametrize("kept", [0, 7, 100, 300])
def test_a_file_that_was_cut_short(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=rf"^{path}: a TFLite file "):
        read_tflite(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"missing.tflite: cannot be read \(No such file or directory\)$"):
        read_tflite(tmp_path / "missing.tflite")
