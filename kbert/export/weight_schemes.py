"""Which weights get how many bits, and how they get them."""

import dataclasses

import numpy as np

from kbert.errors import InputError
from kbert.export.rounding import Rounded, round_for_inputs, round_to_nearest

# Fewer weights than this, those of most classifiers, stay float32: the answer hangs on them, and they weigh nothing.
SMALLEST = 1024
# The name scope of the look-up of positions in the inference graph.
POSITIONS = "embeddings/positions"


@dataclasses.dataclass(frozen=True)
class WeightFormat:
    """How weights are kept: bits of a level, and how many neighbours in a row share a scale (None: the whole row)."""

    bits: int
    block_size: int | None = None

    def fitted(self, columns: int) -> "WeightFormat":
        """This format, or one with a scale for each row where blocks do not go into it."""
        return self if columns % (self.block_size or 1) == 0 else WeightFormat(self.bits)


@dataclasses.dataclass(frozen=True)
class WeightScheme:
    """The formats of dense layers, of the token embeddings, and of the positions, a hundredth of these.

    With `scales_after`, weights have one scale in the file, and an operator after them multiplies by what each row's
    differs: the same numbers on runtimes that know no scale for each row, for 8 bits without blocks.
    """

    dense: WeightFormat
    embeddings: WeightFormat
    positions: WeightFormat
    scales_after: bool = False

    def __post_init__(self) -> None:
        formats = (self.dense, self.embeddings, self.positions)
        if self.scales_after and any(format_ != WeightFormat(8) for format_ in formats):
            raise ValueError(f"scales_after needs 8 bits and a scale for each row everywhere. Received: {self}")


EIGHT_BITS = WeightFormat(8)
# Of TFLite files.
WEIGHT_SCHEMES = {
    "dynamic_int8": WeightScheme(EIGHT_BITS, EIGHT_BITS, EIGHT_BITS),
    "dynamic_int8_2023": WeightScheme(EIGHT_BITS, EIGHT_BITS, EIGHT_BITS, scales_after=True),
    "int4": WeightScheme(WeightFormat(4, 32), WeightFormat(4, 64), EIGHT_BITS),
}


def round_weights(name: str, values: np.ndarray, format_: WeightFormat, moments: np.ndarray | None = None) -> Rounded:
    """Rounds float32 (rows, columns) to the levels of a format; 4 bits for the inputs that `moments` tell of, if given.

    Raises:
        InputError: a weight is no number; names the weights.
    """
    check_finite(name, values)
    block_size = format_.block_size or values.shape[1]
    if moments is None or format_.bits == 8:
        return round_to_nearest(values, format_.bits, block_size)
    return round_for_inputs(values, moments, format_.bits, block_size)


def check_finite(name: str, values: np.ndarray) -> np.ndarray:
    """The weights as they came; InputError if any is no number."""
    if not np.isfinite(values).all():
        raise InputError(f"{name}: expected weights that are numbers, some are none. Fine-tune again")
    return values


def above_zero(magnitudes: np.ndarray) -> np.ndarray:
    """Magnitudes of channels to divide by: one that is always 0 must not make anything infinite."""
    return np.maximum(magnitudes, max(float(magnitudes.max()), 1e-6) / 1e4)


def pack_nibbles(levels: np.ndarray) -> np.ndarray:
    """Two levels of 4 bits in a byte, the first in the low half: uint8 (half the size,)."""
    halves = levels.reshape(-1, 2).astype("uint8") & 0x0F
    return halves[:, 0] | halves[:, 1] << 4
