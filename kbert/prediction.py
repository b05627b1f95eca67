"""Labels for texts, from the Keras model and from an exported file alike."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kbert.evaluation import Classifier


def predict_classes(model: Classifier, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One dict a text: `text`, `label`, `probability`, and `probabilities` by label, the likeliest first."""
    for text, row in zip(texts, model.predict_proba(texts), strict=True):
        order = np.argsort(-row, kind="stable")
        yield {
            "text": text,
            "label": model.labels[order[0]],
            "probability": round(float(row[order[0]]), 6),
            "probabilities": {model.labels[i]: round(float(row[i]), 6) for i in order},
        }
