"""One way to open what can classify: a run directory, a checkpoint, or an exported file."""

import os
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kbert.export.runtime import OnnxArtefact, TfliteArtefact
    from kbert.tasks import TextClassifier

    Model: TypeAlias = TextClassifier | TfliteArtefact | OnnxArtefact


def open_model(reference: str | os.PathLike[str]) -> "Model":
    """Loads a classifier. Exported files run in their own runtime, without TensorFlow.

    Raises:
        InputError: it is missing, damaged, or has no classification head.
    """
    from kbert.export.runtime import is_artefact, open_artefact

    if is_artefact(reference):
        return open_artefact(reference)
    from kbert.quiet import load_tensorflow

    load_tensorflow()
    from kbert.tasks import TextClassifier

    return TextClassifier.from_checkpoint(reference)
