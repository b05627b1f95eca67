"""Long texts in windows, and the token that stands for each word."""

import copy
import json
import pickle
import time

import numpy as np
import pytest

from kbert.data.word_windows import tokenize_in_windows, word_places
from kbert.data.words import SplitText, split_words, words_of
from kbert.errors import InputError


def rows_of(tokenizer, tokens) -> list[str]:
    return [" ".join(tokenizer.vocabulary[i] for i in tokens.row(row).token_ids) for row in range(len(tokens))]


def windows(tokenizer, text, max_length=6, overlap=2):
    return tokenize_in_windows(tokenizer, [text], max_length=max_length, overlap=overlap)


def places_of(tokenizer, text, **options):
    tokens = windows(tokenizer, text, **options)
    found = word_places(tokens, range(len(tokens)), words_of(text))
    return found.rows.tolist(), found.places.tolist(), found.shared.tolist()


def test_a_text_that_fits_is_one_row(tiny_tokenizer):
    tokens = tokenize_in_windows(tiny_tokenizer, ["ab cd", "", "films"], max_length=6, overlap=2)
    assert rows_of(tiny_tokenizer, tokens) == ["[CLS] a ##b c ##d [SEP]", "[CLS] [SEP]", "[CLS] film ##s [SEP]"]
    assert tokens.owners.tolist() == [0, 1, 2]
    assert tokens.row_offsets(0).tolist() == [[0, 0], [0, 1], [1, 2], [3, 4], [4, 5], [0, 0]]
    assert tokens.truncated == 0


def test_no_texts(tiny_tokenizer):
    assert len(tokenize_in_windows(tiny_tokenizer, [], max_length=6, overlap=2)) == 0


def test_windows_overlap_and_begin_with_words(tiny_tokenizer):
    tokens = tokenize_in_windows(tiny_tokenizer, ["a", "ab cd ef"], max_length=6, overlap=2)
    assert rows_of(tiny_tokenizer, tokens) == [
        "[CLS] a [SEP]",
        "[CLS] a ##b c ##d [SEP]",
        "[CLS] c ##d e ##f [SEP]",
    ]
    assert tokens.owners.tolist() == [0, 1, 1]


def test_less_overlap_means_fewer_windows(tiny_tokenizer):
    assert rows_of(tiny_tokenizer, windows(tiny_tokenizer, "ab cd ef", overlap=0)) == [
        "[CLS] a ##b c ##d [SEP]",
        "[CLS] e ##f [SEP]",
    ]


def test_a_word_longer_than_a_window_is_cut_at_its_end_only(tiny_tokenizer):
    assert rows_of(tiny_tokenizer, windows(tiny_tokenizer, "a bcdefg hi")) == [
        "[CLS] a b ##c ##d [SEP]",
        "[CLS] b ##c ##d ##e [SEP]",
        "[CLS] h ##i [SEP]",
    ]


def test_a_word_is_read_where_it_has_most_on_either_side(tiny_tokenizer):
    # Windows a b c d, c d e f, e f g h; of c the first has one token behind it, the second none before it.
    text = "a b c d e f g h"
    tokens = windows(tiny_tokenizer, text)
    assert len(tokens) == 3
    assert places_of(tiny_tokenizer, text)[:2] == ([0, 0, 0, 1, 1, 2, 2, 2], [1, 2, 3, 2, 3, 2, 3, 4])


def test_a_word_that_begins_inside_a_token_is_shared(tiny_tokenizer):
    assert places_of(tiny_tokenizer, SplitText("good a", [(0, 3), (3, 4), (5, 6)])) == (
        [0, 0, 0],
        [1, 1, 2],
        [False, True, False],
    )


def test_a_word_without_tokens_is_nowhere(tiny_tokenizer):
    assert places_of(tiny_tokenizer, SplitText("a \u200d b", [(0, 1), (2, 3), (4, 5)]))[:2] == ([0, -1, 0], [1, -1, 2])


def test_every_word_of_a_random_text_is_read_at_its_first_token(tiny_tokenizer):
    random = np.random.default_rng(5)
    for _ in range(50):
        words = ["abcdefghij"[: random.integers(1, 8)] for _ in range(random.integers(1, 60))]
        text = " ".join(words)
        max_length, overlap = int(random.integers(3, 20)), int(random.integers(0, 8))
        tokens = windows(tiny_tokenizer, text, max_length, overlap)
        assert tokens.lengths.max() <= max_length
        spans = split_words(text)
        found = word_places(tokens, range(len(tokens)), spans)
        for (start, _), row, place in zip(spans, found.rows, found.places, strict=True):
            assert tokens.row_offsets(row)[place].tolist() == [start, start + 1]
            assert tiny_tokenizer.vocabulary[tokens.row(row).token_ids[place]] == text[start]


def test_no_room(tiny_tokenizer):
    with pytest.raises(InputError, match="max_length must be at least 3 to hold the special tokens. Received: 2"):
        windows(tiny_tokenizer, "a", max_length=2)


def test_fifty_thousand_words_in_one_text(tiny_tokenizer):
    text = "the film was good " * 12_500
    started = time.perf_counter()
    tokens = windows(tiny_tokenizer, text, max_length=128, overlap=32)
    words = words_of(text)
    found = word_places(tokens, range(len(tokens)), words)
    assert time.perf_counter() - started < 60  # by the square of the words it would be hours
    assert len(words) == 50_000
    assert (found.rows >= 0).all()
    assert len(tokens) == 1 + -(-(50_000 - 126) // (126 - 32))


def test_a_text_with_words_is_a_text():
    text = SplitText("so good", [(0, 7)])
    assert (text, json.dumps(text), words_of(text)) == ("so good", '"so good"', [(0, 7)])
    assert words_of("so good") == [(0, 2), (3, 7)]
    for twin in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert (twin, twin.words) == ("so good", [(0, 7)])
