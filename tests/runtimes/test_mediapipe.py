"""Where MediaPipe's tokenizer differs, and what it refuses."""

import io
import zipfile

import pytest

from kbert.export.check.mediapipe import check_mediapipe
from kbert.export.check.tflite_file import read_tflite
from kbert.export.runtime import open_artefact


@pytest.fixture
def classify(ask):
    return lambda path, *texts: ask("mediapipe", "run_mediapipe.py", [path], {"texts": texts})


def differs(folder, classify, text: str) -> float:
    """The largest shift of a probability between MediaPipe and kbert."""
    path = folder / "model_float32.tflite"
    model = open_artefact(path)
    ours = dict(zip(model.labels, model.predict_proba([text])[0], strict=True))
    (theirs,) = classify(path, text).probabilities
    return max(abs(ours[label] - theirs[label]) for label in model.labels)


def test_english_with_capitals_is_read_as_in_training(folder, classify):
    assert differs(folder, classify, "Play some Music, please!") < 1e-4


@pytest.mark.parametrize("text", ["pläy söme müsic", "PLAY SÖME MÜSIC"])
def test_accents_are_not(folder, classify, text):
    assert differs(folder, classify, text) > 1e-4


def test_a_text_beyond_the_position_table_is_an_error(folder, classify):
    assert classify(folder / "model_float32.tflite", "good " * 1000).error


def test_names_that_it_does_not_know(folder, classify, tmp_path):
    path = tmp_path / "model.tflite"
    # the names of the metadata come before the model's own
    path.write_bytes((folder / "model_float32.tflite").read_bytes().replace(b"segment_ids", b"segment_idz", 1))
    assert "segment_idz" in check_mediapipe(read_tflite(path)).reasons[0]
    assert "Input tensor indices form the set" in classify(path, "a text").error


def test_compressed_files(folder, classify, tmp_path):
    data = (folder / "model_float32.tflite").read_bytes()
    path = tmp_path / "model.tflite"
    path.write_bytes(data[: data.index(b"PK\x03\x04")])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, zipfile.ZipFile(io.BytesIO(data)) as stored:
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    (reason,) = check_mediapipe(read_tflite(path)).reasons
    assert reason.startswith("packed files must be stored uncompressed")
    assert classify(path, "a text").error


def test_a_file_without_metadata(folder, classify, tmp_path):
    from ai_edge_litert.tools import flatbuffer_utils

    path = tmp_path / "model.tflite"
    graph = flatbuffer_utils.read_model(str(folder / "model_float32.tflite"))
    graph.metadata = []
    flatbuffer_utils.write_model(graph, str(path))
    assert check_mediapipe(read_tflite(path)).reasons == (
        "it wants TFLite Metadata with a BERT tokenizer, there is no metadata",
    )
    assert classify(path, "a text").error
