"""SavedModels as a server loads them: raw text in, in a process that knows nothing of kbert."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export.facts import ArtefactFacts
from kbert.export.savedmodel import SavedModelArtefact, is_savedmodel, write_savedmodel
from kbert.files import size_on_disk

TEXTS = ["the film was good", "the DAY was bad !", "", "[MASK] the é\u0301 ﬁlm…", "good . " * 30, "a"]


@pytest.fixture(scope="module")
def versions(trained, tmp_path_factory):
    """A folder as TF Serving takes it, with the fine-tuned tiny classifier as version 1."""
    folder = tmp_path_factory.mktemp("served") / "savedmodel"
    facts = ArtefactFacts(
        task="text-classification",
        labels=trained.labels,
        tokenizer=trained.known_tokenizer(),
        max_length=trained.max_length,
        scheme="float32",
        kbert_version="0.1.0",
    )
    write_savedmodel(folder / "1", extract_weights(trained.named_variables()), trained.backbone.config, facts)
    return folder


@pytest.fixture(scope="module")
def artefact(versions):
    return SavedModelArtefact(versions / "1")


def test_it_gives_the_probabilities_of_the_full_model(artefact, trained, validation):
    # 2e-6: the same float32 operations in another order.
    texts = [*TEXTS, *validation.texts]
    np.testing.assert_allclose(artefact.predict_proba(texts), trained.predict_proba(texts), atol=2e-6)


def test_padding_does_not_change_a_text(artefact):
    batch = artefact.predict_proba(TEXTS)
    for text, row in zip(TEXTS, batch, strict=True):
        np.testing.assert_allclose(artefact.predict_proba([text])[0], row, atol=2e-6)


def test_ids_give_what_the_text_gives(artefact):
    for ids, row in zip(artefact.encode(TEXTS), artefact.predict_proba(TEXTS), strict=True):
        np.testing.assert_allclose(artefact.run(ids)["probability"], row, atol=2e-6)


def test_what_it_knows_of_itself(artefact, trained):
    assert artefact.labels == ("bad", "good")
    assert artefact.max_length == 16
    assert artefact.known_tokenizer().vocabulary == trained.tokenizer.vocabulary
    assert artefact.predict_proba([]).shape == (0, 2)


def test_the_highest_version_is_taken(versions, tmp_path):
    folder = tmp_path / "savedmodel"
    for number in ("9", "10"):
        shutil.copytree(versions / "1", folder / number)
    (folder / "10" / "assets.extra" / "kbert.json").unlink()
    assert is_savedmodel(folder)
    with pytest.raises(InputError, match="expected kbert.json inside, found none"):
        SavedModelArtefact(folder)


def test_size(versions):
    weights = (versions / "1/variables/variables.data-00000-of-00001").stat().st_size
    assert size_on_disk(versions) > weights
    assert size_on_disk(versions) == size_on_disk(versions / "1")


def test_any_tensorflow_runs_it_without_kbert(versions, artefact):
    code = f"""
import json, sys
import tensorflow as tf
model = tf.saved_model.load({str(versions / "1")!r})
answer = model.signatures["serving_default"](text=tf.constant({TEXTS!r}))
ids = model.signatures["tokenize"](text=tf.constant({TEXTS!r}))
loaded = sorted(name for name in ("kbert", "tensorflow_text", "tokenizers") if name in sys.modules)
print(json.dumps([
    [label.decode() for label in answer["label"].numpy()],
    answer["probability"].numpy().tolist(),
    answer["probabilities"].numpy().tolist(),
    model.signatures["classify_tokens"](**ids)["probabilities"].numpy().tolist(),
    ids["token_ids"].numpy().tolist(),
    loaded,
]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    labels, probability, probabilities, by_ids, ids, loaded = json.loads(done.stdout.splitlines()[-1])
    expected = artefact.predict_proba(TEXTS)
    assert loaded == []
    assert labels[:2] == ["good", "bad"]
    assert labels == [artefact.labels[row.argmax()] for row in expected]
    np.testing.assert_allclose(probabilities, expected, atol=2e-6)
    np.testing.assert_allclose(probability, expected.max(axis=1), atol=2e-6)
    np.testing.assert_allclose(by_ids, expected, atol=2e-6)
    unpadded = [row.token_ids.tolist() for row in artefact.encode(TEXTS)]
    assert ids == [row + [0] * (16 - len(row)) for row in unpadded]


def copy_without(versions, tmp_path, *, missing: str = "", cut: str = ""):
    folder = tmp_path / "model"
    shutil.copytree(versions / "1", folder)
    if missing:
        (folder / missing).unlink()
    if cut:
        (folder / cut).write_bytes((folder / cut).read_bytes()[:200])
    return folder


@pytest.mark.parametrize(
    ("missing", "cut", "message"),
    [
        ("saved_model.pb", "", "expected saved_model.pb inside, found none: not a SavedModel"),
        ("assets.extra/kbert.json", "", "expected kbert.json inside, found none: not a file that kbert exported"),
        ("variables/variables.index", "", "TensorFlow does not take this SavedModel"),
        ("", "saved_model.pb", "TensorFlow does not take this SavedModel"),
        ("", "variables/variables.data-00000-of-00001", "TensorFlow does not take this SavedModel"),
    ],
)
def test_a_damaged_folder_is_refused_in_one_line(versions, tmp_path, missing, cut, message):
    folder = copy_without(versions, tmp_path, missing=missing, cut=cut)
    with pytest.raises(InputError) as caught:
        SavedModelArtefact(folder)
    assert str(caught.value).startswith(f"{folder}: {message}")
    assert "\n" not in str(caught.value)


def test_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for name in ("nothing", "file"):
        assert not is_savedmodel(tmp_path / name)
        with pytest.raises(InputError, match="expected the folder of a SavedModel, found no such folder"):
            SavedModelArtefact(tmp_path / name)


def test_more_labels_than_probabilities_are_refused(versions, tmp_path):
    folder = copy_without(versions, tmp_path)
    (folder / "assets.extra" / "labels.txt").write_text("bad\ngood\nso so\n")
    with pytest.raises(InputError, match="expected a label for each of its 2 probabilities, its labels.txt has 3"):
        SavedModelArtefact(folder)


def test_what_is_no_text_is_refused(artefact):
    with pytest.raises(InputError, match="text 1 must be valid Unicode"):
        artefact.predict_proba(["good", "\ud83d"])


def test_threads_cannot_be_set_once_tensorflow_runs(versions, artefact):
    with pytest.raises(InputError, match="num_threads must be set before TensorFlow starts"):
        SavedModelArtefact(versions / "1", num_threads=61)
