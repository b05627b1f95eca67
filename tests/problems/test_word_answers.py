"""From the probabilities of tokens to tags and entities, worked by hand."""

import numpy as np
import pytest

from kbert.data.batching import IGNORED
from kbert.data.word_windows import tokenize_in_windows
from kbert.data.words import SplitText, words_of
from kbert.errors import InputError
from kbert.problems.word_answers import (
    SHOWN,
    WordAnswer,
    say_entities,
    say_tags,
    scheme_of,
    token_targets,
    word_answers,
)

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def answer(text, tags, *, labels=LABELS, sure=0.6, shared=()) -> WordAnswer:
    """An answer that gives each word its tag with the probability `sure`, and the rest to the other tags alike."""
    words = words_of(text)
    probabilities = np.full((len(words), len(labels)), (1 - sure) / (len(labels) - 1), "float32")
    probabilities[np.arange(len(words)), [labels.index(tag) for tag in tags]] = sure
    flags = np.asarray([i in shared for i in range(len(words))])
    return WordAnswer(text=text, words=words, probabilities=probabilities, shared=flags)


def entities(given: WordAnswer) -> list[tuple[str, str]]:
    return [(given.text[start:end], label) for start, end, label, _ in given.entities(LABELS, "BIO")]


@pytest.mark.parametrize(
    ("tags", "repaired"),
    [
        (["B-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"]),
        (["O", "I-PER", "I-PER"], ["O", "B-PER", "I-PER"]),
        (["B-PER", "I-LOC", "I-LOC"], ["B-PER", "B-LOC", "I-LOC"]),
        (["I-LOC", "B-LOC", "O"], ["B-LOC", "B-LOC", "O"]),
    ],
)
def test_tags_that_go_on_nothing_begin_something(tags, repaired):
    assert answer("a b c", tags).tags(LABELS, "BIO") == repaired


def test_repaired_tags_say_what_seqeval_reads():
    from seqeval.metrics.sequence_labeling import get_entities

    random = np.random.default_rng(2)
    for _ in range(200):
        tags = [LABELS[i] for i in random.integers(0, len(LABELS), 8)]
        assert get_entities(answer("a b c d e f g h", tags).tags(LABELS, "BIO")) == get_entities(tags)


def test_other_schemes_become_bio():
    labels = ["O", "B-PER", "I-PER", "E-PER", "S-PER"]
    given = answer("a b c d", ["S-PER", "B-PER", "E-PER", "O"], labels=labels)
    assert given.tags(labels, "BIO") == ["B-PER", "B-PER", "I-PER", "O"]
    assert [found[:3] for found in given.entities(labels, "BIO")] == [(0, 1, "PER"), (2, 5, "PER")]


def test_entities_have_the_text_and_the_mean_probability():
    given = answer("Zoë Saldaña, in  北京!", ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "O"])
    assert entities(given) == [("Zoë Saldaña", "PER"), ("北京", "LOC")]
    # 0.6 of the tag and 0.1 of the other of that label, in each word.
    assert [score for *_, score in given.entities(LABELS, "BIO")] == pytest.approx([0.7, 0.7])


def test_a_word_that_shares_a_token_goes_with_the_word_before():
    text = SplitText("playlists now", [(0, 8), (8, 9), (10, 13)])
    assert answer(text, ["B-PER", "B-PER", "O"], shared=[1]).tags(LABELS, "BIO") == ["B-PER", "I-PER", "O"]
    assert answer(text, ["O", "O", "B-LOC"], shared=[1]).tags(LABELS, "BIO") == ["O", "O", "B-LOC"]


def test_plain_tags_are_the_likeliest():
    assert answer("a b", ["NOUN", "O"], labels=["NOUN", "O", "VERB"]).tags(["NOUN", "O", "VERB"], "none") == [
        "NOUN",
        "O",
    ]


def test_the_words_of_windows_are_put_together(tiny_tokenizer):
    text = "a b c d e f g h"
    tokens = tokenize_in_windows(tiny_tokenizer, ["", text], max_length=6, overlap=2)
    assert len(tokens) == 4  # the empty text, and a b c d, c d e f, e f g h
    outputs = [np.full((tokens.lengths[row], 2), row, "float32") for row in range(4)]
    for output in outputs:
        output[:, 1] = np.arange(len(output))
    found = word_answers(["", text], tokens, outputs, ["O", "B-X"])
    assert found[0].probabilities.shape == (0, 2)
    assert found[1].probabilities.tolist() == [[1, 1], [1, 2], [1, 3], [2, 2], [2, 3], [3, 2], [3, 3], [3, 4]]


def test_an_entity_over_two_windows_is_whole(tiny_tokenizer):
    text = "a b c d e f g h"
    tokens = tokenize_in_windows(tiny_tokenizer, [text], max_length=6, overlap=2)
    labels = ["O", "B-LOC", "I-LOC"]
    outputs = []
    for row in range(len(tokens)):
        # Letters c to g are one entity.
        letters = [tiny_tokenizer.vocabulary[i] for i in tokens.row(row).token_ids]
        tags = [1 if letter == "c" else 2 if letter in "defg" else 0 for letter in letters]
        outputs.append(np.eye(3, dtype="float32")[tags])
    (found,) = word_answers([text], tokens, outputs, labels)
    assert found.entities(labels, "BIO") == [(4, 13, "LOC", 1.0)]


def test_a_word_without_tokens_is_outside(tiny_tokenizer):
    text = SplitText("a \u200d b", [(0, 1), (2, 3), (4, 5)])
    tokens = tokenize_in_windows(tiny_tokenizer, [text], max_length=8, overlap=2)
    output = np.tile(np.asarray([0.0, 1.0], "float32"), (4, 1))
    (found,) = word_answers([text], tokens, [output], ["O", "B-X"])
    assert found.tags(["O", "B-X"], "BIO") == ["B-X", "O", "B-X"]
    (found,) = word_answers([text], tokens, [output], ["NOUN", "VERB"])
    assert found.probabilities.tolist() == [[0, 1], [0.5, 0.5], [0, 1]]


def test_targets_are_on_the_tokens_that_are_read(tiny_tokenizer):
    text = SplitText("ab good cd", [(0, 2), (3, 6), (6, 7), (8, 10)])
    tokens = tokenize_in_windows(tiny_tokenizer, [text], max_length=6, overlap=2)
    # Windows a ##b good c, and good c ##d: a word has its target in one of them, a shared token that of its first word.
    assert tokens.lengths.tolist() == [6, 5]
    targets = token_targets([text], tokens, [[4, 3, 2, 1]])
    assert targets.dtype == np.int32
    i = IGNORED
    assert targets.tolist() == [i, 4, i, 3, i, i, i, i, 1, i, i]


def test_schemes_of_labels():
    assert scheme_of(LABELS) == "BIO"
    assert scheme_of(["O", "B-PER", "I-PER", "E-PER", "S-PER"]) == "BIO"
    assert scheme_of(["NOUN", "VERB"]) == "none"
    assert scheme_of(["LABEL_0", "LABEL_1"]) == "none"
    with pytest.raises(InputError, match=r"^label 3 of the model: tag 'X-LOC' .*Give labels of one scheme$"):
        scheme_of(["O", "B-LOC", "X-LOC"])


def test_one_line_for_a_person():
    assert say_entities("in New\nYork", [(3, 11, "LOC")]) == "New York (LOC)"
    assert say_entities("in", []) == "no entities"
    assert say_tags("a b", [(0, 1), (2, 3)], ["DET", "NOUN"]) == "a/DET b/NOUN"
    assert len(say_tags("a " * 500, words_of("a " * 500), ["DET"] * 500)) == SHOWN
