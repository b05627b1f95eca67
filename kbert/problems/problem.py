"""`Problem`: one task as seen from outside the network.

The same object reads the data, makes the tokens, turns what a network gives into answers, and scores them, for the
Keras model and for an exported file alike: so both see the same text and are measured by the same code.
"""

import abc
import dataclasses
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np

from kbert.data.batching import TokenizedTexts, tokenize
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import read_pairs, read_texts
from kbert.errors import InputError
from kbert.evaluation_report import EvaluationReport, most_wrong_answers
from kbert.tokenizer import BertTokenizer

Outputs: TypeAlias = Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Problem(abc.ABC):
    """One task with the labels, tokenizer and settings of one model.

    Subclasses say what the network's outputs are called: `heads` maps the Keras model's to the names of what
    `activate` makes of them, which are those of a TFLite file, and `activations` to the function that does it;
    `onnx_outputs` maps the Keras model's to an ONNX file's.
    `metrics` are what an epoch may be chosen by, the main one first: the gate's drop is in it. Where they depend on the
    data, `metrics_of` tells.
    """

    task: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]]
    heads: ClassVar[Mapping[str, str]]
    activations: ClassVar[Mapping[str, str]]
    onnx_outputs: ClassVar[Mapping[str, str]]
    has_labels: ClassVar[bool] = True
    default_max_length: ClassVar[int] = 128
    # Whether an input is always two texts.
    reads_pairs: ClassVar[bool] = False
    # Whether held-out data chooses some of the settings.
    tunable: ClassVar[bool] = False

    labels: tuple[str, ...]
    tokenizer: BertTokenizer | None
    max_length: int

    @property
    def main_metric(self) -> str:
        return self.metrics[0]

    @classmethod
    def metrics_of(cls, data: Any) -> tuple[str, ...]:
        """Those of `metrics` that this data can be measured by, the main one first."""
        return cls.metrics

    def main_metric_of(self, data: Any) -> str:
        """What the sums of `counts` on this data are."""
        return self.main_metric

    def known_tokenizer(self) -> BertTokenizer:
        """The tokenizer; raises InputError where the model was built without one."""
        if self.tokenizer is None:
            raise InputError("a model without a tokenizer takes tensors only: give it a vocabulary (--vocab FILE)")
        return self.tokenizer

    def settings(self) -> dict[str, Any]:
        """What the task knows beyond labels, tokenizer and length, as JSON can hold it; `Problem(**settings)` again."""
        return {}

    @classmethod
    def settings_of(cls, data: Any) -> dict[str, Any]:
        """The `settings` that the data decides, such as the tags' scheme."""
        return {}

    def widths(self) -> dict[str, int]:
        """How many numbers the outputs that `activate` gives have on their last axis, where labels say so."""
        return {next(iter(self.heads.values())): len(self.labels)} if self.has_labels else {}

    def tuned(self, answers: Sequence[Any], data: Any) -> "Problem":
        """The same problem with the settings that held-out data chooses, such as a threshold."""
        return self

    def check_labels(self) -> None:
        """Raises InputError where the labels cannot be those of a model."""
        if len(set(self.labels)) < len(self.labels):
            repeated = next(label for label in self.labels if self.labels.count(label) > 1)
            raise InputError(f"expected distinct labels, {repeated!r} stands twice")

    # --- data

    @classmethod
    @abc.abstractmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> Any:
        """Reads labelled data.

        Raises:
            InputError: the file cannot be used; with its name and line.
        """

    @classmethod
    def read_inputs(
        cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL, *, pairs: bool = False
    ) -> list[Any]:
        """Reads what is to be answered, without labels: texts, or pairs where `pairs` or the file's columns say so.

        Raises:
            InputError: the file cannot be used; with its name and line.
        """
        if pairs or columns.text_b is not None:
            return read_pairs(path, first_column=columns.text, second_column=columns.text_b, columns=columns.names)
        return read_texts(path, text_column=columns.text, columns=columns.names)

    @classmethod
    @abc.abstractmethod
    def labels_of(cls, data: Any) -> list[str]:
        """The labels that a model of this data has to know.

        Raises:
            InputError: there is nothing to learn.
        """

    @abc.abstractmethod
    def check(self, data: Any) -> None:
        """Raises InputError if a row of the data does not fit the labels of the model; says which row."""

    # --- tokens

    def sample(self, texts: Sequence[str]) -> list[Any]:
        """Inputs made of any texts, to run the model without data."""
        return list(itertools.pairwise(texts)) if self.reads_pairs else list(texts)

    def encode(self, inputs: Sequence[Any]) -> TokenizedTexts:
        """What the model reads of each input."""
        return tokenize(self.known_tokenizer(), inputs, max_length=self.max_length)

    @abc.abstractmethod
    def encode_examples(self, data: Any) -> TokenizedTexts:
        """What the model reads of each example, with its targets."""

    # --- answers

    def activate(self, outputs: Outputs) -> dict[str, np.ndarray]:
        """A Keras model's outputs, of any batch, under the names and in the form of a TFLite file's, float32."""
        return {self.heads[name]: ACTIVATIONS[self.activations[name]](value) for name, value in outputs.items()}

    @abc.abstractmethod
    def decode(self, inputs: Sequence[Any], tokens: TokenizedTexts, outputs: Sequence[Outputs]) -> list[Any]:
        """One answer an input, from the activated outputs of each row of `tokens` (without a batch axis)."""

    @abc.abstractmethod
    def to_dict(self, given: Any, answer: Any) -> dict[str, Any]:
        """What is printed for an input and its answer."""

    # --- scores

    @abc.abstractmethod
    def score(self, answers: Sequence[Any], data: Any) -> dict[str, float]:
        """All metrics; shares from 0 to 1."""

    def report(self, answers: Sequence[Any], data: Any, *, worst: int = 0) -> EvaluationReport:
        """What the metrics do not say; of every task the most wrong answers."""
        said = [self.say(answer) for answer in answers]
        right = [self.expected(data, i) for i in range(len(data))]
        probabilities = np.asarray([self.confidence(answer, answer) for answer in answers])
        wrong = np.asarray([one != other for one, other in zip(said, right, strict=True)])
        texts = [show(given) for given in data.inputs]
        return EvaluationReport(worst=most_wrong_answers(texts, right, said, probabilities, wrong, worst))

    @abc.abstractmethod
    def counts(self, answers: Sequence[Any], data: Any) -> np.ndarray:
        """What the main metric is made of, float64 (examples, k): `main_from_counts` of their sum is the metric."""

    @abc.abstractmethod
    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        """Sums of `counts` (…, k) -> the main metric (…)."""

    @abc.abstractmethod
    def same(self, one: Any, other: Any) -> bool:
        """Whether two answers say the same."""

    @abc.abstractmethod
    def shift(self, one: Any, other: Any) -> float:
        """How far two answers are apart: the largest change of a probability, or what takes its place."""

    @abc.abstractmethod
    def is_sound(self, answer: Any) -> bool:
        """Whether all numbers of an answer are numbers."""

    @abc.abstractmethod
    def nothing(self, answer: Any) -> Any:
        """What takes the place of an answer that is not sound: one that says as little as can be."""

    @abc.abstractmethod
    def say(self, answer: Any) -> str:
        """An answer in a few words."""

    @abc.abstractmethod
    def expected(self, data: Any, index: int) -> str:
        """The right answer of an example, in the same words."""

    @abc.abstractmethod
    def confidence(self, answer: Any, of: Any) -> float | None:
        """The probability that an answer gives to what the answer `of` says; None where answers have none."""


def softmax(logits: np.ndarray) -> np.ndarray:
    """Over the last axis; in float64, as the sums of float32 differ from one runtime to the other."""
    logits = np.asarray(logits, "float64")
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), "float32")


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Of each number, in float64 and back."""
    from scipy.special import expit

    return np.asarray(expit(np.asarray(logits, "float64")), "float32")


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "softmax": softmax,
    "sigmoid": sigmoid,
    "none": lambda values: np.asarray(values, "float32"),
}


class Answering(Protocol):
    """What can be asked: a Keras model of `kbert.tasks`, or an exported file in its runtime."""

    @property
    def problem(self) -> Problem: ...

    def answer(self, inputs: Sequence[Any]) -> list[Any]:
        """One answer an input, as `problem.decode` gives them."""


def show(given: Any) -> str:
    """An input as one text, for a person."""
    return given if isinstance(given, str) else " | ".join(given)


def subset(data: Any, rows: Sequence[int]) -> Any:
    """Some examples of a data set."""
    lists = {
        field.name: [getattr(data, field.name)[i] for i in rows]
        for field in dataclasses.fields(data)
        if isinstance(getattr(data, field.name), list)
    }
    return dataclasses.replace(data, **lists)
