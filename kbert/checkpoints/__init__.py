"""Other people's weights to ours and back; one table of names a format."""

import os
from typing import TYPE_CHECKING, Any

from kbert.checkpoints import google, huggingface
from kbert.checkpoints.checkpoint import Checkpoint, assign_weights, extract_weights
from kbert.checkpoints.references import resolve_folder
from kbert.config import preset_config
from kbert.errors import InputError

if TYPE_CHECKING:
    from kbert.backbone import BertBackbone

__all__ = ["Checkpoint", "assign_weights", "extract_weights", "load_backbone", "open_checkpoint"]


def open_checkpoint(reference: str | os.PathLike[str]) -> Checkpoint:
    """Reads a checkpoint: a folder (Hugging Face's or Google's), `hf:ORG/NAME`, `package:NAME` or `preset:NAME`.

    Raises:
        InputError: it is missing or unsound; says which file, and what was expected.
    """
    reference = os.fspath(reference)
    if reference.startswith("preset:"):
        return Checkpoint(source=reference, config=preset_config(reference.removeprefix("preset:")), weights={})
    folder = resolve_folder(reference)
    if (folder / "config.json").is_file():
        return huggingface.read_checkpoint(folder, reference)
    if (folder / "bert_config.json").is_file():
        return google.read_checkpoint(folder, reference)
    raise InputError(f"{reference}: expected config.json (Hugging Face) or bert_config.json (Google), found neither")


def load_backbone(reference: str | os.PathLike[str] | Checkpoint, *, dtype: Any = None) -> "BertBackbone":
    """Builds the encoder of a checkpoint. A preset gets random weights; a missing pooler too."""
    from kbert.backbone import BertBackbone

    checkpoint = reference if isinstance(reference, Checkpoint) else open_checkpoint(reference)
    backbone = BertBackbone(checkpoint.config, dtype=dtype)
    if checkpoint.weights:
        # Checkpoints of taggers and of question answering have no pooler.
        assign_weights(backbone.named_variables(), checkpoint, optional=("pooler.",))
    return backbone
