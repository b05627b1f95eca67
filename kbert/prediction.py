"""Answers for texts, from the Keras model and from an exported file alike, and tokens for masks."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kbert.data.batching import tokenize
from kbert.errors import InputError
from kbert.models import is_masked_language_model

if TYPE_CHECKING:
    from kbert.models import Model
    from kbert.pretrainer import BertPretrainer
    from kbert.problems.problem import Answering


def predictions(model: "Model", inputs: Sequence[Any], *, top: int | None = None) -> Iterable[dict[str, Any]]:
    """One dict an input, by what the model can: see `predict_masks`, or the `to_dict` of its task's problem.

    Raises:
        InputError: `top` came with a model that fills no masks; or see `BertPretrainer.fill_mask`.
    """
    if is_masked_language_model(model):
        return predict_masks(model, inputs, top=5 if top is None else top)
    if top is not None:
        raise InputError("--top is for masked language models: a classifier tells the probability of every label")
    return predict(model, inputs)


def truncation_note(model: "Model", inputs: Sequence[Any]) -> str | None:
    """One line if texts are longer than the model takes: they are cut, and what was cut has no say."""
    if is_masked_language_model(model):
        count = tokenize(model.known_tokenizer(), inputs, max_length=model.max_length).truncated
        longest = model.max_length
    else:
        count, longest = model.problem.encode(inputs).truncated, model.problem.max_length
    if not count:
        return None
    return f"{count} of {len(inputs)} texts were longer than {longest} tokens and were cut"


def predict(model: "Answering", inputs: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """One dict an input, as the model's task prints it."""
    for given, answer in zip(inputs, model.answer(inputs), strict=True):
        yield model.problem.to_dict(given, answer)


def predict_masks(model: "BertPretrainer", texts: Sequence[str], *, top: int = 5) -> list[dict[str, Any]]:
    """One dict a text: `text` and `masks`, each with `start`, `end` and its `top` likeliest `tokens`."""
    rows = [dataclasses.asdict(prediction) for prediction in model.fill_mask(texts, top)]
    for token in (token for row in rows for mask in row["masks"] for token in mask["tokens"]):
        token["probability"] = round(token["probability"], 6)
    return rows
