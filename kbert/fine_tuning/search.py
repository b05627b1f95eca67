"""A search for settings: many trainings, of which the validation metric tells the best (Bayesian optimization).

KerasTuner chooses what to try next: at first at random, then where a Gaussian process over the trials so far expects
most (arXiv:1206.2944). A space of five settings is tried at random for fifteen trials; fewer trials are random search,
which is no bad thing either (Bergstra and Bengio, 2012).
"""

import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.extras import require
from kbert.finetune_settings import FinetuneSettings
from kbert.provenance import note_or_compare

PROJECT = "search"
IDENTITY = "search.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Range:
    """The values of a setting from `low` to `high`; `log` spreads trials evenly over orders of magnitude."""

    low: float
    high: float
    log: bool = False
    whole: bool = False


# What fine-tunings of BERT differ in (arXiv:1810.04805, A.3; arXiv:2006.04884); small encoders bear higher rates.
DEFAULT_SPACE: Mapping[str, Range] = {
    "learning_rate": Range(low=1e-5, high=5e-4, log=True),
    "epochs": Range(low=2, high=10, whole=True),
    "dropout": Range(low=0.0, high=0.3),
    "weight_decay": Range(low=1e-4, high=0.1, log=True),
    "layer_decay": Range(low=0.7, high=1.0),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """One training: its settings by name, where it was written, and its score; None where it failed, and then why."""

    number: int
    values: Mapping[str, float]
    folder: Path
    score: float | None
    error: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchResult:
    """What was searched, all trials in the order that they were made in, the best of them, and its settings."""

    metric: str
    space: Mapping[str, Range]
    trials: tuple[Trial, ...]
    best: Trial
    settings: FinetuneSettings


def search_settings(
    train_once: Callable[[FinetuneSettings, Path], float],
    base: FinetuneSettings,
    trials: int,
    folder: str | os.PathLike[str],
    *,
    seed: int = 0,
    space: Mapping[str, Range] | None = None,
    identity: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> SearchResult:
    """Trains with many settings and says which were best. The first trial is `base` itself.

    A search that was interrupted goes on with the same call, at the trial that was not finished; one that was finished
    goes on to more trials with a larger number of them. KerasTuner does not keep the state of all its random numbers:
    after the trials at random, the next ones may be others than without the interruption.

    Args:
        train_once: trains with the settings, writes to the folder, and returns the validation metric, more being
            better. An `InputError`, such as that of a training that diverged, makes a failed trial; every other error
            ends the search, and Ctrl-C does.
        base: what stays the same, and what the search starts from.
        trials: how many trainings, those of an earlier call included.
        folder: where the search keeps its state and the trials their results, in `trial-00`, `trial-01`, …
        seed: what the choice of settings is drawn from. Every trial has the seed of `base`.
        space: the settings to search, fields of `base`; by default those of `DEFAULT_SPACE` that it has. A range is
            widened to hold the value of `base`.
        identity: what else must be the same to go on, such as fingerprints of the data.
        say: called with one line after each trial.

    Raises:
        InputError: keras-tuner is not installed; the folder holds another search; all trials failed.
    """
    tuner_module = require("keras_tuner", extra="search")
    if trials < 1:
        raise InputError(f"trials must be at least 1. Received: {trials}")
    place = Path(folder)
    ranges = _ranges(base, space)
    about = {"base": dataclasses.asdict(base), "space": _plain(ranges), "seed": seed}
    _check_identity(place, {**about, **(identity or {})})
    with contextlib.redirect_stdout(sys.stderr):  # KerasTuner says so when it finds a search to go on with
        tuner = _make_tuner(tuner_module, train_once, base, ranges, trials, place, seed, say)
        try:
            tuner.search(verbose=0)
        except tuner_module.errors.FatalError as error:
            raise error.__cause__ or error from None
    done = sorted((_trial(trial, place) for trial in tuner.oracle.trials.values()), key=lambda trial: trial.number)
    scored = [trial for trial in done if trial.score is not None]
    if not scored:
        raise InputError(f"{place}: every trial failed, the last one with: {done[-1].error}")
    best = max(scored, key=lambda trial: trial.score or 0.0)  # the first of equals
    settings = _settings(base, best.number, best.values)
    return SearchResult(metric=str(base.metric), space=ranges, trials=tuple(done), best=best, settings=settings)


def _make_tuner(
    module: Any,
    train_once: Callable[[FinetuneSettings, Path], float],
    base: FinetuneSettings,
    ranges: Mapping[str, Range],
    trials: int,
    place: Path,
    seed: int,
    say: Callable[[str], None] | None,
) -> Any:
    class Oracle(module.oracles.BayesianOptimizationOracle):
        def populate_space(self, trial_id: str) -> dict[str, Any]:
            if not self.trials:
                return {"status": "RUNNING", "values": {hp.name: hp.default for hp in self.hyperparameters.space}}
            chosen: dict[str, Any] = super().populate_space(trial_id)
            return chosen

    class Tuner(module.Tuner):
        def run_trial(self, trial: Any, **kwargs: Any) -> float:
            import keras

            number = int(trial.trial_id)
            try:
                score = train_once(_settings(base, number, trial.hyperparameters.values), _folder(place, number))
            except InputError as error:
                raise module.errors.FailedTrialError(str(error)) from error
            except Exception as error:
                # KerasTuner takes any other error for a failed trial too, defects included.
                raise module.errors.FatalError(str(error)) from error
            finally:
                keras.utils.clear_session()  # the graphs of a trial are of no use to the next
            return float(score)

        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            if say is not None:
                say(_line(_trial(self.oracle.get_trial(trial.trial_id), place), str(base.metric)))

    hyperparameters = module.HyperParameters()
    for name, found in ranges.items():
        kind = hyperparameters.Int if found.whole else hyperparameters.Float
        low, high = (int(found.low), int(found.high)) if found.whole else (found.low, found.high)
        kind(name, low, high, sampling="log" if found.log else "linear", default=_start(base, name, found))
    oracle = Oracle(
        objective=module.Objective(base.metric, "max"),
        max_trials=trials,
        hyperparameters=hyperparameters,
        seed=seed + 1,  # 0 would be none to KerasTuner
        max_consecutive_failed_trials=trials + 1,
    )
    return Tuner(oracle=oracle, directory=str(place), project_name=PROJECT, overwrite=False)


def _ranges(base: FinetuneSettings, space: Mapping[str, Range] | None) -> dict[str, Range]:
    fields = {field.name for field in dataclasses.fields(base)}
    if space is None:
        space = {name: found for name, found in DEFAULT_SPACE.items() if name in fields}
    unknown = sorted(space.keys() - fields)
    if unknown or not space:
        raise InputError(f"expected settings to search, got {', '.join(unknown) or 'none'}")
    ranges = {}
    for name, found in space.items():
        start = _start(base, name, found)
        if found.log and start <= 0:  # no logarithm reaches it: the first trial alone has it
            ranges[name] = found
        else:
            ranges[name] = dataclasses.replace(found, low=min(found.low, start), high=max(found.high, start))
    return ranges


def _start(base: FinetuneSettings, name: str, found: Range) -> float:
    """The value of the first trial; the checkpoint's own dropout is taken for BERT's 0.1."""
    value = getattr(base, name)
    if value is None:
        return min(max(0.1, found.low), found.high)
    return max(value, found.low) if found.log and value <= 0 else value


def _settings(base: FinetuneSettings, number: int, values: Mapping[str, Any]) -> FinetuneSettings:
    return base if number == 0 else dataclasses.replace(base, **values)


def _folder(place: Path, number: int) -> Path:
    return place / f"trial-{number:02d}"


def _trial(trial: Any, place: Path) -> Trial:
    number = int(trial.trial_id)
    finished = trial.status == "COMPLETED"
    return Trial(
        number=number,
        values=dict(trial.hyperparameters.values),
        folder=_folder(place, number),
        score=float(trial.score) if finished else None,
        error=None if finished else _reason(trial.message),
    )


def _reason(message: str | None) -> str:
    """What the error said: the message is its traceback, or none where the metric was NaN."""
    return "the metric is nan" if not message else message.strip().splitlines()[-1].split(": ", 1)[-1]


def _line(trial: Trial, metric: str) -> str:
    values = ", ".join(f"{name} {value:.3g}" for name, value in trial.values.items())
    outcome = trial.error if trial.score is None else f"{metric} {trial.score:.4f}"
    return f"trial {trial.number}: {outcome} ({values})"


def _plain(ranges: Mapping[str, Range]) -> dict[str, Any]:
    return {name: dataclasses.asdict(found) for name, found in ranges.items()}


def _check_identity(place: Path, identity: dict[str, Any]) -> None:
    """Writes what the search is about, or makes sure that the folder's search is about the same."""
    differing = note_or_compare(place / IDENTITY, identity)
    if differing is not None:
        name, then, now = differing
        raise InputError(
            f"{place}: holds a search with another {name}: it was {then}, got {now}. Choose another folder"
        )
