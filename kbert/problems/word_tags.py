"""What tasks share that give every word a tag: the data, the tokens, and what the tags mean."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

from kbert.data.batching import TokenizedTexts
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import TaggedTexts
from kbert.data.word_windows import tokenize_in_windows
from kbert.errors import InputError
from kbert.problems.problem import Problem
from kbert.problems.word_answers import WordAnswer, scheme_of

PLAIN = "none"


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordTags(Problem):
    """A word's tag is read at its first token.

    `scheme` is "BIO" where labels mark entities, else "none"; by default what the labels look like. `stride` is how
    many tokens the windows of a text have in common that is longer than `max_length`; by default a quarter of that.
    """

    scheme: str | None = None
    stride: int | None = None

    def __post_init__(self) -> None:
        if self.scheme is None:
            object.__setattr__(self, "scheme", scheme_of(self.labels))
        if self.stride is not None and self.stride < 0:
            raise InputError(f"stride must be 0 tokens or more. Received: {self.stride}")

    @property
    def is_plain(self) -> bool:
        """Whether the tags mark no entities."""
        return self.scheme == PLAIN

    @property
    def overlap(self) -> int:
        """The tokens that two windows have in common."""
        return self.max_length // 4 if self.stride is None else min(self.stride, self.max_length // 2)

    def settings(self) -> dict[str, Any]:
        return {"scheme": self.scheme, "stride": self.overlap}

    @classmethod
    def settings_of(cls, data: TaggedTexts) -> dict[str, Any]:
        return {"scheme": data.scheme}

    @classmethod
    def read_inputs(
        cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL, *, pairs: bool = False
    ) -> list[Any]:
        if pairs or columns.text_b is not None:
            raise InputError(f"{path}: {cls.task} reads one text at a time, not pairs")
        return super().read_inputs(path, columns)

    def check_labels(self) -> None:
        if len(self.labels) < 2:
            listed = ", ".join(self.labels) or "none"
            raise InputError(f"expected at least two tags to tell apart, got {len(self.labels)}: {listed}")
        super().check_labels()

    def check(self, data: Any) -> None:
        data.label_ids(self.labels)

    def encode(self, inputs: Sequence[Any]) -> TokenizedTexts:
        """The tokens of each text; in several rows where it is longer than `max_length`: nothing is cut off."""
        for number, given in enumerate(inputs):
            if not isinstance(given, str):
                raise InputError(f"text {number} must be one string. Received: {type(given).__name__}")
        return tokenize_in_windows(self.known_tokenizer(), inputs, max_length=self.max_length, overlap=self.overlap)

    def tags(self, answer: WordAnswer) -> list[str]:
        """The tag of each word; those of entities in BIO."""
        return answer.tags(self.labels, str(self.scheme))

    def entities(self, answer: WordAnswer) -> list[dict[str, Any]]:
        """The entities of an answer, as they are printed."""
        return [
            {"text": answer.text[start:end], "label": label, "start": start, "end": end, "score": round(score, 6)}
            for start, end, label, score in answer.entities(self.labels, str(self.scheme))
        ]
