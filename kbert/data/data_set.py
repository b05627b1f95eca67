"""What all data sets have in common: rows that a model can be asked, and that can be told from other rows."""

from collections.abc import Iterator, Sequence
from typing import Protocol

# What a model is asked: one text, or a pair of texts, or more where a task takes more.
TextInput = str | tuple[str, ...]


class DataSet(Protocol):
    """Rows of a file in its order; `line_numbers` (from 1) say where each stands."""

    @property
    def path(self) -> str: ...

    @property
    def line_numbers(self) -> list[int]: ...

    @property
    def inputs(self) -> Sequence[TextInput]: ...

    def __len__(self) -> int: ...

    def describe(self) -> str:
        """What the data holds: one line for a person."""

    def fingerprint_rows(self) -> Iterator[str]:
        """One string a row with everything that a result depends on; end to end they tell data sets apart."""


def pair_up(texts: Sequence[str], texts_b: Sequence[str] | None) -> list[TextInput]:
    """The texts, or the pairs where there are second texts."""
    return [*texts] if texts_b is None else [*zip(texts, texts_b, strict=True)]


def length_prefixed(*parts: str) -> str:
    """Parts that cannot be confused with others: their lengths say where each ends."""
    return "".join(f"{len(part)}:{part}" for part in parts)
