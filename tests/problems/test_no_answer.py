import numpy as np
import pytest

from kbert.problems.no_answer import tune_no_answer_threshold


@pytest.mark.parametrize(
    ("margins", "answered", "silent", "threshold"),
    [
        # Answering is right below 2, silence above 4.
        ([4, 2, 6, 1], [0, 1, 0, 1], [1, 0, 1, 0], 3.0),
        # The same where 0 separates them as well as anything: it stays.
        ([-1, 3], [1, 0], [0, 1], 0.0),
        # All are to be answered, or none.
        ([5, 7], [1, 0.5], [0, 0], 8.0),
        ([-5, -7], [0, 0], [1, 1], -8.0),
        # Half right is worth more than silence here.
        ([1, 2, 3], [1, 0.5, 0], [0, 0, 1], 2.5),
        # Between equal margins there is no threshold: both are answered, or neither.
        ([2, 2, 3], [1, 0.9, 0], [0, 1, 1], 2.5),
        ([2, 2], [1, 0], [0, 1], 0.0),
    ],
)
def test_the_best_threshold(margins, answered, silent, threshold):
    values = [np.array(row, "float64") for row in (margins, answered, silent)]
    assert tune_no_answer_threshold(*values) == pytest.approx(threshold)


def test_it_is_as_good_as_trying_all():
    random = np.random.default_rng(0)
    for _ in range(50):
        margins, answered = random.normal(size=12).round(1), random.random(12)
        silent = (random.random(12) < 0.4).astype("float64")
        answered = np.where(silent == 1, 0.0, answered)

        def mean(threshold, margins=margins, answered=answered, silent=silent):
            return np.where(margins > threshold, silent, answered).mean()

        best = max(mean(threshold) for threshold in np.arange(-4, 4, 0.05))
        assert mean(tune_no_answer_threshold(margins, answered, silent)) == pytest.approx(best)
