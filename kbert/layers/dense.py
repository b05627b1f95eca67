"""Keras's dense layer with a place where its product can be computed otherwise."""

from collections.abc import Callable
from typing import Any

import keras


@keras.saving.register_keras_serializable("kbert")
class Dense(keras.layers.Dense):
    """`keras.layers.Dense`, (…, inputs) -> (…, units).

    Attributes:
        affine: computes `x @ kernel + bias` from the three, if set (see `kbert.quantization`). Set it before anything
            is traced through the layer.
    """

    affine: Callable[[Any, Any, Any], Any] | None = None

    def call(self, x: Any, training: bool | None = None) -> Any:
        if self.affine is None:
            return super().call(x, training=training)
        x = self.affine(x, self.kernel, self.bias)
        return x if self.activation is None else self.activation(x)
