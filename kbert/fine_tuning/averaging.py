"""A moving average of the weights, which is what is validated and saved (Polyak averaging; arXiv:1806.05594).

The averages are variables of the optimizer (`make_optimizer(ema=…)`), so that they are saved and resumed with it.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras


@contextlib.contextmanager
def averaged_weights(model: Any) -> Iterator[None]:
    """Within this the model has the averages of its weights; after it the weights again, bit for bit.

    `keras.callbacks.SwapEMAWeights` swaps them by additions, which leaves roundings behind: a run that was validated
    would then go on otherwise than one that was not. Where the optimizer keeps no averages, or has none yet, the model
    has its weights. Outside a distribution strategy's replicas.

    Args:
        model: compiled with a `kbert.optimizer.AdamW`, whose loss may be scaled.
    """
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not optimizer.use_ema or int(keras.ops.convert_to_numpy(optimizer.iterations)) == 0:
        yield
        return
    kept = [(variable, keras.ops.copy(variable)) for variable in model.trainable_variables]
    for variable, _ in kept:
        variable.assign(optimizer.average_of(variable))
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)
