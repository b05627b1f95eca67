"""A head that knows the frozen encoder before both are trained: LP-FT (arXiv:2202.10054).

From a random head the first steps push noise into the pretrained encoder, and part of a short schedule goes by before
the head is of use.
"""

import dataclasses
import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from kbert.data.batching import TokenizedTexts, make_batches, sorted_rows
from kbert.tasks.task import predict_batches
from kbert.tasks.text_classifier import TextClassifier

# Enough to place a head; more would cost time that training has a better use for.
MAX_TEXTS = 20_000
MAX_ITERATIONS = 100
# Enough to tell whether the head survives dropout.
TRIED_TEXTS = 500
# How strongly a ridge regression is held back; the best is found by leaving one text out, which has a closed form.
RIDGE_ALPHAS = np.logspace(-2, 4, 13)


Fitted = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Start:
    """How the head of a task is fitted, and what it has to beat. Targets are those of the task's loss.

    `fit` turns features (texts, hidden_dim) and targets into the numbers of the outputs that could be fitted, their
    weights (hidden_dim, fitted) and biases (fitted,). `loss` is that of each text, from targets and logits; `bare_loss`
    the mean loss of the best answer that does not look at the text.
    """

    fit: Callable[[np.ndarray, np.ndarray], Fitted]
    loss: Callable[[np.ndarray, Any], Any]
    bare_loss: Callable[[np.ndarray], float]


def _fit_one_label(features: np.ndarray, targets: np.ndarray) -> Fitted:
    """A logistic regression; labels that do not occur are left alone."""
    found = np.unique(targets)
    if len(found) < 2:
        return _nothing(features)
    weights, biases = _logistic_regression(features, targets)
    if len(found) == 2:  # one row that tells the second class from the first
        weights, biases = np.concatenate([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    return found, weights.T, biases


def _fit_many_labels(features: np.ndarray, targets: np.ndarray) -> Fitted:
    """A logistic regression for each label; one that no text has, or all have, is left alone."""
    found = np.flatnonzero(targets.any(axis=0) & ~targets.all(axis=0))
    if not len(found):
        return _nothing(features)
    fitted = [_logistic_regression(features, targets[:, label]) for label in found]
    weights, biases = (np.concatenate(part) for part in zip(*fitted, strict=True))
    return found, weights.T, biases


def _fit_score(features: np.ndarray, targets: np.ndarray) -> Fitted:
    """A ridge regression."""
    from sklearn.linear_model import RidgeCV

    ridge = RidgeCV(alphas=RIDGE_ALPHAS).fit(features, targets[:, 0])
    return np.array([0]), ridge.coef_[:, None], np.array([ridge.intercept_])


def _entropy(label_ids: np.ndarray) -> float:
    shares = np.unique(label_ids, return_counts=True)[1] / len(label_ids)
    return float(-(shares * np.log(shares)).sum())


def _mean_entropy(targets: np.ndarray) -> float:
    """Of the decisions about each label: (texts, labels)."""
    from scipy.special import entr

    shares = targets.mean(axis=0, dtype="float64")
    return float((entr(shares) + entr(1.0 - shares)).mean())


_STARTS: Mapping[str, _Start] = {
    "text-classification": _Start(
        fit=_fit_one_label,
        loss=functools.partial(keras.losses.sparse_categorical_crossentropy, from_logits=True),
        bare_loss=_entropy,
    ),
    "multi-label": _Start(
        fit=_fit_many_labels,
        loss=functools.partial(keras.losses.binary_crossentropy, from_logits=True),
        bare_loss=_mean_entropy,
    ),
    "regression": _Start(
        fit=_fit_score,
        loss=keras.losses.mean_squared_error,
        bare_loss=lambda scores: float(scores.var(dtype="float64")),
    ),
}


def has_head_start(task: str) -> bool:
    """Whether `probe_head` knows a task."""
    return task in _STARTS


def probe_head(model: TextClassifier, texts: TokenizedTexts, *, batch_size: int, seed: int) -> bool:
    """Sets the head to a regression on the encoder's `pooled_output` of `texts`, at most `MAX_TEXTS` of them.

    It is logistic for labels and linear for scores. Labels that cannot be fitted, such as those that do not occur among
    the texts, keep their random weights. All of the head keeps them where the regression, with dropout on as in
    training, does worse than an answer that does not look at the text: on an encoder that says little it finds large
    weights, which dropout turns against it, and training would first have to undo them. Of a regression's head the bias
    is then the mean of the scores.

    Returns:
        Whether the head was set.
    """
    assert texts.label_ids is not None
    start = _STARTS[model.problem.task]
    chosen = _some_of(np.arange(len(texts)), MAX_TEXTS, seed)
    rows = [chosen[batch] for batch in sorted_rows(texts.lengths[chosen], batch_size)]
    encoder = keras.Model(model.backbone.input, model.backbone.output["pooled_output"])
    features = np.asarray(predict_batches(encoder, make_batches(texts.without_targets(), rows)), "float32")
    targets = texts.label_ids[np.concatenate(rows)]
    outputs, weights, biases = start.fit(features, targets)
    if not len(outputs):
        return False
    dense = model.classifier.dense
    random_weights = [keras.ops.convert_to_numpy(variable).copy() for variable in (dense.kernel, dense.bias)]
    _assign(dense, outputs, weights, biases)
    tried = _some_of(chosen, TRIED_TEXTS, seed)
    loss, bare = _losses_under_dropout(model, start, texts, tried, outputs, batch_size)
    if loss < bare:
        return True
    _assign(dense, slice(None), *random_weights)
    if model.problem.task == "regression":
        dense.bias.assign(targets.mean(axis=0))
    return False


def _some_of(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    return rows if len(rows) <= count else np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))


def _nothing(features: np.ndarray) -> Fitted:
    return np.zeros(0, int), np.zeros((features.shape[1], 0)), np.zeros(0)


def _logistic_regression(features: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (classes, hidden_dim) and biases (classes,), of two classes those of the second alone."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near is near enough
        regression = LogisticRegression(max_iter=MAX_ITERATIONS).fit(features, targets)
    return regression.coef_, regression.intercept_


def _assign(dense: keras.layers.Dense, outputs: Any, weights: np.ndarray, biases: np.ndarray) -> None:
    """Gives some outputs of a dense layer their weights."""
    kernel, bias = (keras.ops.convert_to_numpy(variable).copy() for variable in (dense.kernel, dense.bias))
    kernel[:, outputs], bias[outputs] = weights, biases
    dense.kernel.assign(kernel)
    dense.bias.assign(bias)


def _losses_under_dropout(
    model: TextClassifier,
    start: _Start,
    texts: TokenizedTexts,
    chosen: np.ndarray,
    outputs: np.ndarray,
    batch_size: int,
) -> tuple[float, float]:
    """Mean loss of the chosen texts, by the fitted outputs and by knowing nothing; later dropout draws as before."""
    assert texts.label_ids is not None
    targets = texts.label_ids
    if targets.ndim == 1:
        # Class numbers: those that the chosen texts have, numbered anew.
        outputs, targets = np.unique(targets[chosen]), np.searchsorted(np.unique(targets[chosen]), targets)
    else:
        targets = targets[:, outputs]
    seeds = [(variable, variable.numpy()) for variable in model.non_trainable_variables]
    rows = [chosen[batch] for batch in sorted_rows(texts.lengths[chosen], batch_size)]
    losses = []
    for features, batch in zip(make_batches(texts.without_targets(), rows), rows, strict=True):
        logits = keras.ops.take(model(features, training=True)["logits"], outputs, axis=1)
        losses.append(start.loss(targets[batch], logits))
    for variable, value in seeds:
        variable.assign(value)
    loss = float(np.mean(keras.ops.convert_to_numpy(keras.ops.concatenate(losses))))
    return loss, start.bare_loss(targets[chosen])
