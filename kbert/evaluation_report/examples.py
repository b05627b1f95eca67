"""The examples worth reading: those most wrong, and those that took longest."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.problems.threshold import DEFAULT_THRESHOLD, decisions


@dataclasses.dataclass(frozen=True, kw_only=True)
class WrongExample:
    """A wrong answer. `index` counts the data from 0; `probability` is the wrong answer's, None where it has none."""

    index: int
    text: str
    expected: str
    predicted: str
    probability: float | None

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SlowExample:
    """An example that took long. `index` counts the data from 0."""

    index: int
    text: str
    characters: int
    latency_ms: float

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def most_wrong_answers(
    texts: Sequence[str],
    expected: Sequence[str],
    predicted: Sequence[str],
    probabilities: np.ndarray,
    wrong: np.ndarray,
    count: int,
) -> tuple[WrongExample, ...]:
    """The wrong answers of any task that were given with the highest probability, the highest first.

    Args:
        texts, expected, predicted: one each for every example.
        probabilities: float (examples,), of what was predicted.
        wrong: bool (examples,).
        count: at most so many.
    """
    return tuple(
        WrongExample(
            index=index,
            text=texts[index],
            expected=expected[index],
            predicted=predicted[index],
            probability=float(probabilities[index]),
        )
        for index in _highest(np.where(wrong, probabilities, -np.inf), count)
        if wrong[index]
    )


def most_wrong(
    texts: Sequence[str], expected: np.ndarray, probabilities: np.ndarray, labels: Sequence[str], count: int
) -> tuple[WrongExample, ...]:
    """The wrong classes that were given with the highest probability.

    Args:
        texts: the examples.
        expected: int (examples,), the right class of each.
        probabilities: float (examples, classes).
        labels: the names of the classes.
        count: at most so many.
    """
    predicted = probabilities.argmax(axis=1)
    right, answered = ([labels[label] for label in classes] for classes in (expected, predicted))
    return most_wrong_answers(texts, right, answered, probabilities.max(axis=1), predicted != expected, count)


def most_wrong_labels(
    texts: Sequence[str],
    expected: np.ndarray,
    probabilities: np.ndarray,
    labels: Sequence[str],
    count: int,
    *,
    threshold: float = DEFAULT_THRESHOLD,
) -> tuple[WrongExample, ...]:
    """The wrong decisions about a label that were given with the highest probability: one that is too much or missing.

    A missing label's wrong answer is `not LABEL`, with the probability that the label is not there.

    Args:
        texts: the examples.
        expected: 0 or 1 (examples, labels).
        probabilities: float (examples, labels), of each label by itself.
        labels: their names.
        count: at most so many; one text may come several times.
        threshold: the probability from which on a label is given.
    """
    values, right = np.asarray(probabilities, "float64"), np.asarray(expected, "bool")
    given = decisions(values, threshold)
    of_answer = np.where(given, values, 1.0 - values)
    worst = _highest(np.where(given != right, of_answer, -np.inf).ravel(), count)
    places = [divmod(place, len(labels)) for place in worst]
    return tuple(
        WrongExample(
            index=row,
            text=texts[row],
            expected=_decision(labels[column], bool(right[row, column])),
            predicted=_decision(labels[column], bool(given[row, column])),
            probability=float(of_answer[row, column]),
        )
        for row, column in places
        if given[row, column] != right[row, column]
    )


def slowest(texts: Sequence[str], latencies_ms: np.ndarray, count: int) -> tuple[SlowExample, ...]:
    """The examples that took longest, at most so many, the slowest first.

    Args:
        texts: the examples.
        latencies_ms: float (examples,), measured one by one.
        count: at most so many.
    """
    return tuple(
        SlowExample(index=index, text=texts[index], characters=len(texts[index]), latency_ms=float(latencies_ms[index]))
        for index in _highest(np.asarray(latencies_ms, "float64"), count)
    )


def _decision(label: str, given: bool) -> str:
    return label if given else f"not {label}"


def _highest(values: np.ndarray, count: int) -> list[int]:
    """The places of the highest values, (values,), those that come first where they are equal."""
    order: list[int] = np.argsort(-values, kind="stable")[:count].tolist()
    return order
