"""Which of the ways to fine-tune are on, in one immutable object, checked when it is made."""

import dataclasses
import math
from typing import Any

from kbert.errors import InputError, check_setting

EMBEDDINGS, BACKBONE, BALANCED = "embeddings", "backbone", "balanced"
# Of a recipe's schemes those whose weights are integers and whose activations need no texts to be rounded.
QUANTIZE_SCHEMES = ("dynamic_int8", "int4")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FineTuningOptions:
    """Ways to fine-tune; by default all are off.

    `layer_decay` multiplies the learning rate once more for every layer further down, see
    `kbert.fine_tuning.learning_rates`. `freeze` is what does not learn: `embeddings`, so many of the lowest layers with
    the embeddings below them, or the whole `backbone`. `label_smoothing` is the share of a target that is spread over
    all classes. `class_weights` is `balanced`, or one weight a class in the order of the labels. `focal_gamma` is how
    strongly examples count less the better they are known. `r_drop` weighs the divergence between two passes with
    dropout. `adversarial` is the length of the step against which token embeddings are trained.
    `reinitialize_layers` draws so many of the top layers anew, and the pooler. `ema` is the share that a moving average
    of the weights keeps of itself at each update; the average is what is validated and saved. `quantize` is the scheme
    of the file that the run is for: the model computes with rounded weights while it learns, see `kbert.quantization`.

    Raises:
        InputError: a value is out of its range.
    """

    layer_decay: float = 1.0
    freeze: str | int | None = None
    label_smoothing: float = 0.0
    class_weights: str | tuple[float, ...] | None = None
    focal_gamma: float = 0.0
    r_drop: float = 0.0
    adversarial: float = 0.0
    reinitialize_layers: int = 0
    ema: float = 0.0
    quantize: str | None = None

    def __post_init__(self) -> None:
        check_setting(0 < self.layer_decay <= 1, "layer_decay", self.layer_decay, "above 0 and at most 1")
        _check_freeze(self.freeze)
        smoothing = self.label_smoothing
        check_setting(0 <= smoothing < 1, "label_smoothing", smoothing, "a share, at least 0 and below 1")
        if isinstance(self.class_weights, list):  # from JSON, or from a user
            object.__setattr__(self, "class_weights", tuple(self.class_weights))
        _check_class_weights(self.class_weights)
        for name in ("focal_gamma", "r_drop", "adversarial", "reinitialize_layers"):
            check_setting(getattr(self, name) >= 0, name, getattr(self, name), "at least 0")
        check_setting(0 <= self.ema < 1, "ema", self.ema, "a share, at least 0 and below 1")
        known = self.quantize is None or self.quantize in QUANTIZE_SCHEMES
        check_setting(known, "quantize", self.quantize, f"one of {', '.join(QUANTIZE_SCHEMES)}")

    def check_layers(self, num_layers: int) -> None:
        """Raises InputError if more layers are to be frozen or drawn anew than the encoder has."""
        expected = f"at most {num_layers}, the layers of the encoder"
        frozen = self.freeze if isinstance(self.freeze, int) else 0
        check_setting(frozen <= num_layers, "freeze", self.freeze, expected)
        check_setting(self.reinitialize_layers <= num_layers, "reinitialize_layers", self.reinitialize_layers, expected)


def parse_freeze(text: str | None) -> str | int | None:
    """The value of `freeze` from what stands on a command line."""
    return int(text) if text is not None and text.isdecimal() else text


def parse_class_weights(text: str | None) -> str | tuple[float, ...] | None:
    """The value of `class_weights` from what stands on a command line: `balanced`, or numbers between commas.

    Raises:
        InputError: it is neither.
    """
    if text is None or text == BALANCED:
        return text
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"class_weights must be {BALANCED}, or numbers between commas. Received: {text}") from None


def _check_freeze(freeze: Any) -> None:
    is_number = isinstance(freeze, int) and not isinstance(freeze, bool)
    good = freeze is None or freeze in (EMBEDDINGS, BACKBONE) or (is_number and freeze >= 1)
    check_setting(good, "freeze", freeze, f"{EMBEDDINGS}, {BACKBONE}, or a number of layers of at least 1")


def _check_class_weights(weights: Any) -> None:
    if weights is None or weights == BALANCED:
        return
    good = isinstance(weights, tuple) and all(math.isfinite(weight) and weight >= 0 for weight in weights)
    check_setting(good and sum(weights) > 0, "class_weights", weights, f"{BALANCED}, or numbers of at least 0")
