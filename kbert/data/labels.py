"""Sets of labels: their order, how unequal they are, and labels that a model does not know."""

import re
from collections.abc import Iterable, Mapping, Sequence

from kbert.errors import InputError

# From here on accuracy hides what happens to the rare labels.
IMBALANCED = 3
_WHOLE_NUMBER = re.compile("-?[0-9]{1,18}")


def sorted_labels(labels: Iterable[str]) -> list[str]:
    """The distinct labels, sorted; as numbers where all are numbers."""
    found = sorted(set(labels))
    if all(_WHOLE_NUMBER.fullmatch(label) for label in found):
        return sorted(found, key=int)
    return found


def describe_imbalance(counts: Mapping[str, int], hint: str = "", unit: str = " rows") -> str:
    """Which label is the most frequent and which the rarest, after a semicolon; nothing where they are about equal."""
    if not counts:
        return ""
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    if counts[most] < IMBALANCED * counts[least]:
        return ""
    return f"; imbalanced: {most!r} has {counts[most]}{unit}, {least!r} {counts[least]}{hint}"


class LabelIds:
    """The positions of a model's labels in their order."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        self._ids = {label: index for index, label in enumerate(labels)}

    def of(self, label: str, place: str) -> int:
        """The position of a label.

        Raises:
            InputError: it is none of the labels; `place` (file:line) says where it stands.
        """
        if label not in self._ids:
            raise InputError(
                f"{place}: label {label!r} is unknown to the model. Expected one of: {_shortened(self._labels)}"
            )
        return self._ids[label]


def one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _shortened(labels: Sequence[str]) -> str:
    shown = ", ".join(one_line(label) for label in labels[:5])
    return shown if len(labels) <= 5 else f"{shown}, … ({len(labels)} in all)"
