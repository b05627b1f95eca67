"""The comparison, by hand."""

import numpy as np
import pytest

from kbert.data.readers import LabelledTexts
from kbert.errors import InputError
from kbert.export.verify import check_validation, compare
from kbert.problems.classification import Classification

TWO = Classification(labels=("a", "b"), tokenizer=None, max_length=8)


def texts(labels: list[str]) -> LabelledTexts:
    names = [f"text {i}" for i in range(len(labels))]
    return LabelledTexts(path="v.tsv", texts=names, labels=labels, line_numbers=list(range(2, len(labels) + 2)))


FULL = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]], "float32")
EXPORTED = np.array([[0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.3, 0.7]], "float32")


def test_drop_and_agreement():
    verdict = compare(FULL, EXPORTED, texts(["a", "b", "a", "a"]), TWO, max_drop=25.0)
    assert verdict.full == 0.75
    assert verdict.exported == 0.5
    assert verdict.drop_points == 25.0
    assert verdict.agreement == 0.75
    assert verdict.largest_shift == pytest.approx(0.5)
    assert verdict.resolution_points == 25.0
    assert verdict.passed


def test_a_drop_beyond_the_limit_fails():
    assert not compare(FULL, EXPORTED, texts(["a", "b", "a", "a"]), TWO, max_drop=24.9).passed


def test_the_worst_example_is_the_one_whose_label_changed():
    worst = compare(FULL, EXPORTED, texts(["a", "b", "a", "a"]), TWO, max_drop=0.5).worst[0]
    assert (worst.text, worst.expected, worst.full, worst.exported) == ("text 1", "b", "b", "a")
    assert (worst.full_probability, worst.exported_probability) == pytest.approx((0.8, 0.3))


def test_a_better_file_has_a_negative_drop():
    verdict = compare(EXPORTED, FULL, texts(["a", "b", "a", "a"]), TWO, max_drop=0.0)
    assert verdict.drop_points == -25.0
    assert verdict.passed


def test_one_row_cannot_measure_a_drop():
    with pytest.raises(InputError, match=r"v\.tsv: expected at least 2 rows to measure a drop, got 1"):
        check_validation(texts(["a"]))


def test_a_file_that_gives_no_numbers_fails_whatever_the_drop():
    exported = FULL.copy()
    exported[1] = np.nan
    verdict = compare(FULL, exported, texts(["a", "b", "a", "b"]), TWO, max_drop=100.0)
    assert (verdict.broken, verdict.passed) == (1, False)
    assert (verdict.full, verdict.exported, verdict.agreement) == (1.0, 0.75, 0.75)
    assert verdict.worst[0].text == "text 1"
    assert verdict.largest_shift == pytest.approx(0.8)


def test_a_full_model_that_gives_no_numbers_is_no_measure():
    full = FULL.copy()
    full[2, 0] = np.inf
    with pytest.raises(InputError, match=r"answers to 1 of 4 inputs are none. Its training diverged"):
        compare(full, EXPORTED, texts(["a", "b", "a", "a"]), TWO, max_drop=0.5)


def test_the_interval_of_a_drop_is_that_of_a_share():
    # 100 of 1,000 texts lost: the standard error of the share is sqrt(0.1 * 0.9 / 1000) = 0.949 points.
    full = np.tile([1.0, 0.0], (1000, 1))
    exported = full.copy()
    exported[:100] = [0.0, 1.0]
    low, high = compare(full, exported, texts(["a"] * 1000), TWO, max_drop=50.0).drop_interval
    assert low == pytest.approx(10.0 - 1.96 * 0.949, abs=0.2)
    assert high == pytest.approx(10.0 + 1.96 * 0.949, abs=0.2)


def test_texts_gained_and_lost_are_paired():
    # As many gained as lost: no drop, yet another sample might have shown one.
    right, wrong = [1.0, 0.0], [0.0, 1.0]
    full, exported = np.array([right, wrong] * 50), np.array([wrong, right] * 50)
    low, high = compare(full, exported, texts(["a"] * 100), TWO, max_drop=0.0).drop_interval
    assert low == pytest.approx(-19.6, abs=2.0)
    assert high == pytest.approx(19.6, abs=2.0)


def test_where_every_text_fares_alike_there_is_no_doubt():
    assert compare(FULL, FULL, texts(["a", "b", "a", "b"]), TWO, max_drop=0.0).drop_interval == (0.0, 0.0)
