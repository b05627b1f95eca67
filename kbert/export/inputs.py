"""The inputs of exported files: their names at each boundary, and one text as they take it."""

from collections.abc import Mapping

import numpy as np

from kbert.data.batching import TokenRow

# Ours in the graph are MediaPipe's already: it looks for these names in the metadata.
TFLITE_INPUTS = {"token_ids": "ids", "padding_mask": "mask", "segment_ids": "segment_ids"}
ONNX_INPUTS = {"token_ids": "input_ids", "padding_mask": "attention_mask", "segment_ids": "token_type_ids"}


def feed(names: Mapping[str, str], given: TokenRow | np.ndarray, dtype: str, length: int = 0) -> dict[str, np.ndarray]:
    """One text (length,) as a batch of one (1, length), by the names of a format's inputs.

    Token ids alone are of segment 0. A text shorter than `length` is padded to it.
    """
    given = given if isinstance(given, TokenRow) else TokenRow(given)
    missing = max(0, length - len(given))
    values = {
        "token_ids": given.token_ids,
        "padding_mask": np.ones_like(given.token_ids),
        "segment_ids": given.segment_ids,
    }
    values = {name: np.pad(value.astype(dtype), (0, missing))[None] for name, value in values.items()}
    return {names[name]: value for name, value in values.items()}
