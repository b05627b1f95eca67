"""The inputs of exported files: their names at each boundary, and one text as they take it."""

from collections.abc import Mapping

import numpy as np

# Ours in the graph are MediaPipe's already: it looks for these names in the metadata.
TFLITE_INPUTS = {"token_ids": "ids", "padding_mask": "mask", "segment_ids": "segment_ids"}
ONNX_INPUTS = {"token_ids": "input_ids", "padding_mask": "attention_mask", "segment_ids": "token_type_ids"}


def feed(names: Mapping[str, str], token_ids: np.ndarray, dtype: str, length: int = 0) -> dict[str, np.ndarray]:
    """Token ids of one text (length,) as a batch of one (1, length), by the names of a format's inputs.

    A text shorter than `length` is padded to it.
    """
    missing = max(0, length - len(token_ids))
    row = np.pad(token_ids.astype(dtype), (0, missing))[None]
    mask = np.pad(np.ones(len(token_ids), dtype), (0, missing))[None]
    values = {"token_ids": row, "padding_mask": mask, "segment_ids": np.zeros_like(row)}
    return {names[name]: value for name, value in values.items()}
