"""States of a run, every so many steps: the last few and the best, each put in place in one rename."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.errors import InputError
from kbert.training_state import save_state

_NAME = re.compile(r"step-([0-9]+)\.safetensors")
BEST = "best"


class Snapshots:
    """Writes and reads `step-*.safetensors` in a folder.

    `identity` is what must be the same for a resumed run to be the same run: settings, data, sizes of the model. What
    it does not name is not compared: held-out text is known to the chief alone.
    """

    def __init__(self, folder: Path, identity: dict[str, Any], keep: int) -> None:
        self.folder = folder
        self.identity = identity
        self.keep = keep
        self._best = folder / f"{BEST}.safetensors"

    def save(self, step: int, variables: dict[str, keras.Variable]) -> None:
        """Saves the state after so many steps, beside those that are there."""
        self._write(_state_name(step), variables, {"step": step})

    def delete_old(self) -> None:
        """Deletes the oldest states beyond `keep`; to be called once the newest is known to be good."""
        for old in self._paths()[: -self.keep]:
            old.unlink()

    def save_best(self, step: int, weights: dict[str, np.ndarray], metrics: dict[str, float]) -> None:
        """Saves weights by name, with the metrics that make them the best; there is one best."""
        self._write(BEST, weights, {"step": step, "metrics": metrics})

    def load_best(self) -> dict[str, np.ndarray] | None:
        from safetensors.numpy import load_file

        return load_file(self._best) if self._best.is_file() else None

    def give_best(self, variables: Mapping[str, keras.Variable]) -> None:
        """Gives variables the best weights by their names; where there are none they stay what they are."""
        best = self.load_best()
        if best is not None:
            for name, variable in variables.items():
                variable.assign(best[name])

    def best_metrics(self) -> dict[str, float]:
        """The metrics of the best weights; empty where there are none."""
        import safetensors

        if not self._best.is_file():
            return {}
        with safetensors.safe_open(self._best, "np") as file:
            metrics: dict[str, float] = json.loads(file.metadata()["state"])["metrics"]
        return metrics

    def last_step(self) -> int | None:
        """The step of the newest state; None where there is none to go on from."""
        paths = self._paths()
        return _step_of(paths[-1]) if paths else None

    def drop(self, step: int) -> None:
        """Deletes the state after so many steps, if there is one."""
        (self.folder / f"{_state_name(step)}.safetensors").unlink(missing_ok=True)

    def restore(self, variables: dict[str, keras.Variable]) -> int:
        """Puts the newest state back; returns its step.

        Raises:
            InputError: there is no state, or it belongs to another run or model; says what differs.
        """
        import safetensors

        paths = self._paths()
        if not paths:
            raise InputError(f"{self.folder.parent}: nothing to resume here, found no step-*.safetensors in training/")
        try:
            with safetensors.safe_open(paths[-1], "np") as file:
                identity = json.loads(file.metadata()["state"])["identity"]
                self._check(
                    paths[-1], identity, {name: file.get_slice(name) for name in sorted(file.keys())}, variables
                )
                for name, variable in variables.items():
                    variable.assign(file.get_tensor(name))
        except safetensors.SafetensorError as error:
            raise InputError(
                f"{paths[-1]}: damaged, could not be read ({error}). Delete it to go on from the one before"
            ) from None
        return _step_of(paths[-1])

    def _check(self, path: Path, then: dict[str, Any], saved: dict[str, Any], variables: dict[str, Any]) -> None:
        for name, value in then.items():
            if name not in self.identity:
                continue
            now = json.loads(json.dumps(self.identity[name]))
            if now != value:
                raise InputError(f"{path}: cannot resume with another {name}: {_difference(value, now)}")
        for name, variable in variables.items():
            shape = saved[name].get_shape() if name in saved else None
            if shape != list(variable.shape):
                raise InputError(
                    f"{path}: cannot resume with another architecture: {name} expected {list(variable.shape)}, "
                    f"got {shape}"
                )

    def _paths(self) -> list[Path]:
        found = [path for path in self.folder.glob("step-*.safetensors") if _NAME.fullmatch(path.name)]
        return sorted(found, key=_step_of)

    def _write(self, name: str, values: Mapping[str, Any], facts: dict[str, Any]) -> None:
        save_state(self.folder, name, values, {"identity": self.identity, **facts})


def _state_name(step: int) -> str:
    return f"step-{step:08d}"


def _step_of(path: Path) -> int:
    return int(path.name.removeprefix("step-").removesuffix(".safetensors"))


def _difference(then: Any, now: Any, name: str = "it") -> str:
    """What changed, in a few words: of dicts only the entries that did, of lists of files no more than that."""
    if isinstance(then, dict) and isinstance(now, dict):
        return ", ".join(_difference(then[key], now.get(key), key) for key in then if then[key] != now.get(key))
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now) and name != "sources":
        return ", ".join(_difference(a, b, name) for a, b in zip(then, now, strict=True) if a != b)
    if isinstance(then, list) or isinstance(now, list):
        return "give the same files as before"
    return f"{name} was {then}, got {now}"
