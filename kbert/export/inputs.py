"""The inputs of exported files: their names at each boundary, and one text as they take it."""

from collections.abc import Mapping

import numpy as np

# Ours in the graph are MediaPipe's already: it looks for these names in the metadata.
TFLITE_INPUTS = {"token_ids": "ids", "padding_mask": "mask", "segment_ids": "segment_ids"}
ONNX_INPUTS = {"token_ids": "input_ids", "padding_mask": "attention_mask", "segment_ids": "token_type_ids"}


def feed(names: Mapping[str, str], token_ids: np.ndarray, dtype: str) -> dict[str, np.ndarray]:
    """Token ids of one text (length,) as a batch of one (1, length), by the names of a format's inputs."""
    row = token_ids.astype(dtype)[None]
    values = {"token_ids": row, "padding_mask": np.ones_like(row), "segment_ids": np.zeros_like(row)}
    return {names[name]: value for name, value in values.items()}
