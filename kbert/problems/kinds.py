"""Every task by the name that the command line has for it."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from kbert.errors import InputError
from kbert.problems.problem import Problem
from kbert.tokenizer import BertTokenizer

# Imported when it is used: a task's metrics bring libraries that the others do not need.
PROBLEMS = {
    "text-classification": ("kbert.problems.classification", "Classification"),
    "multi-label": ("kbert.problems.multi_label", "MultiLabel"),
    "regression": ("kbert.problems.regression", "Regression"),
    "token-classification": ("kbert.problems.tagging", "Tagging"),
    "intent-slots": ("kbert.problems.intent_slots", "IntentSlots"),
    "question-answering": ("kbert.problems.question_answering", "QuestionAnswering"),
    "embedding": ("kbert.problems.embedding", "Embedding"),
}


def problem_class(task: str) -> type[Problem]:
    """The class of a task.

    Raises:
        InputError: there is no such task.
    """
    if task not in PROBLEMS:
        raise InputError(f"expected one of the tasks {', '.join(PROBLEMS)}, got {task!r}")
    module, name = PROBLEMS[task]
    found: type[Problem] = getattr(importlib.import_module(module), name)
    return found


def make_problem(
    task: str,
    labels: Sequence[str],
    tokenizer: BertTokenizer | None,
    max_length: int,
    settings: Mapping[str, Any] | None = None,
) -> Problem:
    """A task with the labels, the tokenizer and the settings of a model.

    Raises:
        InputError: there is no such task, or the labels cannot be those of a model.
    """
    problem = problem_class(task)(labels=tuple(labels), tokenizer=tokenizer, max_length=max_length, **(settings or {}))
    problem.check_labels()
    return problem
