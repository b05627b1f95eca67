"""Files of text to batches of tensors."""

from kbert.data.batching import TokenizedTexts, epoch_rows, make_batches, tokenize
from kbert.data.readers import LabelledTexts, read_labelled_texts, read_texts

__all__ = [
    "LabelledTexts",
    "TokenizedTexts",
    "epoch_rows",
    "make_batches",
    "read_labelled_texts",
    "read_texts",
    "tokenize",
]
