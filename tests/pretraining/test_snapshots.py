"""States on disk: the last few and the best, each whole or not at all."""

import errno
import re

import keras
import numpy as np
import pytest
import safetensors.numpy

from kbert.errors import InputError
from kbert.pretraining.snapshots import Snapshots

IDENTITY = {
    "seed": 1,
    "architecture": {"hidden_dim": 16, "num_layers": 2},
    "text": [{"max_length": 16, "sources": ["a", "b"]}],
}


def variables(value: float, columns: int = 2) -> dict[str, keras.Variable]:
    return {"model.0": keras.Variable(np.full((3, columns), value, "float32")), "model.1": keras.Variable(value)}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_last_ones_and_the_best_are_kept(tmp_path):
    snapshots = Snapshots(tmp_path, IDENTITY, keep=2)
    assert snapshots.last_step() is None
    assert (snapshots.load_best(), snapshots.best_metrics()) == (None, {})
    for step in (900, 1000, 99_999_999, 100_000_000):
        snapshots.save(step, variables(step))
        if step in (900, 1000):
            snapshots.save_best(step, {"weight": np.array([step], "float32")}, {"loss": 1 / step})
    # All are there until the newest is known to be good.
    assert len(names(tmp_path)) == 5
    snapshots.delete_old()
    # By number, not by name: the last step has a digit more.
    assert names(tmp_path) == ["best.safetensors", "step-100000000.safetensors", "step-99999999.safetensors"]
    assert snapshots.last_step() == 100_000_000
    assert snapshots.load_best() == {"weight": 1000.0}
    assert snapshots.best_metrics() == {"loss": 0.001}


def test_restoring_the_newest(tmp_path):
    snapshots = Snapshots(tmp_path, IDENTITY, keep=3)
    for step in (1, 2, 3):
        snapshots.save(step, variables(step * 0.5))
    snapshots.drop(3)
    snapshots.drop(7)
    now = variables(0.0)
    assert snapshots.restore(now) == 2
    np.testing.assert_array_equal(now["model.0"], np.ones((3, 2)))
    assert float(now["model.1"].numpy()) == 1.0


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), safetensors.SafetensorError("I/O")]
)
def test_a_full_disk_keeps_the_state_before(tmp_path, monkeypatch, error):
    snapshots = Snapshots(tmp_path, IDENTITY, keep=1)
    snapshots.save(1, variables(1.0))

    def half_written(arrays, path, metadata):
        path.write_bytes(b"half")
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(safetensors.numpy, "save_file", half_written)
        with pytest.raises(InputError, match=f"^{re.escape(str(tmp_path))}: could not be written .*nothing was put in"):
            snapshots.save(2, variables(2.0))
    assert names(tmp_path) == ["step-00000001.safetensors"]
    assert snapshots.restore(variables(0.0)) == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"seed": 2}, "cannot resume with another seed: it was 1, got 2"),
        (
            {"architecture": {"hidden_dim": 32, "num_layers": 2}},
            "cannot resume with another architecture: hidden_dim was 16, got 32",
        ),
        ({"text": [{"max_length": 16, "sources": ["c"]}]}, "cannot resume with another text: give the same files as"),
        (
            {"text": [{"max_length": 32, "sources": ["a", "b"]}]},
            "cannot resume with another text: max_length was 16, got 32$",
        ),
        ({"text": []}, "cannot resume with another text: give the same files as before$"),
    ],
)
def test_another_run_is_refused(tmp_path, changed, message):
    Snapshots(tmp_path, IDENTITY, keep=1).save(5, variables(1.0))
    now = variables(0.0)
    place = re.escape(str(tmp_path / "step-00000005.safetensors"))
    with pytest.raises(InputError, match=f"^{place}: {message}"):
        Snapshots(tmp_path, {**IDENTITY, **changed}, keep=1).restore(now)
    assert float(now["model.1"].numpy()) == 0.0


def test_what_a_worker_does_not_know_is_not_compared(tmp_path):
    Snapshots(tmp_path, {**IDENTITY, "validation": [{"windows": 9}]}, keep=1).save(5, variables(1.0))
    assert Snapshots(tmp_path, IDENTITY, keep=1).restore(variables(0.0)) == 5
    with pytest.raises(InputError, match="another validation: windows was 9, got 8$"):
        Snapshots(tmp_path, {**IDENTITY, "validation": [{"windows": 8}]}, keep=1).restore(variables(0.0))


def test_variables_of_other_shapes_are_refused(tmp_path):
    snapshots = Snapshots(tmp_path, IDENTITY, keep=1)
    snapshots.save(5, variables(1.0))
    with pytest.raises(InputError, match=r"another architecture: model.0 expected \[3, 4\], got \[3, 2\]$"):
        snapshots.restore(variables(0.0, columns=4))
    with pytest.raises(InputError, match=r"another architecture: model.2 expected \[3, 2\], got None$"):
        snapshots.restore({"model.2": variables(0.0)["model.0"]})


def test_a_damaged_state_is_named(tmp_path):
    snapshots = Snapshots(tmp_path, IDENTITY, keep=2)
    snapshots.save(1, variables(1.0))
    snapshots.save(2, variables(2.0))
    path = tmp_path / "step-00000002.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(
        InputError, match=f"^{re.escape(str(path))}: damaged, .*Delete it to go on from the one before$"
    ):
        snapshots.restore(variables(0.0))
    path.unlink()
    assert snapshots.restore(variables(0.0)) == 1


def test_nothing_to_resume(tmp_path):
    with pytest.raises(InputError, match=r"nothing to resume here, found no step-\*.safetensors in training/$"):
        Snapshots(tmp_path, IDENTITY, keep=1).restore(variables(0.0))
