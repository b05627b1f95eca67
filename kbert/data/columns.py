"""Which columns of a table hold what: by name, or by what they are commonly called."""

import dataclasses
from collections.abc import Sequence

from kbert.errors import InputError

TEXT_COLUMNS = ("text", "sentence", "utterance")
LABEL_COLUMNS = ("label", "category", "intent", "class")
# The two columns of sentence pairs.
PAIR_COLUMNS = (
    ("text", "text_b"),
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of the text, of its pair if there is one, and of what is to be learnt about them."""

    text: str
    text_b: str | None
    target: str


def choose_columns(
    path: str,
    names: Sequence[str],
    *,
    text: str | None,
    text_b: str | None,
    target: str | None,
    what: str = "label",
    candidates: Sequence[str] = LABEL_COLUMNS,
) -> Columns:
    """Takes the columns named, and finds the others.

    A second text is taken where `text_b` names one, or where no text is named and two columns are called as those of
    pairs are. A last column that is none of the others is the target, whatever it is called.

    Args:
        path: for messages.
        names: the columns that there are.
        text: the column of the text, if it is known.
        text_b: the column of the second text, if there is one.
        target: the column of what is to be learnt, if it is known.
        what: what that is, as options and messages call it.
        candidates: what such columns are commonly called, the likeliest first.

    Raises:
        InputError: a column is not there, cannot be found, or is named for two things.
    """
    given = {"text": text, "second text": text_b, what: target}
    check_named(path, names, given)
    if text is None and text_b is None:
        for first, second in PAIR_COLUMNS:
            if first in names and second in names and target not in (first, second):
                text, text_b = first, second
                break
    if text is None:
        rest = [name for name in names if name not in (text_b, target)]
        firsts = [first for first, second in PAIR_COLUMNS if second == text_b and first != "text"]
        alone = rest[0] if len(rest) == 1 and target is not None else None
        text = alone or named_column(path, rest, "text", (*TEXT_COLUMNS, *firsts))
    if target is None:
        rest = [name for name in names if name not in (text, text_b)]
        target = rest[0] if len(rest) == 1 else named_column(path, rest, what, candidates)
    return Columns(text=text, text_b=text_b, target=target)


def check_named(path: str, names: Sequence[str], given: dict[str, str | None]) -> None:
    """Makes sure that the columns which were named are there, and that each was named once."""
    taken: dict[str, str] = {}
    for what, name in given.items():
        if name is None:
            continue
        if name not in names:
            raise InputError(f"{path}:1: expected a column called {name!r}, the columns are {', '.join(names)}")
        if name in taken:
            raise InputError(f"{path}:1: expected {taken[name]} and {what} in two columns, both are to be {name!r}")
        taken[name] = what


def named_column(path: str, names: Sequence[str], what: str, candidates: Sequence[str]) -> str:
    """The first of the candidates that is there.

    Raises:
        InputError: none is.
    """
    for name in candidates:
        if name in names:
            return name
    raise InputError(
        f"{path}:1: expected a column called {candidates[0]!r}, the columns are {', '.join(names) or 'none'}. "
        f"Name yours with --{what}-column"
    )
