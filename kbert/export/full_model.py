"""A run's own Keras model, run as its exported files are: one text at a time, each at its own length."""

import os
from collections.abc import Sequence

import numpy as np

from kbert.export.text_input import encode
from kbert.quiet import load_tensorflow


class FullModel:
    """A text classifier for measuring.

    Raises:
        InputError: the checkpoint is missing or unsound, or has no classification head.
    """

    def __init__(self, reference: str | os.PathLike[str], *, num_threads: int) -> None:
        load_tensorflow()
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(num_threads)
        from kbert.tasks import TextClassifier

        model = TextClassifier.from_checkpoint(reference)

        # One trace for all lengths, as an exported file is one graph for all of them.
        @tf.function(input_signature=[tf.TensorSpec([1, None], tf.int32)], autograph=False)
        def classify(token_ids: tf.Tensor) -> tf.Tensor:
            features = {
                "token_ids": token_ids,
                "segment_ids": tf.zeros_like(token_ids),
                "padding_mask": tf.ones_like(token_ids),
            }
            return tf.nn.softmax(model(features, training=False)["logits"])

        self._model = model
        self._classify = classify

    def encode(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The token ids of each text, cut to what the model takes."""
        return encode(self._model.known_tokenizer(), texts, self._model.max_length)

    def run(self, token_ids: np.ndarray) -> np.ndarray:
        """Token ids of one text (length,) -> probabilities (labels,), float32."""
        return np.asarray(self._classify(token_ids[None])[0])
