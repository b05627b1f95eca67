"""Fake quantization of a task's model: it computes what its file will compute, and learns in float32."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kbert.errors import check_setting
from kbert.export.weight_schemes import SMALLEST, WEIGHT_SCHEMES, WeightFormat
from kbert.fine_tuning.settings import QUANTIZE_SCHEMES
from kbert.quantization.rounded import RoundedDense, RoundedLookUp, RoundedTable, position_table
from kbert.quantization.weights import dense_weights
from kbert.tasks.task import BertTask

# Of MiniLM a choice of scales at 4 bits takes as long as two or three steps of 32 texts.
REFRESH_BATCHES = 50
TOKENS, POSITIONS = "embeddings.token", "embeddings.positions"


def fake_quantize(model: BertTask, scheme: str, *, vocabulary_size: int | None = None) -> "FakeQuantization":
    """Makes a model compute with the weights that its TFLite file of a scheme has, and with inputs rounded as there.

    Its variables stay what they were, float32, and are what is saved. Functions that Keras has traced are traced anew;
    compile the model after it.

    Args:
        model: computing in float32.
        scheme: `dynamic_int8` or `int4`.
        vocabulary_size: rows of the whole token table, where the model has some of them.

    Returns:
        What holds the scales; also the model's `fake_quantization`, so that they are among its variables.

    Raises:
        InputError: the scheme is unknown, or none of integers that go with weights of any kind.

    Example:
        >>> model = TextClassifier.from_checkpoint("run")
        >>> fake = fake_quantize(model, "int4")
        >>> model.predict(["better than the book"])[0].label  # as the file will say
        'positive'
    """
    check_setting(scheme in QUANTIZE_SCHEMES, "quantize", scheme, f"one of {', '.join(QUANTIZE_SCHEMES)}")
    fake = FakeQuantization(model, scheme, vocabulary_size or model.backbone.config.vocabulary_size)
    fake.refresh()
    model.fake_quantization = fake
    model.train_function = model.test_function = model.predict_function = None
    return fake


class FakeQuantization(keras.layers.Layer):
    """The scales of a model's rounded weights, as variables; making it puts the rounding into the model's layers.

    Between two calls of `refresh` the scales stay what they are while the weights move: to choose them takes as long
    as several steps of training at 4 bits, and a few dozen steps change them little. After it they are those of the
    file, as the exporter's own function chooses them.
    """

    def __init__(self, model: BertTask, scheme: str, vocabulary_size: int) -> None:
        super().__init__(name="fake_quantization", dtype="float32", trainable=False)
        formats, embeddings = WEIGHT_SCHEMES[scheme], model.backbone.embeddings
        self._rounded: dict[str, RoundedDense | RoundedTable] = {}
        for weight in dense_weights(model):
            inputs, outputs = weight.layer.kernel.shape
            format_ = formats.dense.fitted(inputs)
            rounded = RoundedDense(weight, format_, self._scales(_blocks(inputs, format_), 1, outputs))
            weight.layer.affine = self._rounded[weight.name] = rounded
        tokens, positions = embeddings.token.embeddings, model.backbone.config.max_sequence_length
        embeddings.look_up = RoundedLookUp(
            embeddings,
            self._table(TOKENS, lambda: tokens, formats.embeddings, tokens.shape, vocabulary_size),
            self._table(
                POSITIONS,
                lambda: position_table(embeddings),
                formats.positions,
                (positions, model.backbone.config.hidden_dim),
                positions,
            ),
        )
        self.built = True

    def refresh(self) -> None:
        """Chooses the scales for the weights as they are now."""
        for rounded in self._rounded.values():
            rounded.refresh()

    def rounded_weights(self) -> dict[str, np.ndarray]:
        """What the model computes with, by name: float32 (rows, columns), a row an output or an entry of a table."""
        return {name: rounded.rounded_rows() for name, rounded in self._rounded.items()}

    def _table(
        self, name: str, table: Callable[[], Any], format_: WeightFormat, shape: tuple[int, int], whole: int
    ) -> RoundedTable | None:
        """A table of this shape, which has `whole` rows in the file; None where the file leaves it as it is."""
        rows, columns = shape
        if whole * columns < SMALLEST:
            return None
        format_ = format_.fitted(columns)
        self._rounded[name] = rounded = RoundedTable(table, format_, self._scales(rows, _blocks(columns, format_)))
        return rounded

    def _scales(self, *shape: int) -> keras.Variable:
        return self.add_weight(name=f"scales_{len(self.weights)}", shape=shape, initializer="ones", trainable=False)


class ScaleRefresh(keras.callbacks.Callback):
    """Chooses the scales anew after every `REFRESH_BATCHES` batches.

    They are counted over the whole run, of which `done_batches` are done: a resumed run does it after the same ones.
    """

    def __init__(self, fake: FakeQuantization, done_batches: int) -> None:
        super().__init__()
        self.fake = fake
        self.done_batches = done_batches

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.done_batches += 1
        if self.done_batches % REFRESH_BATCHES == 0:
            self.fake.refresh()


def _blocks(columns: int, format_: WeightFormat) -> int:
    return columns // (format_.block_size or columns)
