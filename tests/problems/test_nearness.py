import numpy as np
import pytest

from kbert.problems import nearness
from kbert.problems.nearness import cosines, nearest_is_right, unit


def test_unit_vectors_by_hand():
    np.testing.assert_allclose(unit(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0.0, 0.0]])


def test_cosines_by_hand():
    first = np.array([[1, 0], [1, 0], [2, 2], [1, 1], [0, 0]], "float32")
    second = np.array([[5, 0], [0, 3], [-1, -1], [1, 0], [1, 0]], "float32")
    np.testing.assert_allclose(cosines(first, second), [1, 0, -1, 0.5**0.5, 0], atol=1e-12)


def test_a_cosine_is_never_beyond_1():
    vector = np.full(384, 0.1, "float32")
    assert float(cosines(vector, vector)) <= 1.0


def test_triplets_by_hand():
    anchor, near, far = [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]
    vectors = np.array([[anchor, near, far], [anchor, far, near], [anchor, near, near], [[0.0, 0.0], near, far]])
    assert nearest_is_right(vectors, np.zeros((4, 3), int)).tolist() == [True, False, False, False]


# The first anchor is nearest to its own positive, the second to that of the first.
PAIRS = np.array([[[1.0, 0.0], [1.0, 0.2]], [[1.0, 0.5], [0.0, 1.0]]])


def test_pairs_by_hand():
    assert nearest_is_right(PAIRS, np.array([[0, 1], [2, 3]])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        ([[0, 1], [2, 1]], "the other positive is the same text"),
        ([[0, 1], [0, 3]], "the other pair has the same anchor"),
        ([[0, 2], [2, 3]], "the other positive is the anchor itself"),
    ],
)
def test_a_candidate_that_may_be_right_is_no_mistake(numbers, why):
    assert nearest_is_right(PAIRS, np.array(numbers)).tolist() == [True, True], why


def test_chunks_change_nothing(monkeypatch):
    random = np.random.default_rng(0)
    vectors = random.normal(size=(23, 2, 3))
    numbers = random.integers(0, 30, (23, 2))
    whole = nearest_is_right(vectors, numbers)
    assert 0 < whole.sum() < 23
    monkeypatch.setattr(nearness, "CHUNK", 5)
    np.testing.assert_array_equal(nearest_is_right(vectors, numbers), whole)
