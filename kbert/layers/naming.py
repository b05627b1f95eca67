"""One name for every weight, the same for checkpoints, training and export."""

from typing import Any

import keras


def named_variables(**parts: Any) -> dict[str, keras.Variable]:
    """Joins the named weights of a layer's parts: `{"attention.query.kernel": variable, …}`.

    A part is a variable, one of Keras's layers, or a layer of ours, which has `named_variables` itself. `None` is
    skipped: a part that this configuration does not have.
    """
    named = {}
    for name, part in parts.items():
        for suffix, variable in _variables_of(part).items():
            named[f"{name}.{suffix}" if suffix else name] = variable
    return named


def _variables_of(part: Any) -> dict[str, keras.Variable]:
    if part is None:
        return {}
    if isinstance(part, keras.Variable):
        return {"": part}
    if hasattr(part, "named_variables"):
        return dict(part.named_variables())
    return {variable.name: variable for variable in part.weights if variable.dtype != "uint32"}
