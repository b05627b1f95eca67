"""The gate: an exported file is run on held-out text, and one that lost too much is refused."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from kbert.data.readers import LabelledTexts
from kbert.errors import InputError
from kbert.evaluation import MAIN_METRIC, classification_metrics

WORST_EXAMPLES = 10
RESAMPLES = 2_000
CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A text on which full and exported differ most; probabilities are those of the full model's label."""

    text: str
    expected: str
    full: str
    exported: str
    full_probability: float
    exported_probability: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
    """How an exported file compares with the full model on the same texts.

    `drop_points` is in percentage points of `metric`, negative where the exported file is better, and `drop_interval`
    its 95 % confidence interval. `agreement` is the share of equal labels. `largest_shift` is the largest change of any
    probability, `mean_shift` the mean over the texts of the largest change of each. `broken` counts the texts for which
    the exported file's probabilities are no numbers: they are compared as zeros, and one is enough to fail.
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
        """What one changed label is worth, in points."""
        return 100.0 / self.examples


def check_validation(validation: LabelledTexts) -> None:
    """Raises InputError if there are too few rows to say anything of a drop."""
    if len(validation) < 2:
        raise InputError(
            f"{validation.path}: expected at least 2 rows to measure a drop, got {len(validation)}. A few hundred rows "
            "make the gate worth something"
        )


def compare(
    full: np.ndarray, exported: np.ndarray, validation: LabelledTexts, labels: Sequence[str], max_drop: float
) -> Verdict:
    """Compares two sets of probabilities (texts, labels) on labelled texts.

    Raises:
        InputError: the full model's probabilities are no numbers.
    """
    lost = int((~np.isfinite(full)).any(axis=1).sum())
    if lost:
        raise InputError(
            f"the full model must give numbers to compare with, its probabilities of {lost} of {len(full)} texts are "
            "none. Its training diverged: fine-tune again with a smaller --learning-rate"
        )
    sound = np.isfinite(exported).all(axis=1)
    exported = np.where(sound[:, None], exported, 0.0)
    expected = np.asarray(validation.label_ids(labels))
    scores = [classification_metrics(expected, probabilities)[MAIN_METRIC] for probabilities in (full, exported)]
    answers = [probabilities.argmax(axis=1) for probabilities in (full, exported)]
    same = (answers[0] == answers[1]) & sound
    shift = np.abs(full - exported).max(axis=1)
    # Texts whose label changed first, then by how far the probabilities moved.
    order = np.lexsort((-shift, same))[:WORST_EXAMPLES]
    return Verdict(
        metric=MAIN_METRIC,
        examples=len(expected),
        full=scores[0],
        exported=scores[1],
        drop_points=(scores[0] - scores[1]) * 100.0,
        drop_interval=_drop_interval(answers[0] == expected, answers[1] == expected),
        max_drop_points=max_drop,
        agreement=float(same.mean()),
        largest_shift=float(shift.max()),
        mean_shift=float(shift.mean()),
        broken=int((~sound).sum()),
        worst=tuple(_disagreement(i, full, exported, validation, labels) for i in order),
    )


def _drop_interval(full: np.ndarray, exported: np.ndarray) -> tuple[float, float]:
    """The paired percentile bootstrap (Efron and Tibshirani, 1993) of the drop, in points.

    The arrays (examples,) say which answers are right.
    """
    from scipy.stats import bootstrap

    lost = full.astype("int8") - exported.astype("int8")
    if (lost == lost[0]).all():
        return (100.0 * float(lost[0]),) * 2  # every sample is like this one
    found = bootstrap(
        (lost,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=100,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return 100.0 * float(found.low), 100.0 * float(found.high)


def _disagreement(
    i: int, full: np.ndarray, exported: np.ndarray, validation: LabelledTexts, labels: Sequence[str]
) -> Disagreement:
    best = int(full[i].argmax())
    return Disagreement(
        text=validation.texts[i],
        expected=validation.labels[i],
        full=labels[best],
        exported=labels[int(exported[i].argmax())],
        full_probability=float(full[i, best]),
        exported_probability=float(exported[i, best]),
    )
