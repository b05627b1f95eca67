"""The gate: an exported file is run on held-out text, and one that lost too much is refused."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from kbert.data.readers import LabelledTexts
from kbert.errors import InputError
from kbert.evaluation import MAIN_METRIC, classification_metrics

WORST_EXAMPLES = 10


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

    `drop_points` is in percentage points of `metric`, negative where the exported file is better. `agreement` is the
    share of equal labels. `largest_shift` is the largest change of any probability. `broken` counts the texts for which
    the exported file's probabilities are no numbers: they are compared as zeros, and one is enough to fail.
    """

    metric: str
    examples: int
    full: float
    exported: float
    drop_points: float
    max_drop_points: float
    agreement: float
    largest_shift: float
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
    same = (full.argmax(axis=1) == exported.argmax(axis=1)) & sound
    shift = np.abs(full - exported).max(axis=1)
    # Texts whose label changed first, then by how far the probabilities moved.
    order = np.lexsort((-shift, same))[:WORST_EXAMPLES]
    return Verdict(
        metric=MAIN_METRIC,
        examples=len(expected),
        full=scores[0],
        exported=scores[1],
        drop_points=(scores[0] - scores[1]) * 100.0,
        max_drop_points=max_drop,
        agreement=float(same.mean()),
        largest_shift=float(shift.max()),
        broken=int((~sound).sum()),
        worst=tuple(_disagreement(i, full, exported, validation, labels) for i in order),
    )


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
