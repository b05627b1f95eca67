"""What the tests of foreign formats share."""

import importlib
import os

import numpy as np
import pytest


@pytest.fixture(scope="session")
def optional():
    """Imports a module of an extra: without it the test is skipped, but CI must have it."""

    def load(module: str):
        if os.environ.get("CI") != "true":
            return pytest.importorskip(module)
        try:
            return importlib.import_module(module)
        except ImportError as error:
            pytest.fail(f"{module} must be installed in CI ({error})")

    return load


@pytest.fixture(scope="session")
def features():
    """Two texts of five tokens: the first a pair with one [PAD] at its end, the second without padding."""
    rows = {
        "token_ids": [[2, 5, 6, 3, 0], [2, 7, 8, 9, 3]],
        "segment_ids": [[0, 0, 1, 1, 0], [0, 0, 0, 1, 1]],
        "padding_mask": [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]],
    }
    return {name: np.array(values, "int32") for name, values in rows.items()}


@pytest.fixture(scope="session")
def randomize():
    """Adds noise to variables: fresh biases are all 0 and scales all 1, which would hide an exchange of names."""

    def shake(variables, seed: int = 3) -> None:
        generator = np.random.default_rng(seed)
        for variable in variables:
            variable.assign(np.asarray(variable) + generator.normal(0.0, 0.3, variable.shape).astype("float32"))

    return shake


@pytest.fixture(scope="session")
def difference():
    """The largest difference between two arrays of the same shape, tensors included."""

    def largest(ours, theirs) -> float:
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        assert ours.shape == theirs.shape
        return float(np.max(np.abs(ours - theirs)))

    return largest
