"""Scores of tags: entities as spans from BIO tags, by seqeval's rules (those of conlleval), and plain tags by token.

Counts are kept by example: a score of any sample of the examples follows from their sum, without tags being read again.
"""

from collections.abc import Sequence

import numpy as np

from kbert.errors import InputError

Tags = Sequence[Sequence[str]]
_AVERAGES = ("micro avg", "macro avg", "weighted avg")


def entity_counts(expected: Tags, predicted: Tags) -> np.ndarray:
    """Counts entities in each example: int64 (examples, 3), those found, those predicted, those expected.

    An entity is found if a predicted one has its type and both its ends. An I- tag that continues nothing starts an
    entity, as in seqeval's default mode.

    Raises:
        InputError: see `check_tags`; a tag is none of BIO.
    """
    from seqeval.metrics.sequence_labeling import get_entities

    check_tags(expected, predicted)
    _check_bio(expected)
    _check_bio(predicted)
    counts = np.zeros((len(expected), 3), "int64")
    for row, pair in enumerate(zip(expected, predicted, strict=True)):
        right, answered = (set(get_entities(list(tags))) for tags in pair)
        counts[row] = len(right & answered), len(answered), len(right)
    return counts


def entity_f1(counts: np.ndarray) -> np.ndarray:
    """Micro-averaged F1 of summed counts, (..., 3) -> (...); 0 where there are neither entities nor predictions."""
    found, predicted, expected = np.moveaxis(np.asarray(counts, "float64"), -1, 0)
    return 2 * found / np.maximum(predicted + expected, 1.0)


def entity_metrics(counts: np.ndarray) -> dict[str, float]:
    """Micro-averaged scores of entities, from the counts by example (examples, 3)."""
    found, predicted, expected = counts.sum(axis=0).tolist()
    return {
        "entity_f1": float(entity_f1(counts.sum(axis=0))),
        "entity_precision": found / max(predicted, 1),
        "entity_recall": found / max(expected, 1),
    }


def entity_type_scores(expected: Tags, predicted: Tags) -> dict[str, dict[str, float]]:
    """`precision`, `recall`, `f1-score` and `support` of every type of entity, as seqeval gives them.

    Raises:
        InputError: see `entity_counts`.
    """
    from seqeval.metrics import classification_report

    check_tags(expected, predicted)
    _check_bio(expected)
    _check_bio(predicted)
    pair = [list(map(list, tags)) for tags in (expected, predicted)]
    if all(tag == "O" for tags in pair for example in tags for tag in example):
        return {}  # seqeval would take means over no types, and warn
    report = classification_report(*pair, output_dict=True, zero_division=0)
    return {name: scores for name, scores in report.items() if name not in _AVERAGES}


def tag_counts(expected: Tags, predicted: Tags) -> np.ndarray:
    """Counts plain tags in each example: int64 (examples, 2), those right, and all.

    Raises:
        InputError: see `check_tags`.
    """
    check_tags(expected, predicted)
    pairs = zip(expected, predicted, strict=True)
    rows = [(sum(a == b for a, b in zip(*pair, strict=True)), len(pair[0])) for pair in pairs]
    return np.array(rows, "int64").reshape(-1, 2)


def tag_accuracy(counts: np.ndarray) -> np.ndarray:
    """The share of right tags by summed counts, (..., 2) -> (...)."""
    right, tags = np.moveaxis(np.asarray(counts, "float64"), -1, 0)
    return right / np.maximum(tags, 1.0)


def check_tags(expected: Tags, predicted: Tags) -> None:
    """Makes sure that two lists of tags belong to the same tokens.

    Raises:
        InputError: there are no examples; one has another number of tags.
    """
    if not expected:
        raise InputError("expected at least one example with tags to score, got none")
    if len(expected) != len(predicted):
        raise InputError(f"expected tags for {len(expected)} examples, got them for {len(predicted)}")
    for number, (right, answered) in enumerate(zip(expected, predicted, strict=True), start=1):
        if len(right) != len(answered):
            raise InputError(f"example {number}: expected a tag for each of {len(right)} tokens, got {len(answered)}")


def _check_bio(sequences: Tags) -> None:
    for tag in sorted({tag for tags in sequences for tag in tags}):
        if tag != "O" and not (tag[:2] in ("B-", "I-") and len(tag) > 2):
            raise InputError(
                f"expected tags of entities, O or B-TYPE or I-TYPE, got {tag!r}. Are these plain tags, scored by token?"
            )
