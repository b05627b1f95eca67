"""What all ways to run an exported file share: from inputs to rows of ids, and from outputs to answers."""

import abc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.data.batching import TokenizedTexts, TokenRow, tokenize
from kbert.errors import InputError
from kbert.export.facts import ArtefactFacts
from kbert.problems.problem import Problem
from kbert.tokenizer import BertTokenizer


def encode(tokenizer: BertTokenizer, texts: Sequence[Any], max_length: int) -> list[TokenRow]:
    """The tokens of each text, or pair, cut to `max_length`."""
    tokens = tokenize(tokenizer, texts, max_length=max_length)
    return [tokens.row(i) for i in range(len(tokens))]


class FromText(abc.ABC):
    """A file by what it carries: `path` and `facts` are set by those that open it."""

    path: Path
    facts: ArtefactFacts

    @property
    def labels(self) -> tuple[str, ...]:
        return self.facts.labels

    @property
    def max_length(self) -> int:
        return self.facts.max_length

    @property
    def problem(self) -> Problem:
        return self.facts.problem

    def known_tokenizer(self) -> BertTokenizer:
        """The tokenizer that the file carries."""
        return self.facts.tokenizer

    def encode(self, inputs: Sequence[Any]) -> list[TokenRow]:
        """What the model reads of the inputs, a row for each or several."""
        tokens = self.problem.encode(inputs)
        return [tokens.row(i) for i in range(len(tokens))]

    def answer(self, inputs: Sequence[Any]) -> list[Any]:
        """One answer an input, as the task's problem decodes them."""
        problem = self.problem
        tokens = problem.encode(inputs)
        return problem.decode(inputs, tokens, self.run_rows(tokens))

    def run_rows(self, tokens: TokenizedTexts) -> list[dict[str, np.ndarray]]:
        """The outputs of each row.

        In order of length, so that the runtime seldom has to resize. One at a time: quantized activations of one text
        must not depend on its neighbours in a batch.
        """
        found: list[dict[str, np.ndarray]] = [{} for _ in range(len(tokens))]
        for index in np.argsort(tokens.lengths, kind="stable"):
            found[index] = self.run(tokens.row(int(index)))
        return found

    @abc.abstractmethod
    def run(self, row: TokenRow) -> dict[str, np.ndarray]:
        """One row -> the activated outputs by name, float32, without a batch axis."""

    def predict_proba(self, texts: Sequence[Any]) -> np.ndarray:
        """The probability of every label for every text: float32 (texts, labels). Of regression, the score."""
        return np.asarray(self.answer(texts), "float32").reshape(len(texts), len(self.labels))


def check_widths(path: Path, problem: Problem, widths: Mapping[str, Any]) -> None:
    """Raises InputError unless the file's outputs, by our names, have a number for each label."""
    for name, labels in problem.widths().items():
        if name in widths and widths[name] != labels:
            raise InputError(
                f"{path}: expected a label for each of its {widths[name]} probabilities, its metadata has "
                f"{labels}. Export the model again"
            )


def without_batch(outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs of a batch of one, each without its first axis, float32."""
    return {name: np.asarray(value[0], "float32") for name, value in outputs.items()}
