"""A head that knows the frozen encoder before both are trained: LP-FT (arXiv:2202.10054).

From a random head the first steps push noise into the pretrained encoder, and part of a short schedule goes by before
the head is of use.
"""

import warnings

import keras
import numpy as np

from kbert.data.batching import TokenizedTexts, make_batches, sorted_rows
from kbert.tasks.text_classifier import TextClassifier

# Enough to place a head; more would cost time that training has a better use for.
MAX_TEXTS = 20_000
MAX_ITERATIONS = 100
# Enough to tell whether the head survives dropout.
TRIED_TEXTS = 500


def probe_head(model: TextClassifier, texts: TokenizedTexts, *, batch_size: int, seed: int) -> bool:
    """Sets the head to a logistic regression on the encoder's `pooled_output` of `texts`, at most `MAX_TEXTS` of them.

    Labels that do not occur among the texts keep their random weights. All of the head keeps them where the regression,
    with dropout on as in training, does worse than the bare shares of the labels: on an encoder that says little it
    finds large weights, which dropout turns against it, and training would first have to undo them.

    Returns:
        Whether the head was set.
    """
    assert texts.label_ids is not None
    chosen = _some_of(np.arange(len(texts)), MAX_TEXTS, seed)
    rows = [chosen[batch] for batch in sorted_rows(texts.lengths[chosen], batch_size)]
    encoder = keras.Model(model.backbone.input, model.backbone.output["pooled_output"])
    features = np.asarray(encoder.predict(make_batches(texts.without_targets(), rows), verbose=0), "float32")
    label_ids = texts.label_ids[np.concatenate(rows)]
    if len(np.unique(label_ids)) < 2:
        return False
    dense = model.classifier.dense
    random_weights = [keras.ops.convert_to_numpy(variable).copy() for variable in (dense.kernel, dense.bias)]
    _assign_regression(dense, features, label_ids)
    tried = _some_of(chosen, TRIED_TEXTS, seed)
    if _loss_under_dropout(model, texts, tried, batch_size) < _entropy(texts.label_ids[tried]):
        return True
    dense.kernel.assign(random_weights[0])
    dense.bias.assign(random_weights[1])
    return False


def _some_of(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    return rows if len(rows) <= count else np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))


def _assign_regression(dense: keras.layers.Dense, features: np.ndarray, label_ids: np.ndarray) -> None:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near is near enough
        regression = LogisticRegression(max_iter=MAX_ITERATIONS).fit(features, label_ids)
    weights, biases = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:  # one row that tells the second class from the first
        weights, biases = np.concatenate([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    kernel, bias = (keras.ops.convert_to_numpy(variable).copy() for variable in (dense.kernel, dense.bias))
    kernel[:, regression.classes_], bias[regression.classes_] = weights.T, biases
    dense.kernel.assign(kernel)
    dense.bias.assign(bias)


def _loss_under_dropout(model: TextClassifier, texts: TokenizedTexts, chosen: np.ndarray, batch_size: int) -> float:
    """Mean cross-entropy of the chosen texts among their labels, in nats; later dropout draws as if this were not."""
    assert texts.label_ids is not None
    found = np.unique(texts.label_ids[chosen])
    seeds = [(variable, variable.numpy()) for variable in model.non_trainable_variables]
    rows = [chosen[batch] for batch in sorted_rows(texts.lengths[chosen], batch_size)]
    losses = []
    for features, batch in zip(make_batches(texts.without_targets(), rows), rows, strict=True):
        logits = keras.ops.take(model(features, training=True)["logits"], found, axis=1)
        label_ids = np.searchsorted(found, texts.label_ids[batch])
        losses.append(keras.losses.sparse_categorical_crossentropy(label_ids, logits, from_logits=True))
    for variable, value in seeds:
        variable.assign(value)
    return float(np.mean(keras.ops.convert_to_numpy(keras.ops.concatenate(losses))))


def _entropy(label_ids: np.ndarray) -> float:
    shares = np.unique(label_ids, return_counts=True)[1] / len(label_ids)
    return float(-(shares * np.log(shares)).sum())
