"""The gate: an exported file is run on held-out text, and one that lost too much is refused."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.data_set import DataSet
from kbert.errors import InputError
from kbert.problems.problem import Problem, show

WORST_EXAMPLES = 10
RESAMPLES = 2_000
RESAMPLES_AT_ONCE = 100
CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True, kw_only=True)
class Disagreement:
    """An input on which full and exported differ most.

    Probabilities are those of the full model's answer, None for tasks whose answers have none.
    """

    text: str
    expected: str
    full: str
    exported: str
    full_probability: float | None
    exported_probability: float | None
    pair: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """How an exported file compares with the full model on the same inputs.

    `drop_points` is in percentage points of `metric`, negative where the exported file is better, and `drop_interval`
    its 95 % confidence interval. `agreement` is the share of equal answers. `largest_shift` is the largest change of
    any probability (`Problem.shift`), `mean_shift` the mean over the inputs of the largest change of each. `broken`
    counts the inputs to which the exported file's answers are no numbers: they count as wrong, and one is enough to
    fail.
    """

    metric: str
    examples: int
    full: float
    exported: float
    drop_points: float
    drop_interval: tuple[float, float]
    max_drop_points: float
    agreement: float
    largest_shift: float
    mean_shift: float
    broken: int
    worst: tuple[Disagreement, ...]

    @property
    def passed(self) -> bool:
        # A share computed two ways must not fail for its last bit.
        return self.broken == 0 and self.drop_points <= self.max_drop_points + 1e-9

    @property
    def resolution_points(self) -> float:
        """What one changed answer is worth at most, in points."""
        return 100.0 / self.examples


def check_validation(validation: DataSet) -> None:
    """Raises InputError if there are too few rows to say anything of a drop."""
    if len(validation) < 2:
        raise InputError(
            f"{validation.path}: expected at least 2 rows to measure a drop, got {len(validation)}. A few hundred rows "
            "make the gate worth something"
        )


def compare(
    full: Sequence[Any], exported: Sequence[Any], validation: DataSet, problem: Problem, max_drop: float
) -> Verdict:
    """Compares two sets of answers, as `problem.decode` gives them, on labelled data.

    Raises:
        InputError: numbers of the full model's answers are none.
    """
    lost = sum(not problem.is_sound(answer) for answer in full)
    if lost:
        raise InputError(
            f"the full model must give numbers to compare with, its answers to {lost} of {len(full)} inputs are "
            "none. Its training diverged: fine-tune again with a smaller --learning-rate"
        )
    sound = np.asarray([problem.is_sound(answer) for answer in exported])
    exported = [answer if ok else problem.nothing(answer) for answer, ok in zip(exported, sound, strict=True)]
    pairs = list(zip(full, exported, strict=True))
    same = np.asarray([problem.same(*pair) for pair in pairs]) & sound
    shift = np.asarray([problem.shift(*pair) for pair in pairs])
    counts = [problem.counts(answers, validation) for answers in (full, exported)]  # (examples, k) each
    scores = [float(problem.main_from_counts(each.sum(axis=0))) for each in counts]
    # Those whose answer changed first, then by how far it moved.
    order = np.lexsort((-shift, same))[:WORST_EXAMPLES]
    return Verdict(
        metric=problem.main_metric_of(validation),
        examples=len(validation),
        full=scores[0],
        exported=scores[1],
        drop_points=(scores[0] - scores[1]) * 100.0,
        drop_interval=_drop_interval(counts[0], counts[1], problem),
        max_drop_points=max_drop,
        agreement=float(same.mean()),
        largest_shift=float(shift.max()),
        mean_shift=float(shift.mean()),
        broken=int((~sound).sum()),
        worst=tuple(_disagreement(int(i), full, exported, validation, problem) for i in order),
    )


def _drop_interval(full: np.ndarray, exported: np.ndarray, problem: Problem) -> tuple[float, float]:
    """The paired percentile bootstrap (Efron and Tibshirani, 1993) of the drop, in points.

    The arrays (examples, k) are what the metric is made of: a sample of examples with repetition is a sum of rows.
    """
    examples = len(full)
    if (full == exported).all():
        return 0.0, 0.0  # every sample is like this one
    random = np.random.default_rng(0)
    drops = []
    for _ in range(RESAMPLES // RESAMPLES_AT_ONCE):
        # How often each example occurs in each sample.
        times = random.multinomial(examples, np.full(examples, 1.0 / examples), size=RESAMPLES_AT_ONCE)
        sums = [problem.main_from_counts(times @ counts) for counts in (full, exported)]
        drops.append(sums[0] - sums[1])
    tail = 100.0 * (1.0 - CONFIDENCE) / 2.0
    low, high = np.nanpercentile(np.concatenate(drops), [tail, 100.0 - tail])
    return 100.0 * float(low), 100.0 * float(high)


def _disagreement(
    i: int, full: Sequence[Any], exported: Sequence[Any], validation: DataSet, problem: Problem
) -> Disagreement:
    return Disagreement(
        text=show(validation.inputs[i]),
        expected=problem.expected(validation, i),
        full=problem.say(full[i]),
        exported=problem.say(exported[i]),
        full_probability=problem.confidence(full[i], full[i]),
        exported_probability=problem.confidence(exported[i], full[i]),
        pair=not isinstance(validation.inputs[i], str),
    )
