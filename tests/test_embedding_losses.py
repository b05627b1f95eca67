"""What sentence embeddings learn from, by hand."""

import math

import keras
import numpy as np
import pytest

from kbert.embedding_losses import CosentLoss, EmbeddingLoss, RankingLoss

EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


def value(loss, targets, vectors) -> float:
    return float(loss(np.array(targets, "float32"), np.array(vectors, "float32")))


def test_cosent_by_hand():
    # Cosines 1 and 0: the pair with the higher score has the higher one, so that one term is exp(2 * (0 - 1)).
    vectors = [EAST, [5.0, 0.0], EAST, NORTH]
    assert value(CosentLoss(scale=2), [[3], [3], [1], [1]], vectors) == pytest.approx(math.log(1 + math.exp(-2)))
    assert value(CosentLoss(scale=2), [[1], [1], [3], [3]], vectors) == pytest.approx(math.log(1 + math.exp(2)))


def test_cosent_asks_for_no_order_of_equal_scores():
    assert value(CosentLoss(), [[2]] * 4, [EAST, EAST, EAST, NORTH]) == 0.0
    assert value(CosentLoss(), [[2]] * 2, [EAST, NORTH]) == 0.0


def test_cosent_cares_for_the_order_of_scores_alone():
    vectors = np.random.default_rng(0).normal(size=(6, 3))
    scores = np.repeat([0.2, 0.5, 0.1], 2)[:, None]
    assert value(CosentLoss(), scores, vectors) == pytest.approx(value(CosentLoss(), 7 * scores - 3, vectors))


def test_ranking_pairs_by_hand():
    # Each anchor is its own positive and at a right angle to the other's.
    loss = RankingLoss(scale=2)
    expected = math.log(1 + math.exp(-2))
    assert value(loss, [[0, 1], [0, 1], [2, 3], [2, 3]], [EAST, EAST, NORTH, NORTH]) == pytest.approx(expected)


def test_ranking_triplets_by_hand():
    # Candidates of the one anchor: its positive with cosine 0, its negative with cosine 1.
    expected = math.log(1 + math.exp(2))
    assert value(RankingLoss(scale=2), [[0, 1, 2]] * 3, [EAST, NORTH, EAST]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ([2, 1], "an equal positive"),
        ([0, 3], "an equal anchor"),
        ([2, 0], "the first anchor itself, and nothing is left for the second to be told from"),
    ],
)
def test_what_may_be_right_is_no_negative(second, why):
    vectors = [EAST, EAST, NORTH, NORTH]
    loss = RankingLoss(scale=2, reduction="none")
    given = np.array([[0, 1], [0, 1], second, second], "float32")
    losses = keras.ops.convert_to_numpy(loss(given, np.array(vectors, "float32")))
    assert losses[0] == pytest.approx(0.0, abs=1e-6), why


def test_the_negative_of_another_is_none_where_it_is_the_positive():
    # The second triplet's negative is the first one's positive: left out, the first has one negative of its own.
    numbers = [[0, 1, 2]] * 3 + [[3, 4, 1]] * 3
    vectors = [EAST, EAST, NORTH, NORTH, NORTH, EAST]
    losses = RankingLoss(scale=2, reduction="none")(np.array(numbers, "float32"), np.array(vectors, "float32"))
    # Candidates of the first: its positive (cosine 1), the other positive (0) and its negative (0).
    assert float(losses[0]) == pytest.approx(math.log(1 + 2 * math.exp(-2)))


def test_targets_tell_which_loss():
    vectors = np.random.default_rng(1).normal(size=(6, 3))
    scores, pairs, triplets = np.arange(6)[:, None] // 2, np.arange(12).reshape(6, 2), np.arange(18).reshape(6, 3)
    assert value(EmbeddingLoss(), scores, vectors) == value(CosentLoss(), scores, vectors)
    assert value(EmbeddingLoss(), pairs, vectors) == value(RankingLoss(), pairs, vectors)
    assert value(EmbeddingLoss(), triplets, vectors) == value(RankingLoss(), triplets, vectors)


@pytest.mark.parametrize("loss", [CosentLoss(scale=3.0), RankingLoss(scale=3.0), EmbeddingLoss()])
def test_there_and_back(loss):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert copy.get_config() == loss.get_config()
