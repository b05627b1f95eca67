"""The size of the embedding tables: large to pretrain from random weights, small to fine-tune."""

import numpy as np
from keras import ops

from kbert.pretrainer import BertPretrainer

# Root mean square of an entry; of 0.07, 0.024 and 0.008 the smallest was best, at the default learning rate.
FINETUNED_WELL = 0.008


def embedding_size(model: BertPretrainer) -> float:
    """The root mean square of the entries of the token table, as the encoder adds its rows up."""
    table = ops.convert_to_numpy(model.backbone.embeddings.token_vectors())
    return float(np.sqrt(np.mean(np.square(table, dtype="float64"))))


def resize_embeddings(model: BertPretrainer, size: float) -> None:
    """Brings the token table to a root mean square of `size`, without changing what the model computes.

    A LayerNorm follows the embeddings, so their sum may have any size; the MLM head, whose decoder is the same table,
    makes up for it in its own LayerNorm. But a step of AdamW has one size whatever that of the weights: in the few
    hundred steps of a fine-tuning a large table stays almost what it was, and the words of the task are not learned;
    in the many of a pretraining a small one is noise.

    Fixed sinusoids have the size that they have: with them the model is left as it is.
    """
    embeddings = model.backbone.embeddings
    if embeddings.position is None:
        return
    factor = size / embedding_size(model)
    variables = [embeddings.token.embeddings, embeddings.position, embeddings.segment]
    if embeddings.projection is not None:
        variables.append(embeddings.projection.bias)
    for variable in variables:
        variable.assign(variable * factor)
    for variable in (model.mlm.layer_norm.gamma, model.mlm.layer_norm.beta):
        variable.assign(variable / factor)


def enlarge_for_pretraining(model: BertPretrainer) -> float | None:
    """Undoes what `FINETUNED_WELL` did to a checkpoint: brings a table of less than half the size of random weights
    to their size. Returns the size that it had, or None where it was large enough."""
    size, initializer_range = embedding_size(model), model.backbone.config.initializer_range
    if size >= initializer_range / 2:
        return None
    resize_embeddings(model, initializer_range)
    return size
