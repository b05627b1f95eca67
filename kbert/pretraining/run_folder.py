"""The folder of a run on raw text: taken before anything is made, left clean by text of no use, filled at the end."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from kbert.errors import InputError
from kbert.files import check_output_directory, new_contents
from kbert.pretraining.curves import draw_curves
from kbert.training_state import FOLDER

LOG = "metrics.jsonl"


def clear_for_new_run(run: Path, *, overwrite: bool) -> None:
    """Makes sure that a run can be put there, and deletes the states of one that is to be overwritten.

    Raises:
        InputError: see `check_output_directory`; or it holds states and `overwrite` is not set.
    """
    if (run / FOLDER).is_dir() and not overwrite:
        raise InputError(
            f"{run}: the output folder holds a run already. Go on with it by --resume, choose another folder, or "
            "add --overwrite, which deletes its states"
        )
    check_output_directory(run, overwrite=overwrite)
    shutil.rmtree(run / FOLDER, ignore_errors=True)


@contextlib.contextmanager
def nothing_left_behind(run: Path) -> Iterator[None]:
    """Text that cannot be used leaves no folder, so that the same command with other text can run."""
    existed = run.exists()
    try:
        yield
    except InputError:
        shutil.rmtree(run / FOLDER if existed else run, ignore_errors=True)
        raise


def publish_run(run: Path, write: Callable[[Path], None]) -> None:
    """Puts a checkpoint's files, which `write` makes in the folder it is given, and the curves in place."""
    with new_contents(run, keep=FOLDER) as folder:
        write(folder)
        log = run / FOLDER / LOG
        with contextlib.suppress(FileNotFoundError):
            shutil.copy(log, folder / LOG)
            draw_curves(log, folder / "curves.png")
