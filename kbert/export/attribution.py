"""Which words an answer rests on: every token is taken away once, to see how the probability changes."""

import dataclasses
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.verify import Verdict
from kbert.problems.problem import Problem
from kbert.tokenizer import BertTokenizer

MOST_TOKENS = 64


class RunsTokens(Protocol):
    """What an artefact of `kbert.export.runtime` can do."""

    @property
    def problem(self) -> Problem: ...

    def encode(self, inputs: Sequence[Any]) -> list[TokenRow]: ...

    def run(self, row: TokenRow) -> dict[str, np.ndarray]: ...

    def known_tokenizer(self) -> BertTokenizer: ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class TokenAttribution:
    """A token, its place in the text (code points), and how much of the label's probability hangs on it.

    `weight` is the probability with the token less the probability without it: positive where it speaks for the label.
    """

    token: str
    start: int
    end: int
    weight: float


def attribute(
    artefact: RunsTokens, text: str, label_index: int, *, most_tokens: int = MOST_TOKENS
) -> tuple[TokenAttribution, ...]:
    """Representation erasure (Li et al., 2016, arXiv:1612.08220), on tokens, in the exported file itself.

    Each token is replaced by [MASK] while the others stay: a file has no gradients, and this asks nothing but answers.
    The special tokens are left out. It costs a run of the file for each token, and one more.

    Args:
        artefact: an exported file.
        text: what it reads.
        label_index: the label whose probability is looked at.
        most_tokens: later tokens are not tried.

    Returns:
        One entry for each token tried, in the order of the text; none if a probability is no number.
    """
    tokenizer = artefact.known_tokenizer()
    token_ids = artefact.encode([text])[0].token_ids  # (length,), cut to what the model takes
    # Not cut, it has the same tokens in the same places, but for the last [SEP].
    encoding = tokenizer.encode(text)
    mask = tokenizer.token_id("[MASK]")
    before = _probability(artefact, token_ids, label_index)
    found = []
    for place in range(1, min(len(token_ids) - 1, most_tokens + 1)):
        without = token_ids.copy()
        without[place] = mask
        start, end = encoding.offsets[place]
        weight = before - _probability(artefact, without, label_index)
        found.append(TokenAttribution(token=encoding.tokens[place], start=start, end=end, weight=weight))
    return tuple(found) if all(np.isfinite(entry.weight) for entry in found) else ()


def explain_worst(artefact: RunsTokens, verdict: Verdict) -> tuple[tuple[TokenAttribution, ...], ...]:
    """For each of the verdict's worst texts, what the full model's label rests on in the exported file.

    Nothing for tasks that do not give every text one label.
    """
    labels = artefact.problem.labels
    if artefact.problem.task != "text-classification" or any(example.pair for example in verdict.worst):
        return ()
    return tuple(attribute(artefact, example.text, labels.index(example.full)) for example in verdict.worst)


def _probability(artefact: RunsTokens, token_ids: np.ndarray, label_index: int) -> float:
    return float(artefact.run(TokenRow(token_ids))["probability"][label_index])
