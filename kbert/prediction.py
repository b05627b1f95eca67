"""Labels for texts, from the Keras model and from an exported file alike, and tokens for masks."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kbert.errors import InputError
from kbert.models import is_masked_language_model

if TYPE_CHECKING:
    from kbert.models import Classifier, Model
    from kbert.pretrainer import BertPretrainer


def predictions(model: "Model", texts: Sequence[str], *, top: int | None = None) -> Iterable[dict[str, Any]]:
    """One dict a text, by what the model can: `predict_masks` or `predict_classes`.

    Raises:
        InputError: `top` came with a classifier; or see `BertPretrainer.fill_mask`.
    """
    if is_masked_language_model(model):
        return predict_masks(model, texts, top=5 if top is None else top)
    if top is not None:
        raise InputError("--top is for masked language models: a classifier tells the probability of every label")
    return predict_classes(model, texts)


def truncation_note(model: "Model", texts: Sequence[str]) -> str | None:
    """One line if texts are longer than the model takes: they are cut, and what was cut has no say."""
    encodings = model.known_tokenizer().encode_batch(texts, max_length=model.max_length)
    count = sum(encoding.truncated for encoding in encodings)
    if not count:
        return None
    return f"{count} of {len(texts)} texts were longer than {model.max_length} tokens and were cut"


def predict_classes(model: "Classifier", texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """One dict a text: `text`, `label`, `probability`, and `probabilities` by label, the likeliest first."""
    for text, row in zip(texts, model.predict_proba(texts), strict=True):
        order = np.argsort(-row, kind="stable")
        yield {
            "text": text,
            "label": model.labels[order[0]],
            "probability": round(float(row[order[0]]), 6),
            "probabilities": {model.labels[i]: round(float(row[i]), 6) for i in order},
        }


def predict_masks(model: "BertPretrainer", texts: Sequence[str], *, top: int = 5) -> list[dict[str, Any]]:
    """One dict a text: `text` and `masks`, each with `start`, `end` and its `top` likeliest `tokens`."""
    rows = [dataclasses.asdict(prediction) for prediction in model.fill_mask(texts, top)]
    for token in (token for row in rows for mask in row["masks"] for token in mask["tokens"]):
        token["probability"] = round(token["probability"], 6)
    return rows
