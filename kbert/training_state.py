"""The state of a run between two steps: everything that makes the rest of it the same as if it had not stopped."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kbert.errors import InputError
from kbert.files import explained_disk_errors

FOLDER = "training"


def check_resumable(run: Path) -> None:
    """Raises InputError where there is no state to go on from."""
    if not (run / FOLDER).is_dir():
        raise InputError(f"{run}: nothing to resume here, found no folder {FOLDER}/")


@dataclasses.dataclass(kw_only=True)
class Position:
    """Where a run stands. `batch` counts those done in `epoch` (from 0); metrics are those of finished epochs."""

    epoch: int = 0
    batch: int = 0
    best_epoch: int | None = None
    best_metric: float | None = None
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)


class TrainingState:
    """Writes and reads `RUN/training/`: `last.safetensors` and `best.safetensors`, each replaced in one rename.

    `identity` is what must be the same for a resumed run to be the same run: settings and data.
    """

    def __init__(self, run: Path, identity: dict[str, Any]) -> None:
        self.folder = run / FOLDER
        self.identity = identity

    def save_last(self, model: keras.Model, position: Position) -> None:
        """Saves weights, optimizer and random state with the position that they belong to."""
        save_state(
            self.folder,
            "last",
            state_variables(model, model.optimizer),
            {"position": dataclasses.asdict(position), "identity": self.identity},
        )

    def save_best(self, weights: dict[str, np.ndarray]) -> None:
        save_state(self.folder, "best", weights, {})

    def load_best(self, variables: Mapping[str, keras.Variable]) -> dict[str, np.ndarray]:
        """The best epoch's weights, for these variables.

        Raises:
            InputError: there are none, they are damaged, or those of another model.
        """
        from safetensors.numpy import load_file

        path = self.folder / "best.safetensors"
        with _explained_damage(path):
            weights: dict[str, np.ndarray] = load_file(path)
            for name, variable in variables.items():
                if weights[name].shape != tuple(variable.shape):
                    raise ValueError(f"{name} has the shape {weights[name].shape}, not {tuple(variable.shape)}")
        return weights

    def restore(self, model: keras.Model) -> Position:
        """Puts the last state back into a compiled model of the same shape.

        Raises:
            InputError: there is no state, it is damaged, or it belongs to a run with other settings or data; says
                which.
        """
        import safetensors

        path = self.folder / "last.safetensors"
        if not path.is_file():
            raise InputError(f"{self.folder.parent}: nothing to resume here, found no {path.name} in {FOLDER}/")
        with _explained_damage(path), safetensors.safe_open(path, "np") as file:
            facts = json.loads(file.metadata()["state"])
            for name, then in facts["identity"].items():
                now = json.loads(json.dumps(self.identity.get(name)))
                if now != then:
                    raise InputError(
                        f"{self.folder.parent}: cannot resume with another {name}: it was {then}, got {now}"
                    )
            for name, variable in state_variables(model, model.optimizer).items():
                variable.assign(file.get_tensor(name))
            return Position(**facts["position"])


@contextlib.contextmanager
def _explained_damage(path: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except InputError:
        raise
    # No file, no whole safetensors file, no such tensor, no facts, or the shapes of another model.
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise InputError(
            f"{path}: expected a whole state of the run, could not read it ({reason}). Start again with --overwrite"
        ) from None


def state_variables(model: keras.Model, optimizer: Any) -> dict[str, keras.Variable]:
    """Everything that training changes, by name; the model's variables include the states of its dropout seeds."""
    teaching = getattr(model, "teaching", None)
    groups = {
        "model": model.variables,
        "teaching": [] if teaching is None else teaching.trainable_variables,
        "optimizer": optimizer.variables,
    }
    return {f"{group}.{i}": variable for group, found in groups.items() for i, variable in enumerate(found)}


def save_state(folder: Path, name: str, values: Mapping[str, Any], facts: dict[str, Any]) -> None:
    """Writes variables or arrays, with facts in JSON, as `NAME.safetensors`, in one rename.

    Raises:
        InputError: it cannot be written; what was there before stays.
    """
    from safetensors.numpy import save_file

    with explained_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f"{name}.partial"
        arrays = {key: np.asarray(keras.ops.convert_to_numpy(value), order="C") for key, value in values.items()}
        try:
            save_file(arrays, partial, metadata={"state": json.dumps(facts)})
            os.replace(partial, folder / f"{name}.safetensors")
        finally:
            partial.unlink(missing_ok=True)
