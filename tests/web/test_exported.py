"""What `kbert serve` refuses, before a browser opens."""

import shutil

import onnx
import pytest

from kbert.errors import InputError
from kbert.web.exported import exported_files, metadata_properties

MODEL = "onnx/model.onnx"


@pytest.fixture
def copy(classifier_export, tmp_path):
    """An export with one file, which may be spoilt."""
    folder = tmp_path / "exported"
    (folder / "onnx").mkdir(parents=True)
    shutil.copy(classifier_export / MODEL, folder / MODEL)
    return folder


def test_the_files_of_an_export(classifier_export):
    found = exported_files(classifier_export)
    assert list(found) == ["onnx/model.onnx", "onnx/model_quantized.onnx", "tokenizer_golden.json"]
    assert found["onnx/model.onnx"] == classifier_export / "onnx" / "model.onnx"


def test_the_properties_are_those_that_onnx_reads(classifier_export):
    model = onnx.load(classifier_export / MODEL)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    assert set(properties) == {"kbert:vocab.txt", "kbert:labels.txt", "kbert:kbert.json"}
    assert metadata_properties(classifier_export / MODEL) == properties


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short(copy, share):
    data = (copy / MODEL).read_bytes()
    (copy / MODEL).write_bytes(data[: int(share * len(data))])
    expected = "damaged or cut short" if share else "it is empty"
    with pytest.raises(InputError, match=rf"{MODEL}: expected .*{expected}"):
        exported_files(copy)


@pytest.mark.parametrize("content", [b"not a model at all", b"\xff" * 100, b"\x3a\x00" * 3 + b"\xff"])
def test_a_file_that_is_no_model(copy, content):
    (copy / MODEL).write_bytes(content)
    with pytest.raises(InputError, match=r"model.onnx: expected a whole ONNX file, this one is damaged or cut short"):
        exported_files(copy)


def test_a_file_that_kbert_did_not_export(copy):
    model = onnx.load(copy / MODEL)
    del model.metadata_props[:]
    onnx.save(model, copy / MODEL)
    with pytest.raises(InputError, match=r"model.onnx: expected kbert.json inside, found none"):
        exported_files(copy)


def test_a_task_that_the_page_does_not_show(copy):
    model = onnx.load(copy / MODEL)
    for entry in model.metadata_props:
        entry.value = entry.value.replace("text-classification", "question-answering")
    onnx.save(model, copy / MODEL)
    with pytest.raises(InputError, match=r"the page shows .*, this file is for question-answering. Ask it with kbert"):
        exported_files(copy)


def test_folders_without_models(tmp_path):
    (tmp_path / "model.tflite").touch()
    with pytest.raises(InputError, match=r"expected an .onnx file inside, found none. Make one: kbert export"):
        exported_files(tmp_path)
    with pytest.raises(InputError, match=r"expected an export directory, it is a file"):
        exported_files(tmp_path / "model.tflite")
    with pytest.raises(InputError, match=r"expected an export directory, found no such folder"):
        exported_files(tmp_path / "nothing")
