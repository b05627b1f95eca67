"""`kbert finetune --search`: many fine-tunings, of which the best becomes the run."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.files import check_output_directory, new_contents
from kbert.fine_tuning.search import SearchResult, search_settings
from kbert.fine_tuning.search_report import draw_search
from kbert.finetune_settings import FinetuneSettings
from kbert.provenance import fingerprint
from kbert.training import finetune, with_defaults
from kbert.training_state import FOLDER

PICTURE = "search.png"


def search_finetune(
    reference: str | os.PathLike[str],
    train: Any,
    output: str | os.PathLike[str],
    settings: FinetuneSettings,
    trials: int,
    *,
    validation: Any,
    task: str = "text-classification",
    overwrite: bool = False,
    say: Callable[[str], None] | None = None,
    **options: Any,
) -> SearchResult:
    """Fine-tunes with many settings and makes the best run the output, with a picture of the search.

    The trials stay in the folder `OUTPUT.search`, and the same call goes on with a search that was interrupted there.

    Args:
        reference: the checkpoint to start from.
        train: labelled data to learn from.
        output: the run directory.
        settings: what the search starts from; learning rate, epochs, dropout, weight decay and layer decay are varied.
        trials: how many fine-tunings.
        validation: labelled data that judges them.
        task: what to learn.
        overwrite: replace what `output` holds.
        say: called with one line after each trial.
        options: further ones of `kbert.finetune`.

    Raises:
        InputError: there is no validation data; or see `finetune` and `search_settings`.
        KeyboardInterrupt: Ctrl-C ended a trial.
    """
    if validation is None:
        raise InputError("a search needs validation data to tell the better settings. Give some (--validation FILE)")
    check_output_directory(output, overwrite=overwrite)
    settings = with_defaults(settings, task, validation)
    folder = Path(f"{os.fspath(output).rstrip('/')}.search")

    def train_once(tried: FinetuneSettings, run: Path) -> float:
        result = finetune(
            reference,
            train,
            run,
            tried,
            task=task,
            validation=validation,
            resume=(run / FOLDER).is_dir(),
            overwrite=True,
            **options,
        )
        if result.interrupted:
            raise KeyboardInterrupt
        return result.metrics[str(tried.metric)]

    identity: dict[str, Any] = {"checkpoint": os.fspath(reference), "task": task}
    identity |= {"train": fingerprint(train), "validation": fingerprint(validation)}
    found = search_settings(train_once, settings, trials, folder, seed=settings.seed, identity=identity, say=say)
    with new_contents(output) as place:
        shutil.copytree(found.best.folder, place, dirs_exist_ok=True)
        draw_search(found, place / PICTURE)
    return found
