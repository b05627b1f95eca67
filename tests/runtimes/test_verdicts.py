"""Where `check` says yes, the runtime gives kbert's labels; where it says no, the runtime refuses or gives others."""

import functools

import numpy as np
import pytest

from kbert.export.check.artefact import check_artefact
from kbert.export.check.transformers_js import DTYPES
from kbert.export.runtime import open_artefact

TFLITE = ("model.tflite", "model_float32.tflite", "model_float16.tflite", "model_int4.tflite")
ONNX = ("onnx/model_quantized.onnx", "onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_q4.onnx")
SCRIPTS = {
    "tflite-runtime": "run_tflite.py",
    "openvino": "run_openvino.py",
    "mediapipe": "run_mediapipe.py",
    "onnxruntime-web": "run_onnxruntime_web.mjs",
    "transformers.js": "run_transformers_js.mjs",
}
ENVIRONMENTS = {"onnxruntime-web": "node", "transformers.js": "node"}
# By label: they tokenize themselves.
FROM_TEXT = ("mediapipe", "transformers.js")
PAIRS = [
    *((file, runtime) for file in TFLITE for runtime in ("tflite-runtime", "mediapipe", "openvino")),
    *((file, runtime) for file in ONNX for runtime in ("onnxruntime-web", "transformers.js", "openvino")),
]
# Runtimes quantize activations on their own grids, or not at all, which moves probabilities of 8- and 4-bit files: by
# 0.2 at most in a few texts of a real model. A label may only change where the best two are closer than this.
CLOSE_CALL = 0.2
TEXTS = 200
FEWER_TEXTS = 60  # where ids come from kbert, the lengths are what matters


@pytest.fixture(scope="module")
def kbert_says(folder, texts):
    """The model, the texts that it takes whole, and its probabilities, by file."""

    @functools.cache
    def say(file: str):
        model = open_artefact(folder / file)
        tokenizer = model.known_tokenizer()
        fitting = [text for text in texts if len(tokenizer.encode(text).token_ids) <= model.max_length][:TEXTS]
        return model, fitting, model.predict_proba(fitting)

    return say


@pytest.mark.parametrize(("file", "runtime"), PAIRS)
def test_verdict(folder, kbert_says, ask, file, runtime, capsys):
    if not (folder / file).is_file():
        pytest.skip(f"{file}: not in this export directory")
    model, texts, ours = kbert_says(file)
    if runtime != "mediapipe":
        texts, ours = texts[:FEWER_TEXTS], ours[:FEWER_TEXTS]
    verdict = next(verdict for verdict in check_artefact(folder / file) if verdict.runtime == runtime)
    arguments = [folder / file]
    if runtime == "transformers.js":
        arguments = [folder, DTYPES[(folder / file).stem.removeprefix("model")]]
    request = {"texts": texts} if runtime in FROM_TEXT else {"ids": [row.tolist() for row in model.encode(texts)]}
    answer = ask(ENVIRONMENTS.get(runtime, runtime), SCRIPTS[runtime], arguments, request)
    if answer.error:
        report(capsys, f"{file} in {runtime}: check says {verdict.accepted}, it refuses: {answer.error[:150]!r}")
        assert not verdict.accepted, answer.error
        return
    rows = [[row[label] for label in model.labels] if isinstance(row, dict) else row for row in answer.probabilities]
    theirs = np.asarray(rows)
    changed = theirs.argmax(axis=1) != ours.argmax(axis=1)
    best = np.sort(ours, axis=1)
    far = changed & (best[:, -1] - best[:, -2] > CLOSE_CALL)
    shift = abs(theirs - ours).max()
    report(
        capsys,
        f"{file} in {runtime}: check says {verdict.accepted}, {len(texts) - changed.sum()} of {len(texts)} labels are "
        f"kbert's, largest shift of a probability {shift:.2g}",
    )
    assert verdict.accepted is not bool(far.any()), (verdict.reasons, np.flatnonzero(far))


def report(capsys, line: str) -> None:
    """Prints what was found, also where nothing failed."""
    with capsys.disabled():
        print(f"\n  {' '.join(line.split())}")
