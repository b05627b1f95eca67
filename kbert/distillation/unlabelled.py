"""Texts without labels beside those of the data: what their targets are, and which of their tokens are read."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import IGNORED, TokenizedTexts
from kbert.data.words import words_of
from kbert.problems.problem import Problem
from kbert.problems.word_answers import token_targets
from kbert.problems.word_tags import WordTags


def encode_unlabelled(problem: Problem, inputs: Sequence[Any], like: TokenizedTexts) -> TokenizedTexts:
    """Tokens of inputs with a target that is none for each that `like` has, as the losses pass over it.

    Of whole numbers it is `IGNORED`; of others it is not a number.
    """
    tokens = problem.encode(inputs)
    targets = {}
    for name, values in like.targets.items():
        rows = len(tokens.token_ids) if like.is_of_tokens(values) else len(tokens)
        missing = IGNORED if np.issubdtype(values.dtype, np.integer) else np.nan
        targets[name] = np.full((rows, *values.shape[1:]), missing, values.dtype)
    return dataclasses.replace(tokens, targets=targets)


def read_tokens(problem: Problem, inputs: Sequence[Any], tokens: TokenizedTexts) -> np.ndarray | None:
    """Which tokens somebody reads an output of: bool (tokens,); None where outputs are of whole texts.

    A word's tag is read at its first token; an answer begins at [CLS] or in the text.
    """
    if isinstance(problem, WordTags):
        nothing = [[0] * len(words_of(text)) for text in inputs]
        return np.asarray(token_targets(inputs, tokens, nothing) != IGNORED)
    if problem.task == "question-answering":
        assert tokens.second_starts is not None
        places = np.arange(len(tokens.token_ids)) - np.repeat(tokens.starts[:-1], tokens.lengths)
        in_text = places >= np.repeat(tokens.second_starts, tokens.lengths)
        in_text[tokens.starts[1:] - 1] = False  # the last [SEP]
        return in_text | (places == 0)
    return None
