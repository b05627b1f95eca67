"""A run's own Keras model, run as its exported files are: one text at a time, each at its own length."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenRow
from kbert.export.text_input import without_batch
from kbert.quiet import load_tensorflow


class FullModel:
    """A model of a task for measuring; `model` is it where it is open already, with the threads that it has.

    Raises:
        InputError: the checkpoint is missing or unsound, or has no head.
    """

    def __init__(self, reference: str | os.PathLike[str], *, num_threads: int, model: Any = None) -> None:
        load_tensorflow()
        import tensorflow as tf

        if model is None:
            tf.config.threading.set_intra_op_parallelism_threads(num_threads)
            from kbert.models import open_model

            model = open_model(reference)
        row = tf.TensorSpec([1, None], tf.int32)

        # One trace for all lengths, as an exported file is one graph for all of them.
        @tf.function(input_signature=[row, row], autograph=False)
        def answer(token_ids: tf.Tensor, segment_ids: tf.Tensor) -> dict[str, tf.Tensor]:
            padding_mask = tf.ones_like(token_ids)
            features = {"token_ids": token_ids, "segment_ids": segment_ids, "padding_mask": padding_mask}
            return model(features, training=False)

        self._model = model
        self._answer = answer

    def encode(self, inputs: Sequence[Any]) -> list[TokenRow]:
        """What the model reads of the inputs."""
        tokens = self._model.problem.encode(inputs)
        return [tokens.row(i) for i in range(len(tokens))]

    def run(self, row: TokenRow) -> dict[str, np.ndarray]:
        """One row -> the activated outputs by name, float32, without a batch axis."""
        outputs = self._answer(row.token_ids[None], row.segment_ids[None])
        return without_batch(self._model.problem.activate({name: value.numpy() for name, value in outputs.items()}))
