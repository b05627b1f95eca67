"""When to say that a question has no answer: a threshold, tuned on validation data."""

import numpy as np


def tune_no_answer_threshold(margins: np.ndarray, answered: np.ndarray, silent: np.ndarray) -> float:
    """The threshold with the highest mean score, where a margin above it means silence; of several the nearest to 0.

    Exact, as SQuAD 2.0's script does it (arXiv:1806.03822): the score changes only where the threshold passes a margin,
    so one between any two that follow each other stands for all.

    Args:
        margins: float (questions,), by how much "no answer" is ahead of the best answer.
        answered: float (questions,), the score of each question if the best answer is given.
        silent: float (questions,), its score if none is.
    """
    order = np.argsort(margins, kind="stable")
    sorted_margins = np.asarray(margins, "float64")[order]
    gains = (np.asarray(answered, "float64") - np.asarray(silent, "float64"))[order]
    # Threshold i lies behind the first i questions of this order, which are answered.
    scores = np.concatenate([[0.0], np.cumsum(gains)])
    inner = (sorted_margins[:-1] + sorted_margins[1:]) / 2
    thresholds = np.concatenate([[sorted_margins[0] - 1.0], inner, [sorted_margins[-1] + 1.0]])
    # Between equal margins there is no threshold.
    possible = np.concatenate([[True], sorted_margins[1:] > sorted_margins[:-1], [True]])
    best = np.flatnonzero(possible & np.isclose(scores, scores[possible].max(), rtol=0.0, atol=1e-9))
    if np.searchsorted(sorted_margins, 0.0, side="right") in best:
        return 0.0  # what the model says of itself is as good as any
    return float(thresholds[best[np.argmin(np.abs(thresholds[best]))]])
