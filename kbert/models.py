"""One way to open what can predict: a run directory, a checkpoint, or an exported file."""

import os
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from kbert.errors import InputError

if TYPE_CHECKING:
    from kbert.checkpoints import Checkpoint
    from kbert.export.runtime import Artefact
    from kbert.pretrainer import BertPretrainer
    from kbert.tasks.task import BertTask

    TaskModel: TypeAlias = BertTask | Artefact
    Model: TypeAlias = TaskModel | BertPretrainer


def open_model(reference: str | os.PathLike[str], task: str | None = None) -> "Model":
    """Loads what the reference holds: a model of a task, or else a masked language model.

    Exported files run in their own runtime, those of TFLite and ONNX without TensorFlow.

    Args:
        reference: a checkpoint, a run or an exported file.
        task: what to load a checkpoint for; by default what its head is for.

    Raises:
        InputError: it is missing, damaged, has neither head, or none for the task.
    """
    from kbert.export.runtime import is_artefact, open_artefact

    if is_artefact(reference):
        artefact = open_artefact(reference)
        if task not in (None, artefact.problem.task):
            raise InputError(f"{artefact.path}: expected a file for {task}, it is for {artefact.problem.task}")
        return artefact
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.checkpoints import open_checkpoint

    checkpoint = open_checkpoint(reference)
    chosen = task_for(checkpoint, task)
    if chosen is not None:
        from kbert.tasks.kinds import task_from_checkpoint

        return task_from_checkpoint(checkpoint, chosen)
    if "mlm.transform.kernel" in checkpoint.weights:
        from kbert.pretrainer import BertPretrainer

        return BertPretrainer.from_checkpoint(checkpoint)
    raise InputError(f"{checkpoint.source}: has no head of a task and no MLM head to predict with. Fine-tune it first")


def task_for(checkpoint: "Checkpoint", task: str | None) -> str | None:
    """What to load a checkpoint for: the task that is asked for, or else that of its head, if it has one.

    Raises:
        InputError: the task needs a head that the checkpoint does not have.
    """
    from kbert.checkpoints.huggingface import TASK_WEIGHTS

    if task is None or task == checkpoint.task:
        return checkpoint.task
    if TASK_WEIGHTS[task]:
        has = "no head" if checkpoint.task is None else f"a head for {checkpoint.task}, none"
        raise InputError(f"{checkpoint.source}: has {has} for {task}. Fine-tune it first: kbert finetune --task {task}")
    return task


def is_masked_language_model(model: "Model") -> "TypeGuard[BertPretrainer]":
    """Whether the model fills masks; asked by name, as its class would load TensorFlow for an exported file."""
    return hasattr(model, "fill_mask")
