"""Sums over the inputs of layers, on hand-computed literals."""

import numpy as np

from kbert.export.moments import sum_moments, sum_paired_moments

TEXTS = [np.array([1, 2], "int32"), np.array([3], "int32")]


def rounded(row: np.ndarray) -> list[np.ndarray]:
    return [np.stack([row, row + 1], axis=-1).astype("float32")]


def test_moments_are_summed_over_the_vectors_of_all_texts():
    (moments,) = sum_moments(["input"], TEXTS, rounded).values()
    # (1, 2), (2, 3) and (3, 4).
    np.testing.assert_array_equal(moments, [[14, 20], [20, 29]])


def test_paired_moments_have_what_should_be_in_the_rows():
    values = [rounded(row)[0] for row in TEXTS]
    moments, cross_moments = sum_paired_moments(values, [10 * value * [1, 0] for value in values])
    np.testing.assert_array_equal(moments, [[14, 20], [20, 29]])
    np.testing.assert_array_equal(cross_moments, [[140, 200], [0, 0]])


def test_more_texts_than_are_multiplied_at_once():
    texts = [np.array([1], "int32")] * 130
    (moments,) = sum_moments(["input"], texts, rounded).values()
    np.testing.assert_array_equal(moments, [[130, 260], [260, 520]])
