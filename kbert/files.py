"""Writing so that nothing half-written is ever seen: into a temporary place first, then renamed."""

import contextlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kbert.errors import InputError


def check_output_directory(directory: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Makes sure, before long work, that its result can be put there.

    Raises:
        InputError: it is a file, holds something already and `overwrite` is not set, or cannot be written.
    """
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise InputError(f"{target}: expected a folder for the output, it is a file")
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        raise InputError(f"{target}: the output folder holds something already. Choose another, or add --overwrite")
    parent = target.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".kbert-"):
            return target
    except OSError as error:
        raise InputError(f"{target}: the output folder cannot be written ({error.strerror}). Choose another") from None


def check_output_file(file: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Makes sure, before long work, that its result can be put there.

    Raises:
        InputError: it is a folder, is there already and `overwrite` is not set, or cannot be written.
    """
    path = Path(file)
    if path.is_dir():
        raise InputError(f"{path}: expected a file for the output, it is a folder")
    if path.exists() and not overwrite:
        raise InputError(f"{path}: the output is there already. Choose another, or add --overwrite")
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.absolute().parent):
            return path
    except OSError as error:
        raise InputError(f"{path}: the output cannot be written ({error.strerror}). Choose another") from None


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it becomes `path` when all went well, and vanishes otherwise."""
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def new_directory(directory: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[Path]:
    """A folder to fill, which takes the place of `directory` when all went well, and vanishes otherwise.

    Raises:
        InputError: see `check_output_directory`; or the disk is full.
    """
    target = check_output_directory(directory, overwrite=overwrite)
    parent = target.absolute().parent
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=f".{target.name}-"))
    try:
        with explained_disk_errors(target):
            yield folder
            folder.chmod(0o755)
            if target.exists():
                old = Path(tempfile.mkdtemp(dir=parent, prefix=f".{target.name}-old-"))
                os.replace(target, old / "old")
                os.replace(folder, target)
                shutil.rmtree(old)
            else:
                os.replace(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def explained_disk_errors(target: Path) -> Iterator[None]:
    """Turns a failed write into one line; libraries report a full disk each in an exception of their own."""
    from safetensors import SafetensorError

    try:
        yield
    except OSError as error:
        raise InputError(
            f"{target}: could not be written ({error.strerror or error}); nothing was put in place"
        ) from error
    except SafetensorError as error:
        raise InputError(f"{target}: could not be written ({error}); nothing was put in place") from error


def write_json(path: Path, value: Any) -> None:
    """Writes a value as readable JSON."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


@contextlib.contextmanager
def new_contents(directory: Path, *, keep: str) -> Iterator[Path]:
    """A folder to fill, whose files become those of `directory` when all went well; of its own only `keep` stays."""
    place = directory.parent / f".{directory.name}-checkpoint"
    with new_directory(place, overwrite=True) as folder:
        yield folder
    publish(place, directory, keep=keep)


def publish(source: Path, target: Path, *, keep: str) -> None:
    """Gives `target` a finished folder's files (same disk, each in one rename); of its own only `keep` stays."""
    target.mkdir(parents=True, exist_ok=True)
    new = sorted(source.iterdir())
    for path in new:
        os.replace(path, target / path.name)
    source.rmdir()
    for path in set(target.iterdir()) - {target / path.name for path in new} - {target / keep}:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
