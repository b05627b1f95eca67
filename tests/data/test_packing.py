import itertools

import pytest

from kbert.data.packing import Window, pack_full, pack_pairs, window_tokens

SEP = 99


def sentences_of(*documents: list[int]) -> list[tuple[int, list[int]]]:
    """Sentences of the lengths given, one list a document; the tokens count on."""
    count = itertools.count(100)
    return [(number, [next(count) for _ in range(length)]) for number, d in enumerate(documents) for length in d]


def shape_of(window: Window) -> tuple[int, int, list[int]]:
    return window.document, len(window.token_ids), window.sentence_starts


def test_pairs_are_whole_sentences_of_one_document():
    windows = list(pack_pairs(sentences_of([3, 4, 3, 5], [2], [10, 1]), 10))
    assert windows[0] == Window(list(range(100, 110)), [0, 3, 7], 0)
    assert [shape_of(window) for window in windows[1:]] == [(0, 5, [0]), (1, 2, [0]), (2, 10, [0]), (2, 1, [0])]


def test_a_long_sentence_is_cut():
    windows = list(pack_pairs(sentences_of([2, 25, 3, 3]), 10))
    assert [shape_of(window) for window in windows] == [
        (0, 2, [0]),
        (0, 10, [0]),
        (0, 10, [0]),
        (0, 8, [0, 5]),
        (0, 3, [0]),
    ]


def test_full_windows_run_across_documents():
    windows = list(pack_full(sentences_of([3, 4], [4], [5, 2]), 10, SEP))
    assert windows == [
        Window([*range(100, 107), SEP, 107, 108], [0, 3, 8], 0),
        Window([109, 110, SEP, *range(111, 118)], [0, 3, 8], 1),
    ]


def test_no_separator_begins_a_window():
    windows = list(pack_full(sentences_of([10], [3]), 10, SEP))
    assert [shape_of(window) for window in windows] == [(0, 10, [0]), (1, 3, [0])]
    assert SEP not in windows[1].token_ids


@pytest.mark.parametrize("room", [1, 2, 3, 7, 50])
def test_every_token_stands_in_one_window(room):
    text = sentences_of([3, 4, 20], [1], [60, 2], [7, 7, 7])
    tokens = [token for _, token_ids in text for token in token_ids]
    pairs = list(pack_pairs(text, room))
    full = list(pack_full(text, room, SEP))
    assert [token for window in pairs for token in window.token_ids] == tokens
    assert [token for window in full for token in window.token_ids if token != SEP] == tokens
    assert all(len(window.token_ids) == room for window in full[:-1])
    for window in pairs + full:
        assert 0 < len(window.token_ids) <= room
        assert window.sentence_starts[0] == 0
        assert window.sentence_starts == sorted(set(window.sentence_starts))
        assert window.sentence_starts[-1] < len(window.token_ids)


def test_no_text_no_windows():
    assert list(pack_pairs([], 10)) == list(pack_full([], 10, SEP)) == []


def test_room_is_left_for_special_tokens():
    assert [window_tokens(128, objective) for objective in ("nsp", "sop", "none")] == [125, 125, 126]
