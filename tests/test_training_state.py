"""States of a run on disk: there and back, and one clear line for a damaged one."""

import keras
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from kbert.errors import InputError
from kbert.training_state import Position, TrainingState

BEST = {"kernel": np.full((2, 1), 3.0, "float32")}


def model_of(value: float) -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.compile("sgd", loss="mse")
    model.layers[0].kernel.assign([[value], [value]])
    return model


@pytest.fixture
def state(tmp_path) -> TrainingState:
    """A state of weights 2.0 after an epoch whose best weights are 3.0."""
    state = TrainingState(tmp_path, {"seed": 1})
    state.save_last(model_of(2.0), Position(epoch=1, best_epoch=0))
    state.save_best(BEST)
    return state


def test_there_and_back(state):
    model = model_of(0.0)
    assert state.restore(model) == Position(epoch=1, best_epoch=0)
    np.testing.assert_array_equal(model.layers[0].kernel, [[2.0], [2.0]])
    np.testing.assert_array_equal(state.load_best({"kernel": model.layers[0].kernel})["kernel"], [[3.0], [3.0]])


@pytest.mark.parametrize("name", ["last", "best"])
@pytest.mark.parametrize("damage", ["cut", "empty", "other tensors", "other shapes"])
def test_a_damaged_state(state, name, damage):
    path = state.folder / f"{name}.safetensors"
    if damage in ("cut", "empty"):
        path.write_bytes(path.read_bytes()[: -1 if damage == "cut" else 0])
    else:
        with safe_open(path, "np") as file:
            metadata = file.metadata()
        tensors = {key: np.zeros(7, "float32") for key in load_file(path)}
        save_file({} if damage == "other tensors" else tensors, path, metadata=metadata)
    model = model_of(0.0)
    with pytest.raises(InputError) as error:
        state.restore(model) if name == "last" else state.load_best({"kernel": model.layers[0].kernel})
    assert str(error.value).startswith(f"{path}: expected a whole state of the run, could not read it (")
    assert str(error.value).endswith("). Start again with --overwrite")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("metadata", [None, {"state": "{}"}, {"state": "no JSON"}])
def test_a_state_without_its_facts(state, metadata):
    path = state.folder / "last.safetensors"
    save_file(load_file(path), path, metadata=metadata)
    with pytest.raises(InputError, match=r"last.safetensors: expected a whole state of the run, could not read it"):
        state.restore(model_of(0.0))
