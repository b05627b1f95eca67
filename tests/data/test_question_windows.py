import re

import pytest

from kbert.data.batching import IGNORED
from kbert.data.question_windows import question_windows, window_slices
from kbert.errors import InputError


def tokens_of(tokenizer, windows) -> list[str]:
    """The rows as texts."""
    rows = [windows.row(i).token_ids for i in range(len(windows))]
    return [" ".join(tokenizer.vocabulary[i] for i in row) for row in rows]


def test_windows_overlap_and_end_with_the_text():
    assert window_slices(6, room=6, stride=2) == [slice(0, 6)]
    assert window_slices(7, room=6, stride=2) == [slice(0, 6), slice(1, 7)]
    assert window_slices(11, room=6, stride=2) == [slice(0, 6), slice(4, 10), slice(5, 11)]
    # No more than half of a window is read again, or a long question would leave no steps forward.
    assert window_slices(8, room=4, stride=100) == [slice(0, 4), slice(2, 6), slice(4, 8)]


def test_every_answer_of_up_to_stride_tokens_is_whole_in_a_window():
    for length in range(1, 40):
        windows = window_slices(length, room=9, stride=4)
        for first in range(length):
            last = min(first + 3, length - 1)
            assert any(window.start <= first and last < window.stop for window in windows)


def test_rows(tiny_tokenizer):
    windows = question_windows(tiny_tokenizer, [("was film", "the day was bad"), ("a", "b")], max_length=8, stride=1)
    assert tokens_of(tiny_tokenizer, windows) == [
        "[CLS] was film [SEP] the day was [SEP]",
        "[CLS] was film [SEP] day was bad [SEP]",
        "[CLS] a [SEP] b [SEP]",
    ]
    assert windows.owners.tolist() == [0, 0, 1]
    assert windows.second_starts.tolist() == [4, 4, 3]
    assert windows.row_offsets(1).tolist() == [[0, 0]] * 4 + [[4, 7], [8, 11], [12, 15], [0, 0]]
    assert windows.row(0).segment_ids.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert (windows.truncated, dict(windows.targets)) == (0, {})


def test_targets(tiny_tokenizer):
    inputs = [("was film", "the day was bad")]
    x = IGNORED
    found = question_windows(tiny_tokenizer, inputs, [(8, "was bad")], max_length=8, stride=1)
    # The first window holds a part of the answer only: [CLS] it is.
    assert found.targets["start_logits"].reshape(2, 8).tolist() == [[1, x, x, x, 0, 0, 0, x], [0, x, x, x, 0, 1, 0, x]]
    assert found.targets["end_logits"].reshape(2, 8).tolist() == [[1, x, x, x, 0, 0, 0, x], [0, x, x, x, 0, 0, 1, x]]
    nothing = question_windows(tiny_tokenizer, inputs, [None], max_length=8, stride=1)
    assert nothing.targets["end_logits"].tolist() == [1, x, x, x, 0, 0, 0, x] * 2


def test_an_answer_longer_than_all_windows_is_not_learned(tiny_tokenizer):
    found = question_windows(
        tiny_tokenizer, [("was film", "the day was bad")], [(0, "the day was bad")], max_length=8, stride=1
    )
    assert set(found.targets["start_logits"].tolist()) == {IGNORED}


def test_an_answer_inside_a_word_takes_the_pieces_it_touches(tiny_tokenizer):
    found = question_windows(tiny_tokenizer, [("a", "bay days")], [(5, "ays")], max_length=16, stride=1)
    assert tokens_of(tiny_tokenizer, found) == ["[CLS] a [SEP] b ##a ##y day ##s [SEP]"]
    assert found.targets["start_logits"].tolist().index(1) == 6
    assert found.targets["end_logits"].tolist().index(1) == 7


def test_special_tokens_in_texts_are_no_borders(tiny_tokenizer):
    windows = question_windows(tiny_tokenizer, [("a [SEP] b", "the [SEP] day")], max_length=16, stride=1)
    assert tokens_of(tiny_tokenizer, windows) == ["[CLS] a [SEP] b [SEP] the [SEP] day [SEP]"]
    assert windows.second_starts.tolist() == [5]


def test_a_question_must_leave_room(tiny_tokenizer):
    longest = question_windows(tiny_tokenizer, [("a " * 9, "b")], max_length=16, stride=1)
    assert len(longest.row(0)) == 13
    message = (
        "question 2: expected a question of at most 9 tokens, which leaves a quarter of a window of 16 for its text, "
        "got 10. Shorten it, or train with a larger --max-length"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        question_windows(tiny_tokenizer, [("a", "b"), ("a " * 10, "b")], max_length=16, stride=1)


@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_a_text_must_have_something(tiny_tokenizer, text):
    with pytest.raises(InputError, match="^question 1: expected a text to find the answer in, it is empty$"):
        question_windows(tiny_tokenizer, [("a", text)], max_length=16, stride=1)


def test_an_answer_of_what_bert_drops(tiny_tokenizer):
    with pytest.raises(InputError, match="^question 1: expected an answer that the tokenizer leaves something of, got"):
        question_windows(tiny_tokenizer, [("a", "a \u200b b")], [(2, "\u200b")], max_length=16, stride=1)
