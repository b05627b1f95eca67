"""Labels for texts, from the Keras model and from an exported file alike."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kbert.models import Model


def truncation_note(model: "Model", texts: Sequence[str]) -> str | None:
    """One line if texts are longer than the model takes: they are cut, and what was cut has no say."""
    encodings = model.known_tokenizer().encode_batch(texts, max_length=model.max_length)
    count = sum(encoding.truncated for encoding in encodings)
    if not count:
        return None
    return f"{count} of {len(texts)} texts were longer than {model.max_length} tokens and were cut"


def predict_classes(model: "Model", texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One dict a text: `text`, `label`, `probability`, and `probabilities` by label, the likeliest first."""
    for text, row in zip(texts, model.predict_proba(texts), strict=True):
        order = np.argsort(-row, kind="stable")
        yield {
            "text": text,
            "label": model.labels[order[0]],
            "probability": round(float(row[order[0]]), 6),
            "probabilities": {model.labels[i]: round(float(row[i]), 6) for i in order},
        }
