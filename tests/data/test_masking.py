"""Masks: how many, where, and behind what."""

import numpy as np
import pytest
import tensorflow as tf

from kbert.data.masking import Masking, MaskingSettings
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer

PAD, UNK, CLS, SEP, MASK = range(5)
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def tokenizer():
    """Words 5 to 54, pieces that go on 55 to 104."""
    return BertTokenizer([*SPECIALS, *(f"w{i}" for i in range(50)), *(f"##w{i}" for i in range(50))])


def noise(seed: int, rows: int):
    return lambda source, columns: tf.random.stateless_uniform([rows, columns], [seed, source])


def apply(tokenizer, token_ids, seed: int = 0, **settings):
    """What the masking makes of a batch, as arrays, and the chosen positions of every row in their order."""
    token_ids = np.asarray(token_ids, "int32")
    rows, length = token_ids.shape
    masking = Masking(MaskingSettings(**settings), tokenizer, length)
    masked = {name: value.numpy() for name, value in masking(tf.constant(token_ids), noise(seed, rows)).items()}
    lists = zip(masked["mask_positions"].tolist(), masked["mask_weights"].tolist(), strict=True)
    chosen = [[position for position, weight in zip(*both, strict=True) if weight] for both in lists]
    return masked, chosen


def words(rows: int, tokens: int, seed: int = 1) -> np.ndarray:
    """[CLS], so many random words, [SEP]."""
    inner = np.random.default_rng(seed).integers(5, 55, (rows, tokens))
    return np.hstack([np.full((rows, 1), CLS), inner, np.full((rows, 1), SEP)]).astype("int32")


def test_fifteen_percent_of_the_tokens(tokenizer):
    _, chosen = apply(tokenizer, words(64, 100), max_predictions=20)
    assert {len(row) for row in chosen} == {15}
    assert {len(set(row)) for row in chosen} == {15}


@pytest.mark.parametrize(
    ("tokens", "max_predictions", "expected"), [(100, 7, 7), (1, 2, 1), (3, 2, 1), (10, 8, 2), (14, 8, 2), (17, 8, 3)]
)
def test_how_many(tokenizer, tokens, max_predictions, expected):
    """A share of 0.15, rounded (halves to even), at least one and at most max_predictions."""
    _, chosen = apply(tokenizer, words(8, tokens), max_predictions=max_predictions)
    assert {len(row) for row in chosen} == {expected}


def test_padding_and_special_tokens_do_not_count(tokenizer):
    row = [CLS, 10, 11, SEP, 12, UNK, 13, SEP] + [PAD] * 30
    masked, chosen = apply(tokenizer, [row] * 500, mask_share=0.5, max_predictions=10)
    assert {len(found) for found in chosen} == {2}
    assert {position for found in chosen for position in found} == {1, 2, 4, 6}
    kept = [0, 3, 5, *range(7, 38)]
    np.testing.assert_array_equal(masked["token_ids"][:, kept], np.array([row] * 500)[:, kept])


def test_a_text_without_a_word_has_no_mask(tokenizer):
    masked, chosen = apply(tokenizer, [[CLS, SEP, SEP, PAD]], max_predictions=3)
    assert chosen == [[]]
    assert masked["token_ids"].tolist() == [[CLS, SEP, SEP, PAD]]
    assert masked["mask_weights"].tolist() == [[0.0, 0.0, 0.0]]


def test_every_position_is_as_likely(tokenizer):
    _, chosen = apply(tokenizer, words(2000, 20), max_predictions=5)
    counts = np.bincount(np.concatenate(chosen), minlength=22)
    assert (counts[0], counts[21]) == (0, 0)
    # Each is chosen with 3 / 20: 300 times, with a standard deviation of 16.
    assert counts[1:21].min() > 300 - 4.5 * 16
    assert counts[1:21].max() < 300 + 4.5 * 16


def test_eighty_ten_ten(tokenizer):
    token_ids = words(1000, 100)
    masked, chosen = apply(tokenizer, token_ids, max_predictions=20)
    rows = np.repeat(np.arange(1000), [len(row) for row in chosen])
    columns = np.concatenate(chosen)
    before, after = token_ids[rows, columns], masked["token_ids"][rows, columns]
    assert len(before) == 15_000
    random = (after != MASK) & (after != before)
    # Of 15,000 the standard deviations are 0.0033 and 0.0025. One random token in 100 is the one that stood there.
    assert np.mean(after == MASK) == pytest.approx(0.8, abs=0.015)
    assert np.mean(random) == pytest.approx(0.1 * 0.99, abs=0.011)
    assert np.mean(after == before) == pytest.approx(0.1 + 0.1 * 0.01, abs=0.011)
    # Any token of the vocabulary but the special ones: 1,500 draws of 100.
    assert set(after[random].tolist()) == set(range(5, 105))


def test_what_is_not_chosen_stays_and_what_stood_there_is_known(tokenizer):
    token_ids = words(50, 40)
    masked, chosen = apply(tokenizer, token_ids, max_predictions=9)
    restored = masked["token_ids"].copy()
    for row, positions in enumerate(chosen):
        assert len(positions) == 6
        restored[row, positions] = masked["mask_ids"][row, :6]
    np.testing.assert_array_equal(restored, token_ids)
    np.testing.assert_array_equal(masked["mask_weights"], np.tile([1] * 6 + [0] * 3, (50, 1)))
    assert not masked["mask_ids"][:, 6:].any()
    assert not masked["mask_positions"][:, 6:].any()
    dtypes = {name: value.dtype.name for name, value in masked.items()}
    assert dtypes == {"token_ids": "int32", "mask_positions": "int32", "mask_ids": "int32", "mask_weights": "float32"}


def test_chance_comes_from_the_noise_alone(tokenizer):
    token_ids = words(8, 60)
    settings = {"max_predictions": 12, "whole_words": True, "max_span": 3}
    first, again, other = (apply(tokenizer, token_ids, seed, **settings)[0] for seed in (1, 1, 2))
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert (first["mask_positions"] != other["mask_positions"]).any()


def pieces(rows: int) -> tuple[np.ndarray, list[set[int]]]:
    """Words of one, two, three and four tokens in turn, and the positions of each word."""
    row, groups = [CLS], []
    for size in [1, 2, 3, 4] * 10:
        groups.append(set(range(len(row), len(row) + size)))
        row += [10 + size] + [60] * (size - 1)
    return np.array([[*row, SEP]] * rows), groups


def test_all_pieces_of_a_word_or_none(tokenizer):
    token_ids, groups = pieces(300)
    _, chosen = apply(tokenizer, token_ids, max_predictions=20, whole_words=True)
    for row in chosen:
        assert all(group <= set(row) or not group & set(row) for group in groups)
    counts = [len(row) for row in chosen]
    # 15 of 100 tokens; a word that does not fit any more ends the choice.
    assert (max(counts), min(counts) >= 12) == (15, True)
    drawn = np.bincount(np.concatenate(chosen), minlength=102)
    assert all(drawn[position] > 0 for position in range(1, 101))


def test_a_word_too_long_for_any_place_is_cut(tokenizer):
    row = [CLS, 10, *[60] * 19, SEP]
    _, chosen = apply(tokenizer, [row] * 20, max_predictions=10, whole_words=True)
    assert chosen == [[1, 2, 3]] * 20


def test_without_whole_words_pieces_are_tokens(tokenizer):
    token_ids, groups = pieces(100)
    _, chosen = apply(tokenizer, token_ids, max_predictions=20)
    assert {len(row) for row in chosen} == {15}
    assert any(group & set(row) and not group <= set(row) for row in chosen for group in groups)


def spans_of(row: list[int]) -> list[int]:
    """The lengths of runs of neighbouring positions, as they were drawn."""
    starts = [i for i, position in enumerate(row) if i == 0 or position != row[i - 1] + 1]
    return np.diff([*starts, len(row)]).tolist()


def test_spans_have_lengths_in_proportion_to_1_by_n(tokenizer):
    _, chosen = apply(tokenizer, words(400, 500), max_predictions=80, max_span=3)
    # The last span of each row is the one that still fitted.
    lengths = np.concatenate([spans_of(row)[:-1] for row in chosen])
    assert len(lengths) > 15_000
    # 1, 1/2 and 1/3 make 11/6. Two spans that follow one another by chance, one time in 250, count as one.
    shares = np.bincount(lengths, minlength=7)[1:4] / len(lengths)
    np.testing.assert_allclose(shares, [6 / 11, 3 / 11, 2 / 11], atol=0.015)
    assert np.mean(lengths > 3) < 0.01
    counts = [len(row) for row in chosen]
    assert (max(counts), min(counts) >= 73) == (75, True)


def test_spans_of_whole_words(tokenizer):
    token_ids, groups = pieces(200)
    _, chosen = apply(tokenizer, token_ids, max_predictions=30, mask_share=0.3, whole_words=True, max_span=2)
    cut = [row for row in chosen if any(group & set(row) and not group <= set(row) for group in groups)]
    assert cut == []
    two_words = [row for row in chosen if any(length > 4 for length in spans_of(row))]
    assert len(two_words) > 50


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mask_share": 0.0}, "mask_share must be above 0 and below 1. Received: 0.0"),
        ({"mask_share": 1.0}, "mask_share must be above 0 and below 1. Received: 1.0"),
        ({"mask_share": float("nan")}, "mask_share must be above 0 and below 1. Received: nan"),
        (
            {"max_predictions": 0},
            "max_predictions must be at least 1: without a masked token there is nothing to learn. Received: 0",
        ),
        ({"max_span": 0}, "max_span must be at least 1. Received: 0"),
    ],
)
def test_settings_are_checked_when_made(changes, message):
    with pytest.raises(InputError, match=f"^{message}$"):
        MaskingSettings(**changes)


def test_more_predictions_than_tokens(tokenizer):
    with pytest.raises(InputError, match="^max_predictions must be below the sequence length of 20. Received: 20$"):
        Masking(MaskingSettings(), tokenizer, 20)
