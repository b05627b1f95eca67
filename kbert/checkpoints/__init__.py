"""Other people's weights to ours and back; one table of names a format."""

import os
from typing import TYPE_CHECKING, Any

from kbert.checkpoints import google, huggingface, keras_hub
from kbert.checkpoints.checkpoint import Checkpoint, assign_weights, extract_weights
from kbert.checkpoints.keras_hub import from_keras_hub, to_keras_hub
from kbert.checkpoints.references import resolve_folder
from kbert.config import preset_config
from kbert.errors import InputError

if TYPE_CHECKING:
    from kbert.backbone import BertBackbone

__all__ = [
    "Checkpoint",
    "as_checkpoint",
    "assign_weights",
    "extract_weights",
    "from_keras_hub",
    "load_backbone",
    "open_checkpoint",
    "to_keras_hub",
]


def open_checkpoint(reference: str | os.PathLike[str]) -> Checkpoint:
    """Reads a checkpoint: a folder, `hf:ORG/NAME`, `package:NAME` or `preset:NAME`.

    The folder may be in Hugging Face's format, in Google's, or a preset of keras-hub's (which needs that extra).

    Raises:
        InputError: it is missing or unsound; says which file, and what was expected.
    """
    reference = os.fspath(reference)
    if reference.startswith("preset:"):
        return Checkpoint(source=reference, config=preset_config(reference.removeprefix("preset:")), weights={})
    folder = resolve_folder(reference)
    if keras_hub.is_preset(folder):
        return keras_hub.read_checkpoint(folder, reference)
    if (folder / "config.json").is_file():
        return huggingface.read_checkpoint(folder, reference)
    if (folder / "bert_config.json").is_file():
        return google.read_checkpoint(folder, reference)
    raise InputError(f"{reference}: expected config.json (Hugging Face) or bert_config.json (Google), found neither")


def as_checkpoint(reference: str | os.PathLike[str] | Checkpoint) -> Checkpoint:
    """A checkpoint that was read already, or the one that a reference names; see `open_checkpoint`."""
    return reference if isinstance(reference, Checkpoint) else open_checkpoint(reference)


def load_backbone(reference: str | os.PathLike[str] | Checkpoint, *, dtype: Any = None) -> "BertBackbone":
    """Builds the encoder of a checkpoint. A preset gets random weights; a missing pooler too."""
    from kbert.backbone import BertBackbone

    checkpoint = as_checkpoint(reference)
    backbone = BertBackbone(checkpoint.config, dtype=dtype)
    # Only a preset has no weights; a folder without one that we know is none of BERT's, and must not pass for it.
    if checkpoint.weights or checkpoint.folder is not None:
        # Checkpoints of taggers and of question answering have no pooler.
        assign_weights(backbone.named_variables(), checkpoint, optional=("pooler.",))
    return backbone
