"""Questions with the texts that answer them: SQuAD 1.1 and 2.0."""

import dataclasses
import os
from collections.abc import Iterator
from typing import Any

from kbert.data.data_set import TextInput, length_prefixed
from kbert.data.tables import JsonObject, json_text, read_json, shown
from kbert.errors import InputError

Answer = tuple[int, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Questions:
    """Questions, the contexts they are asked of, and the right answers as (start in code points, text).

    The questions that are not `answerable` have no answers, all others have one or more. `line_numbers` (from 1) say
    where each question's object begins.
    """

    path: str
    ids: list[str]
    questions: list[str]
    contexts: list[str]
    answers: list[tuple[Answer, ...]]
    answerable: list[bool]
    line_numbers: list[int]

    def __len__(self) -> int:
        return len(self.questions)

    @property
    def inputs(self) -> list[TextInput]:
        """Each question with its context."""
        return [*zip(self.questions, self.contexts, strict=True)]

    def describe(self) -> str:
        """How many questions there are, and of how many contexts: one line for a person."""
        line = f"{len(self)} questions on {len(set(self.contexts))} contexts"
        without = self.answerable.count(False)
        return line + (f", {without} without an answer" if without else "")

    def fingerprint_rows(self) -> Iterator[str]:
        for name, (question, context), answers in zip(
            self.ids, zip(self.questions, self.contexts, strict=True), self.answers, strict=True
        ):
            parts = [str(part) for answer in answers for part in answer]
            yield f"question {len(answers)} {length_prefixed(name, question, context, *parts)}"


@dataclasses.dataclass(frozen=True)
class _Question:
    """One question as the file has it; `place` is its file, line and id."""

    name: str
    text: str
    answers: tuple[Answer, ...]
    line_number: int
    place: str


def read_questions(path: str | os.PathLike[str]) -> Questions:
    """Reads the JSON of SQuAD 1.1 (arXiv:1606.05250) and 2.0 (arXiv:1806.03822), all questions with their answers.

    Raises:
        InputError: the file cannot be read or is built otherwise; a context, question or answer is empty; an answer is
            not where it says; an answerable question has no answers, or another one some; an id stands twice; with
            file and line number, and the id.
    """
    path = os.fspath(path)
    top = read_json(path)
    if not isinstance(top, JsonObject) or not isinstance(top.get("data"), list):
        raise InputError(f"{path}: expected SQuAD's JSON, an object with a list called 'data', got {shown(top)}")
    questions: list[_Question] = []
    contexts: list[str] = []
    for article in _objects(path, top, "data"):
        for paragraph in _objects(path, article, "paragraphs"):
            context = _text(path, paragraph, "context")
            for row in _objects(path, paragraph, "qas"):
                questions.append(_question(path, row, context))
                contexts.append(context)
    if not questions:
        raise InputError(f"{path}: expected questions in 'data', found none")
    lines: dict[str, int] = {}
    for question in questions:
        if question.name in lines:
            raise InputError(f"{question.place}: expected every id once, it is also in line {lines[question.name]}")
        lines[question.name] = question.line_number
    return Questions(
        path=path,
        ids=[question.name for question in questions],
        questions=[question.text for question in questions],
        contexts=contexts,
        answers=[question.answers for question in questions],
        answerable=[bool(question.answers) for question in questions],
        line_numbers=[question.line_number for question in questions],
    )


def _question(path: str, row: JsonObject, context: str) -> _Question:
    name = _text(path, row, "id")
    place = f"{path}:{row.line_number}: question {name!r}"
    impossible = row.get("is_impossible", False)
    if not isinstance(impossible, bool):
        raise InputError(f"{place}: expected true or false in 'is_impossible', got {shown(impossible)}")
    answers = tuple(_answer(path, place, answer, context) for answer in _objects(path, row, "answers", optional=True))
    if impossible and answers:
        raise InputError(f"{place}: is_impossible is true, and there are answers all the same. Remove one or the other")
    if not impossible and not answers:
        raise InputError(f"{place}: expected at least one answer, or is_impossible (SQuAD 2.0), found none")
    return _Question(name, _text(path, row, "question"), answers, row.line_number, place)


def _answer(path: str, place: str, row: JsonObject, context: str) -> Answer:
    text, start = _text(path, row, "text"), row.get("answer_start")
    if type(start) is not int or start < 0:
        raise InputError(f"{place}: expected a whole number from 0 in 'answer_start', got {shown(start)}")
    stands = context[start : start + len(text)]
    if stands != text:
        raise InputError(
            f"{place}: expected the answer {shown(text)} at code point {start} of its context, there stands "
            f"{shown(stands)}"
        )
    return start, text


def _objects(path: str, row: JsonObject, name: str, optional: bool = False) -> list[JsonObject]:
    if optional and name not in row:
        return []
    found: Any = row.get(name)
    place = f"{path}:{row.line_number}"
    if not isinstance(found, list):
        raise InputError(f"{place}: expected a list called {name!r}, as in SQuAD's JSON, got {shown(found)}")
    for item in found:
        if not isinstance(item, JsonObject):
            raise InputError(f"{place}: expected objects in {name!r}, as in SQuAD's JSON, got {shown(item)}")
    return found


def _text(path: str, row: JsonObject, name: str) -> str:
    found = row.get(name)
    place = f"{path}:{row.line_number}"
    if not isinstance(found, str):
        raise InputError(f"{place}: expected a string called {name!r}, as in SQuAD's JSON, got {shown(found)}")
    if not found.strip():
        raise InputError(f"{place}: expected a text in {name!r}, it is empty")
    return json_text(path, row.line_number, name, found)
