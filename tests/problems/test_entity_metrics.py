"""Entities and tags: counts by hand, and seqeval's F1 from their sums."""

import random
import warnings

import numpy as np
import pytest
from seqeval.metrics import f1_score, precision_score, recall_score

from kbert.errors import InputError
from kbert.problems.entity_metrics import (
    entity_counts,
    entity_f1,
    entity_metrics,
    entity_type_scores,
    tag_accuracy,
    tag_counts,
)

EXPECTED = [
    ["B-PER", "I-PER", "O", "B-LOC"],
    ["O", "B-LOC", "B-LOC", "O"],
    ["O", "O"],
]
PREDICTED = [
    # The person is found, the place has the wrong type.
    ["B-PER", "I-PER", "O", "B-ORG"],
    # Two places run into one; a stray I- is an entity of its own.
    ["O", "B-LOC", "I-LOC", "I-PER"],
    ["O", "O"],
]


def test_counts_by_hand():
    # Found, predicted, expected.
    assert entity_counts(EXPECTED, PREDICTED).tolist() == [[1, 2, 2], [0, 2, 2], [0, 0, 0]]


def test_metrics_by_hand():
    metrics = entity_metrics(np.array([[1, 2, 2], [0, 2, 2], [1, 1, 4]]))
    assert metrics == pytest.approx({"entity_f1": 2 * 2 / (5 + 8), "entity_precision": 2 / 5, "entity_recall": 2 / 8})


def test_f1_of_several_samples_at_once():
    assert entity_f1(np.array([[1, 2, 2], [0, 0, 0], [0, 0, 3]])).tolist() == [0.5, 0.0, 0.0]


def random_tags(generator: random.Random, examples: int, share_of_o: float) -> list[list[str]]:
    others = [f"{place}-{kind}" for place in "BI" for kind in ("PER", "LOC", "GEO-POL")]
    return [
        ["O" if generator.random() < share_of_o else generator.choice(others) for _ in range(length)]
        for length in (generator.randrange(12) for _ in range(examples))
    ]


@pytest.mark.parametrize("seed", range(20))
def test_summed_counts_give_the_f1_of_seqeval(seed):
    generator = random.Random(seed)
    expected = [*random_tags(generator, 60, generator.random()), ["B-PER"]]
    # Most tags stay, so that some entities are found whole.
    changed = ["O", "I-PER", "B-LOC"]
    predicted = [[tag if generator.random() < 0.8 else generator.choice(changed) for tag in tags] for tags in expected]
    metrics = entity_metrics(entity_counts(expected, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a random draw may predict nothing
        assert metrics["entity_f1"] == pytest.approx(f1_score(expected, predicted), abs=1e-12)
        assert metrics["entity_precision"] == pytest.approx(precision_score(expected, predicted), abs=1e-12)
        assert metrics["entity_recall"] == pytest.approx(recall_score(expected, predicted), abs=1e-12)


def test_scores_by_type():
    scores = entity_type_scores(EXPECTED, PREDICTED)
    assert set(scores) == {"LOC", "ORG", "PER"}
    # One of two predicted persons is right, and the one expected is found.
    assert scores["PER"] == pytest.approx({"precision": 0.5, "recall": 1.0, "f1-score": 2 / 3, "support": 1})
    assert scores["LOC"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 3}
    assert scores["ORG"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0}


def test_where_there_is_no_entity():
    assert entity_type_scores([["O"], []], [["O"], []]) == {}
    counts = entity_counts([["O"], []], [["O"], []])
    assert entity_metrics(counts) == {"entity_f1": 0.0, "entity_precision": 0.0, "entity_recall": 0.0}


def test_tuples_will_do():
    assert entity_counts([("B-X", "I-X")], [("B-X", "I-X")]).tolist() == [[1, 1, 1]]
    assert entity_type_scores([("B-X", "I-X")], [("B-X", "I-X")])["X"]["f1-score"] == 1.0


def test_plain_tags_by_hand():
    counts = tag_counts([["DET", "NOUN", "VERB"], [], ["NOUN"]], [["DET", "VERB", "VERB"], [], ["NOUN"]])
    assert counts.tolist() == [[2, 3], [0, 0], [1, 1]]
    assert tag_accuracy(counts.sum(axis=0)) == 0.75


@pytest.mark.parametrize(
    ("expected", "predicted", "message"),
    [
        ([], [], "at least one example"),
        ([["O"]], [["O"], ["O"]], "tags for 1 examples, got them for 2"),
        ([["O"], ["O", "O"]], [["O"], ["O"]], "example 2: expected a tag for each of 2 tokens, got 1"),
        ([["NOUN"]], [["O"]], "got 'NOUN'. Are these plain tags"),
        ([["O"]], [["B-"]], "got 'B-'"),
    ],
)
def test_tags_that_do_not_fit(expected, predicted, message):
    for function in (entity_counts, entity_type_scores):
        with pytest.raises(InputError, match=message):
            function(expected, predicted)
