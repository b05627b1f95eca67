"""One way to open what can predict: a run directory, a checkpoint, or an exported file."""

import os
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from kbert.errors import InputError

if TYPE_CHECKING:
    from kbert.export.runtime import Artefact
    from kbert.pretrainer import BertPretrainer
    from kbert.tasks.task import BertTask

    TaskModel: TypeAlias = BertTask | Artefact
    Model: TypeAlias = TaskModel | BertPretrainer


def open_model(reference: str | os.PathLike[str]) -> "Model":
    """Loads what the reference holds: a model of a task, or else a masked language model.

    Exported files run in their own runtime, those of TFLite and ONNX without TensorFlow.

    Raises:
        InputError: it is missing, damaged, or has neither head.
    """
    from kbert.export.runtime import is_artefact, open_artefact

    if is_artefact(reference):
        return open_artefact(reference)
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint

    checkpoint = open_checkpoint(reference)
    if checkpoint.task is not None:
        from kbert.tasks.kinds import task_from_checkpoint

        return task_from_checkpoint(checkpoint, checkpoint.task)
    if "mlm.transform.kernel" in checkpoint.weights:
        from kbert.pretrainer import BertPretrainer

        return BertPretrainer.from_checkpoint(checkpoint)
    raise InputError(f"{checkpoint.source}: has no head of a task and no MLM head to predict with. Fine-tune it first")


def is_masked_language_model(model: "Model") -> "TypeGuard[BertPretrainer]":
    """Whether the model fills masks; asked by name, as its class would load TensorFlow for an exported file."""
    return hasattr(model, "fill_mask")
