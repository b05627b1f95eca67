"""Several fine-tuned runs averaged into one model, which costs no more than one of them (arXiv:2203.05482)."""

import dataclasses
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints import Checkpoint, open_checkpoint
from kbert.errors import InputError
from kbert.files import RUN_FILES, new_directory, write_json
from kbert.provenance import versions

WEIGHTS = "model.safetensors"
# What a run says of itself alone, and what it leaves beside the model: neither is true of an average.
OWN_FILES = (WEIGHTS, "curves.png", "metrics.jsonl")
# What a run says that is true of an average too.
KEPT_FACTS = ("task", "labels", "max_length", "task_settings")
DROPOUT = ("dropout", "attention_dropout", "classifier_dropout")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Soup:
    """An averaged run, and the runs that it is made of; with scores, its own and that of each run that was given."""

    run: Path
    members: tuple[Path, ...]
    score: float | None = None
    scores: tuple[float, ...] | None = None


def average_checkpoints(
    runs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    score: Callable[[Path], float] | None = None,
    overwrite: bool = False,
    command: str | None = None,
) -> Soup:
    """Averages the weights of runs that started from one checkpoint, and writes a run directory.

    Without a score it is the mean of all. With one it is the greedy soup: from the best run on, the next best is added
    where the average with it scores at least as high.

    Args:
        runs: run directories of one task, with the same sizes, labels and vocabulary; dropout may differ, as it does in
            a search. Runs from different pretrained weights have nothing in common to average.
        output: the run directory to write.
        score: what a run directory is worth, more being better; asked once for each run, and for each average.
        overwrite: replace what `output` holds.
        command: what to note in `kbert.json` as the command.

    Raises:
        InputError: fewer than two runs; one is no run directory, or differs from the first; says in what.
    """
    folders = [Path(run) for run in runs]
    if len(folders) < 2:
        raise InputError(f"expected at least two runs to average, got {len(folders)}")
    _check_alike([_open_run(folder) for folder in folders])
    # The folder of the output first: that it cannot be written must show before the scoring.
    with new_directory(output, overwrite=overwrite) as place:
        if score is None:
            members, best, scores = list(range(len(folders))), None, None
        else:
            members, best, scores = _greedy(folders, score)
        facts: dict[str, Any] = {"averaged": [os.fspath(folders[i]) for i in members], "command": command}
        if best is not None:
            facts["score"] = best
        _write_average([folders[i] for i in members], place, facts)
    return Soup(run=Path(output), members=tuple(folders[i] for i in members), score=best, scores=scores)


def _greedy(folders: Sequence[Path], score: Callable[[Path], float]) -> tuple[list[int], float, tuple[float, ...]]:
    scores = tuple(float(score(folder)) for folder in folders)
    first, *others = sorted(range(len(folders)), key=lambda i: -scores[i])
    members, best = [first], scores[first]
    with tempfile.TemporaryDirectory(prefix="kbert-soup-") as scratch:
        for i in others:
            place = Path(scratch) / str(i)
            place.mkdir()
            _write_average([folders[j] for j in [*members, i]], place, {})
            value = float(score(place))
            shutil.rmtree(place)
            if value >= best:
                members, best = [*members, i], value
    return members, best, scores


def _open_run(folder: Path) -> Checkpoint:
    if not (folder / "kbert.json").is_file() or not (folder / WEIGHTS).is_file():
        raise InputError(f"{folder}: expected a run directory, found no kbert.json and {WEIGHTS} in it")
    return open_checkpoint(folder)


def _check_alike(checkpoints: Sequence[Checkpoint]) -> None:
    first = _facts(checkpoints[0])
    for other in checkpoints[1:]:
        for name, value in _facts(other).items():
            if value != first.get(name):
                raise InputError(
                    f"{other.source}: cannot be averaged with {checkpoints[0].source}, {name} is not the same"
                    + (f": expected {first.get(name)}, got {value}" if len(str(value)) < 200 else "")
                )


def _facts(checkpoint: Checkpoint) -> dict[str, Any]:
    """What must be equal, by the name that an error gives it."""
    assert checkpoint.folder is not None
    sizes = {name: value for name, value in checkpoint.config.to_dict().items() if name not in DROPOUT}
    tokenizer = checkpoint.tokenizer().to_tokenizer_json()
    tensors = {name: value.shape for name, value in _read_weights(checkpoint.folder).items()}
    task = {name: checkpoint.run.get(name) for name in ("task", "labels", "max_length")}
    return {**task, **sizes, "the tokenizer": json.loads(tokenizer), "the list of tensors": tensors}


def _read_weights(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    weights: dict[str, np.ndarray] = load_file(folder / WEIGHTS)
    return weights


def _write_average(folders: Sequence[Path], place: Path, facts: dict[str, Any]) -> None:
    """Fills a folder with the first run's files and the mean of all weights, summed in float64."""
    from safetensors.numpy import save_file

    for name in RUN_FILES:
        if name not in OWN_FILES and (folders[0] / name).is_file():
            shutil.copyfile(folders[0] / name, place / name)
    sums: dict[str, np.ndarray] = {}
    for folder in folders:
        for name, value in _read_weights(folder).items():
            sums[name] = sums.get(name, 0.0) + value.astype("float64")
    mean = {name: np.ascontiguousarray(value / len(folders), "float32") for name, value in sums.items()}
    save_file(mean, place / WEIGHTS, metadata={"format": "pt"})
    (place / WEIGHTS).chmod(0o644)  # the library makes it private
    run = json.loads((folders[0] / "kbert.json").read_text("utf-8"))
    kept = {name: run[name] for name in KEPT_FACTS if name in run}
    write_json(place / "kbert.json", {**kept, **facts, "versions": versions()})
