"""Scores of extractive question answering, as SQuAD defines them (arXiv:1606.05250, arXiv:1806.03822).

Two answers are compared after normalization: lower case, no ASCII punctuation, no English articles, single spaces.
`exact_match` asks whether they are the same then, F1 how many words they share. A question may have several right
answers, of which the nearest counts, or none, which an empty prediction gets right.

XQuAD is scored by SQuAD's own script in all its languages, and so it is here by default. Its F1 splits words at
whitespace: a Chinese answer is one word, right as a whole or not at all. MLQA's script (arXiv:1910.07475) takes every
Chinese character for a word and drops the punctuation of all scripts before; `split_cjk` does that. Scores of the two
rules must not be compared with each other.
"""

import dataclasses
import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import regex

from kbert.errors import InputError

NO_ANSWER = ""
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ANY_PUNCTUATION = regex.compile(r"\p{P}+")
_CJK_WORDS = regex.compile(r"\p{Han}|[^\s\p{Han}]+")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class AnswerScores:
    """Scores of each question.

    Attributes:
        exact: float64 (questions,), 1 where the prediction is a right answer.
        f1: float64 (questions,), the words shared with the nearest right answer, 0 to 1.
        has_answer: bool (questions,), whether there is an answer to be found.
    """

    exact: np.ndarray
    f1: np.ndarray
    has_answer: np.ndarray

    def metrics(self) -> dict[str, float]:
        """Means over the questions, and over those with and without an answer where there are both."""
        means = {"exact_match": float(self.exact.mean()), "f1": float(self.f1.mean())}
        if self.has_answer.all() or not self.has_answer.any():
            return means
        return means | {
            "has_answer_exact_match": float(self.exact[self.has_answer].mean()),
            "has_answer_f1": float(self.f1[self.has_answer].mean()),
            "no_answer_accuracy": float(self.exact[~self.has_answer].mean()),
        }


def answer_scores(
    predictions: Sequence[str], answers: Sequence[Sequence[str]], *, split_cjk: bool = False
) -> AnswerScores:
    """Scores the answers to questions.

    Args:
        predictions: one a question; empty where the model says that there is no answer.
        answers: the right answers of each question; none where it cannot be answered.
        split_cjk: MLQA's words for F1, see above.

    Raises:
        InputError: there are no questions, or not as many predictions.
    """
    if len(predictions) != len(answers):
        raise InputError(f"expected a prediction for each of {len(answers)} questions, got {len(predictions)}")
    if not predictions:
        raise InputError("expected at least one question to score, got none")
    pairs = list(zip(predictions, answers, strict=True))
    return AnswerScores(
        exact=np.array([exact_match(*pair) for pair in pairs], "float64"),
        f1=np.array([answer_f1(*pair, split_cjk=split_cjk) for pair in pairs], "float64"),
        has_answer=np.array([right_answers(several) != [NO_ANSWER] for several in answers]),
    )


def exact_match(prediction: str, answers: Sequence[str]) -> bool:
    """Whether a prediction equals one of the right answers, normalized."""
    normalized = normalize_answer(prediction)
    return any(normalize_answer(answer) == normalized for answer in right_answers(answers))


def answer_f1(prediction: str, answers: Sequence[str], *, split_cjk: bool = False) -> float:
    """F1 of the words of a prediction and of the right answer nearest to it."""
    predicted = answer_words(prediction, split_cjk=split_cjk)
    return max(_words_f1(predicted, answer_words(answer, split_cjk=split_cjk)) for answer in right_answers(answers))


def right_answers(answers: Sequence[str]) -> list[str]:
    """The answers of which something is left when normalized; the empty one alone if there is none.

    That is the rule of SQuAD 2.0. Version 1.1's script keeps an answer such as "The": there nothing but "the" is an
    exact match of it, and its F1 is 0.
    """
    return [answer for answer in answers if normalize_answer(answer)] or [NO_ANSWER]


def answer_words(text: str, *, split_cjk: bool = False) -> list[str]:
    """The words that F1 counts: what whitespace separates in the normalized text, or MLQA's words."""
    normalized = normalize_answer(text)
    if not split_cjk:
        return normalized.split()
    words: list[Any] = _CJK_WORDS.findall(_ANY_PUNCTUATION.sub("", normalized))
    return words


def normalize_answer(text: str) -> str:
    """Lower case, without ASCII punctuation and English articles, words separated by one space."""
    # In this order: punctuation leaves no gap ("U.S." is "us"), an article does.
    bare = text.lower().translate(_NO_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def _words_f1(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """Harmonic mean of the shares of words found and of words right; nothing equals nothing only."""
    if not predicted or not expected:
        return float(predicted == expected)
    common = (Counter(predicted) & Counter(expected)).total()
    return 2 * common / (len(predicted) + len(expected))
