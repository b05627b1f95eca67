"""A head that knows the frozen encoder before both are trained: LP-FT (arXiv:2202.10054).

From a random head the first steps push noise into the pretrained encoder, and part of a short schedule goes by before
the head is of use.
"""

import dataclasses
import warnings

import keras
import numpy as np

from kbert.data.batching import TokenizedTexts, make_batches, sorted_rows
from kbert.tasks.text_classifier import TextClassifier

# Enough to place a head; more would cost time that training has a better use for.
MAX_TEXTS = 20_000
MAX_ITERATIONS = 100


def probe_head(model: TextClassifier, texts: TokenizedTexts, *, batch_size: int, seed: int) -> None:
    """Sets the head to a logistic regression on the encoder's `pooled_output` of `texts`, at most `MAX_TEXTS` of them.

    Labels that do not occur among the texts keep their random weights.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    assert texts.label_ids is not None
    chosen = np.arange(len(texts))
    if len(chosen) > MAX_TEXTS:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, MAX_TEXTS, replace=False))
    rows = [chosen[batch] for batch in sorted_rows(texts.lengths[chosen], batch_size)]
    encoder = keras.Model(model.backbone.input, model.backbone.output["pooled_output"])
    batches = make_batches(dataclasses.replace(texts, label_ids=None), rows)
    features = np.asarray(encoder.predict(batches, verbose=0), "float32")
    label_ids = texts.label_ids[np.concatenate(rows)]
    found = np.unique(label_ids)
    if len(found) < 2:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near is near enough
        regression = LogisticRegression(max_iter=MAX_ITERATIONS).fit(features, label_ids)
    weights, biases = regression.coef_, regression.intercept_
    if len(found) == 2:  # one row that tells the second class from the first
        weights, biases = np.concatenate([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
    dense = model.classifier.dense
    kernel, bias = (keras.ops.convert_to_numpy(variable).copy() for variable in (dense.kernel, dense.bias))
    kernel[:, found], bias[found] = weights.T, biases
    dense.kernel.assign(kernel)
    dense.bias.assign(bias)
