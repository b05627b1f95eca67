"""The answer to a question as a part of a text: extractive question answering, as SQuAD asks for it."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.data.batching import TokenizedTexts
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.question_windows import END, START, question_tokens, question_windows
from kbert.data.questions import Questions, read_questions
from kbert.errors import InputError, check_setting
from kbert.problems.answer_spans import Answer, Span, Window, find_answer
from kbert.problems.no_answer import tune_no_answer_threshold
from kbert.problems.problem import Outputs, Problem
from kbert.problems.squad_metrics import NO_ANSWER, answer_f1, answer_scores

SAME_NAMES = {START: START, END: END}
SILENCE = "(no answer)"


@dataclasses.dataclass(frozen=True, kw_only=True)
class QuestionAnswering(Problem):
    """An input is a question with its text; an answer an `Answer`, the best spans of the text.

    Attributes:
        stride: tokens that neighbouring windows of a long text share.
        max_answer_tokens: the longest answer.
        no_answer_threshold: how far the logits of "no answer" must be above those of the best span for the question to
            be left unanswered; None where the model always answers, as it was trained with answerable questions only.
    """

    task = "question-answering"
    metrics = ("f1", "exact_match")
    heads = SAME_NAMES
    activations = dict.fromkeys(SAME_NAMES, "none")
    onnx_outputs = SAME_NAMES
    has_labels = False
    default_max_length = 384
    reads_pairs = True
    tunable = True

    stride: int = 128
    max_answer_tokens: int = 30
    no_answer_threshold: float | None = None

    def __post_init__(self) -> None:
        check_setting(_is_count(self.stride, 0), "stride", self.stride, "a whole number from 0")
        check_setting(
            _is_count(self.max_answer_tokens, 1), "max_answer_tokens", self.max_answer_tokens, "a whole number from 1"
        )
        threshold = self.no_answer_threshold
        sound = threshold is None or (isinstance(threshold, (int, float)) and np.isfinite(threshold))
        check_setting(bool(sound), "no_answer_threshold", threshold, "a number, or None")

    def settings(self) -> dict[str, Any]:
        return {
            "stride": self.stride,
            "max_answer_tokens": self.max_answer_tokens,
            "no_answer_threshold": self.no_answer_threshold,
        }

    @classmethod
    def settings_of(cls, data: Questions) -> dict[str, Any]:
        return {"no_answer_threshold": None if all(data.answerable) else 0.0}

    def tuned(self, answers: Sequence[Answer], data: Questions) -> "QuestionAnswering":
        """With the `no_answer_threshold` of the highest F1, where some of the questions have no answer."""
        if all(data.answerable):
            return self
        right = _texts(data)
        threshold = tune_no_answer_threshold(
            np.array([answer.no_answer_margin for answer in answers]),
            np.array([answer_f1(_best_text(answer), texts) for answer, texts in zip(answers, right, strict=True)]),
            np.array([answer_f1(NO_ANSWER, texts) for texts in right]),
        )
        return dataclasses.replace(self, no_answer_threshold=threshold)

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> Questions:
        return read_questions(path)

    @classmethod
    def read_inputs(
        cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL, *, pairs: bool = False
    ) -> list[Any]:
        """Questions with their texts, from SQuAD's JSON or two columns of a table.

        Raises:
            InputError: the file cannot be used; with its name and line.
        """
        if Path(path).suffix.lower() == ".json":
            return read_questions(path).inputs
        return super().read_inputs(path, columns, pairs=True)

    @classmethod
    def labels_of(cls, data: Questions) -> list[str]:
        return []

    def check(self, data: Questions) -> None:
        """Raises InputError if a question is too long for the model's windows; with file, line and id."""
        question_tokens(self.known_tokenizer(), data.questions, max_length=self.max_length, place=_place_in(data))

    def encode(self, inputs: Sequence[Any]) -> TokenizedTexts:
        for i, given in enumerate(inputs):
            if not (isinstance(given, tuple) and len(given) == 2 and all(isinstance(part, str) for part in given)):
                raise InputError(f"question {i + 1}: expected a question and its text, as two strings, got {given!r}")
        return question_windows(self.known_tokenizer(), inputs, max_length=self.max_length, stride=self.stride)

    def encode_examples(self, data: Questions) -> TokenizedTexts:
        """Every window of every question, with the place of its answer; of several right answers the first."""
        return question_windows(
            self.known_tokenizer(),
            data.inputs,  # type: ignore[arg-type]
            [answers[0] if answers else None for answers in data.answers],
            max_length=self.max_length,
            stride=self.stride,
            place=_place_in(data),
        )

    def decode(self, inputs: Sequence[Any], tokens: TokenizedTexts, outputs: Sequence[Outputs]) -> list[Answer]:
        assert tokens.second_starts is not None
        return [
            find_answer(
                text,
                [
                    Window(outputs[i][START], outputs[i][END], tokens.row_offsets(i), int(tokens.second_starts[i]))
                    for i in rows
                ],
                max_tokens=self.max_answer_tokens,
            )
            for (_, text), rows in zip(inputs, tokens.rows_by_owner(len(inputs)), strict=True)
        ]

    def chosen(self, answer: Answer) -> Span | None:
        """What the model answers: the best span, or None where it says that there is no answer."""
        silent = self.no_answer_threshold is not None and answer.no_answer_margin > self.no_answer_threshold
        return None if silent or not answer.spans else answer.spans[0]

    def to_dict(self, given: Any, answer: Answer) -> dict[str, Any]:
        span = self.chosen(answer)
        return {
            "question": given[0],
            "answer": NO_ANSWER if span is None else span.text,
            "start": None if span is None else span.start,
            "end": None if span is None else span.end,
            "score": round(self.confidence(answer, answer), 6),
            "no_answer_score": round(answer.no_answer_probability, 6),
        }

    def score(self, answers: Sequence[Answer], data: Questions) -> dict[str, float]:
        return answer_scores([self._text(answer) for answer in answers], _texts(data)).metrics()

    def counts(self, answers: Sequence[Answer], data: Questions) -> np.ndarray:
        f1 = answer_scores([self._text(answer) for answer in answers], _texts(data)).f1
        return np.stack([f1, np.ones(len(f1))], axis=1)

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        return np.asarray(sums[..., 0] / sums[..., 1])

    def same(self, one: Answer, other: Answer) -> bool:
        return _place(self.chosen(one)) == _place(self.chosen(other))

    def shift(self, one: Answer, other: Answer) -> float:
        """The largest change of the probability of any candidate; 0 is that of a span which is none."""
        shares = [{_place(span): span.probability for span in answer.spans} for answer in (one, other)]
        changes = [abs(shares[0].get(place, 0.0) - shares[1].get(place, 0.0)) for place in shares[0] | shares[1]]
        return max([abs(one.no_answer_probability - other.no_answer_probability), *changes])

    def is_sound(self, answer: Answer) -> bool:
        return bool(np.isfinite([answer.no_answer_probability, answer.no_answer_margin]).all())

    def nothing(self, answer: Answer) -> Answer:
        return Answer(spans=(), no_answer_probability=0.0, no_answer_margin=0.0)

    def say(self, answer: Answer) -> str:
        return self._text(answer) or SILENCE

    def expected(self, data: Questions, index: int) -> str:
        return " / ".join(dict.fromkeys(text for _, text in data.answers[index])) or SILENCE

    def confidence(self, answer: Answer, of: Answer) -> float:
        span = self.chosen(of)
        if span is None:
            return answer.no_answer_probability
        return next((other.probability for other in answer.spans if _place(other) == _place(span)), 0.0)

    def _text(self, answer: Answer) -> str:
        span = self.chosen(answer)
        return NO_ANSWER if span is None else span.text


def _is_count(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


def _best_text(answer: Answer) -> str:
    return answer.spans[0].text if answer.spans else NO_ANSWER


def _place(span: Span | None) -> tuple[int, int] | None:
    return None if span is None else (span.start, span.end)


def _texts(data: Questions) -> list[list[str]]:
    """The right answers of each question."""
    return [[text for _, text in answers] for answers in data.answers]


def _place_in(data: Questions) -> Callable[[int], str]:
    return lambda i: f"{data.path}:{data.line_numbers[i]}: question {data.ids[i]!r}"
