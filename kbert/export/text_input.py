"""What all ways to run an exported file share: from texts to ids, and the names of the classes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kbert.export.facts import ArtefactFacts
from kbert.tokenizer import BertTokenizer


def encode(tokenizer: BertTokenizer, texts: Sequence[str], max_length: int) -> list[np.ndarray]:
    """The token ids of each text, int32 (length,), cut to `max_length`."""
    encodings = tokenizer.encode_batch(texts, max_length=max_length)
    return [np.asarray(encoding.token_ids, "int32") for encoding in encodings]


class FromText:
    """A file by what it carries: `path` and `facts` are set by those that open it."""

    path: Path
    facts: ArtefactFacts

    @property
    def labels(self) -> tuple[str, ...]:
        return self.facts.labels

    @property
    def max_length(self) -> int:
        return self.facts.max_length

    def known_tokenizer(self) -> BertTokenizer:
        """The tokenizer that the file carries."""
        return self.facts.tokenizer

    def encode(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The token ids of each text, int32 (length,), cut to what the model takes."""
        return encode(self.facts.tokenizer, texts, self.max_length)
