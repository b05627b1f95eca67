import math

import numpy as np
import pytest

from kbert.problems.answer_spans import BEST_SPANS, Window, find_answer, whole_characters

TEXT = "one two three"
PLACES = [(0, 3), (4, 7), (8, 13)]


def window(starts, ends, places=PLACES) -> Window:
    """Logits of [CLS], the text's tokens, and [SEP], whose own are the highest and must not matter."""
    offsets = np.array([(0, 0), (0, 0), *places, (0, 0)], "int32")
    logits = [np.array([row[0], 99.0, *row[1:], 99.0], "float32") for row in (starts, ends)]
    return Window(*logits, offsets, 2)


def spans(answer) -> list[str]:
    return [span.text for span in answer.spans]


def test_all_spans_by_their_score():
    answer = find_answer(TEXT, [window([0, 0, 3, 1], [0, 0, 1, 2.5])], max_tokens=30)
    # 3+2.5, 3+1, 1+2.5, 0+2.5, 0+1, 0+0: an end never stands before its start.
    assert spans(answer) == ["two three", "two", "three", "one two three", "one two", "one"]
    weights = [math.exp(score) for score in (5.5, 4.0, 3.5, 2.5, 1.0, 0.0, 0.0)]
    shares = [span.probability for span in answer.spans] + [answer.no_answer_probability]
    assert shares == pytest.approx([weight / sum(weights) for weight in weights])
    assert answer.no_answer_margin == -5.5
    assert (answer.spans[0].start, answer.spans[0].end) == (4, 13)


def test_the_longest_answer():
    answer = find_answer(TEXT, [window([0, 9, 0, 0], [0, 0, 0, 9])], max_tokens=2)
    assert "one two three" not in spans(answer)
    assert len(answer.spans) == 5


def test_windows_share_their_spans():
    first = window([5, 1, 2], [5, 1, 3], places=PLACES[:2])
    second = window([1, 4, 0], [-1, 0, 4], places=PLACES[1:])
    answer = find_answer(TEXT, [first, second], max_tokens=30)
    # "two" has 2 + 3 in the first and 4 + 0 in the second window.
    assert spans(answer)[:3] == ["two three", "two", "one two"]
    # The second window says that the answer is there: 0, where the first says 10 for being without.
    assert answer.no_answer_margin == 0 - 8
    assert sum(span.probability for span in answer.spans) + answer.no_answer_probability == pytest.approx(1)


def test_no_more_than_the_best():
    places = [(2 * i, 2 * i + 1) for i in range(40)]
    logits = [0.0, *range(40)]
    answer = find_answer("x " * 40, [window(logits, logits, places)], max_tokens=1)
    assert [span.start for span in answer.spans] == [2 * i for i in range(39, 39 - BEST_SPANS, -1)]


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_logits_that_are_no_numbers(bad):
    answer = find_answer(TEXT, [window([0, 0, bad, 0], [0, 0, 0, 0])], max_tokens=30)
    assert answer.spans == ()
    assert math.isnan(answer.no_answer_probability)
    assert math.isnan(answer.no_answer_margin)


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("cafe\u0301 noir", (0, 4), "cafe\u0301"),
        ("le cafe\u0301", (3, 7), "cafe\u0301"),
        ("👨\u200d👩\u200d👧 ran", (0, 1), "👨\u200d👩\u200d👧"),
        ("x 👍🏽 y", (2, 3), "👍🏽"),
        ("हिन्दी में", (0, 1), "हि"),
        ("a 😀 b", (2, 3), "😀"),
        ("北京市", (0, 2), "北京"),
        ("é\r\nb", (3, 4), "b"),
        ("plain", (1, 3), "la"),
    ],
)
def test_characters_stay_whole(text, part, whole):
    start, end = whole_characters(text, *part)
    assert text[start:end] == whole
