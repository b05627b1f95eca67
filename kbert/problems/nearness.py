"""How near vectors are to each other: cosines, and whether the nearest one is the right one."""

import numpy as np

# Rows of a matrix of cosines at a time.
CHUNK = 1024


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors at length 1, float64 (…, n); one of length 0 stays as it is."""
    vectors = np.asarray(vectors, "float64")
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))


def cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of vectors at the same place: (…, n) twice -> float64 (…,), from -1 to 1; 0 where one has length 0."""
    return np.asarray(np.clip((unit(first) * unit(second)).sum(axis=-1), -1.0, 1.0))


def nearest_is_right(vectors: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Whether the text that should be near an anchor is nearer than those that should not.

    Of pairs, these are the second texts of all other pairs, but for those that may be right as well: the same text, the
    anchor itself, and those of an equal anchor.

    Args:
        vectors: float (examples, 3, n) of anchor, positive and negative, or (examples, 2, n) without negatives.
        numbers: int (examples, 3 or 2), equal where texts are.

    Returns:
        bool (examples,). A tie is not right, and nor is a vector of length 0.
    """
    anchors, positives = unit(vectors[:, 0]), unit(vectors[:, 1])
    own = (anchors * positives).sum(axis=-1)
    if vectors.shape[1] > 2:
        return np.asarray(own > (anchors * unit(vectors[:, 2])).sum(axis=-1))
    right = np.zeros(len(anchors), "bool")
    for start in range(0, len(anchors), CHUNK):
        rows = slice(start, start + CHUNK)
        others = anchors[rows] @ positives.T  # (rows, examples)
        others[may_be_right(numbers[rows], numbers)] = -np.inf
        right[rows] = own[rows] > others.max(axis=1)
    return right


def may_be_right(anchors: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Which pairs' second texts are no wrong answer to an anchor: (anchors, 2), (pairs, 2) -> bool (anchors, pairs)."""
    anchor, positive = anchors[:, :1], anchors[:, 1:2]
    return (candidates[:, 1] == positive) | (candidates[:, 1] == anchor) | (candidates[:, 0] == anchor)
