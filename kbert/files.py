"""Writing so that nothing half-written is ever seen: into a temporary place first, then renamed."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from kbert.errors import InputError

# Everything that kbert writes into a run directory; what else lies there is the user's.
RUN_FILES = (
    "1_Pooling/config.json",
    "config.json",
    "curves.png",
    "kbert.json",
    "metrics.jsonl",
    "model.safetensors",
    "modules.json",
    "search.png",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
# And into the folders of its other commands: exported files, and shards.
WRITTEN_FILES = (
    *RUN_FILES,
    "labels.txt",
    "model*.tflite",
    "onnx/model*.onnx",
    "onnx/model*.onnx_data",
    "savedmodel/**/*",
    "report.html",
    "report.json",
    "task.json",
    "tokenizer_golden.json",
    "manifest.json",
    "plan.json",
    "shard-*-of-*.json",
    "shard-*-of-*.tfrecord.gz",
    ".shard-*-of-*",
)
# Where a folder that cannot be renamed gets its new files; one name, so that what a kill leaves goes the next time.
STAGING = ".kbert-new"


def check_output_directory(directory: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Makes sure, before long work, that its result can be put there; makes nothing yet.

    Raises:
        InputError: it is a file, holds something already and `overwrite` is not set, or cannot be written.
    """
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise InputError(f"{target}: expected a folder for the output, it is a file")
    if target.is_dir() and any(target.iterdir()) and not overwrite:
        raise InputError(f"{target}: the output folder holds something already. Choose another, or add --overwrite")
    try:
        place = _real(target)
        _check_writable(place if _is_fixed(place) else place.parent)
    except OSError as error:
        raise InputError(f"{target}: the output folder cannot be written ({error.strerror}). Choose another") from None
    return target


def check_output_file(file: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Makes sure, before long work, that its result can be put there; makes nothing yet.

    Raises:
        InputError: it is a folder, is there already and `overwrite` is not set, or cannot be written.
    """
    path = Path(file)
    if path.exists() and not path.is_file():
        kind = "folder" if path.is_dir() else "device"
        raise InputError(f"{path}: expected a file for the output, it is a {kind}")
    if path.exists() and not overwrite:
        raise InputError(f"{path}: the output is there already. Choose another, or add --overwrite")
    try:
        _check_writable(_real(path).parent)
    except OSError as error:
        raise InputError(f"{path}: the output cannot be written ({error.strerror}). Choose another") from None
    return path


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it becomes `path` when all went well, and vanishes otherwise."""
    path = _real(path)
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
    with no_parents_left_behind(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def new_directory(directory: str | os.PathLike[str], *, overwrite: bool = False) -> Iterator[Path]:
    """A folder to fill, which takes the place of `directory` when all went well, and vanishes otherwise.

    A folder that must stay where it is, such as a mount point, gets the files one by one, and loses only those of its
    own that kbert wrote.

    Raises:
        InputError: see `check_output_directory`; another process is filling it; or the disk is full.
    """
    with (
        _only_writer(Path(directory)),
        _replacement(check_output_directory(directory, overwrite=overwrite)) as folder,
    ):
        yield folder


@contextlib.contextmanager
def explained_disk_errors(target: Path, outcome: str = "nothing was put in place") -> Iterator[None]:
    """Turns a failed write into one line; libraries report a full disk each in an exception of their own."""
    from safetensors import SafetensorError

    try:
        yield
    except OSError as error:
        raise InputError(f"{target}: could not be written ({error.strerror or error}); {outcome}") from error
    except SafetensorError as error:
        raise InputError(f"{target}: could not be written ({error}); {outcome}") from error


def size_on_disk(path: Path) -> int:
    """The bytes of a file, with those of its weights that lie beside it, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path, path.with_name(f"{path.name}_data")]
    return sum(file.stat().st_size for file in files if file.is_file())


def write_json(path: Path, value: Any) -> None:
    """Writes a value as readable JSON."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


@contextlib.contextmanager
def new_contents(directory: str | os.PathLike[str], *, keep: str = "") -> Iterator[Path]:
    """A folder to fill, whose files become those of `directory` when all went well, see `publish`."""
    with _new_files(_real(directory), Path(directory), keep=keep) as folder:
        yield folder


def publish(
    source: Path, target: str | os.PathLike[str], *, keep: str = "", written: Sequence[str] = RUN_FILES
) -> None:
    """Gives `target` a finished folder's files, each in one rename; both must be on one disk.

    Of its own files those go that kbert wrote before, by the patterns in `written`, except `keep`.

    Raises:
        InputError: a file cannot be put in place; says where those lie that are not yet.
    """
    with explained_disk_errors(Path(target), f"what is not in place yet lies in {source}"):
        place = _real(target)
        names = sorted(path.relative_to(source) for path in source.rglob("*") if not path.is_dir())
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(source / name, place / name)
        shutil.rmtree(source)
        remove_written(place, written, keep={*map(str, names), keep})


def remove_written(directory: Path, written: Sequence[str] = WRITTEN_FILES, *, keep: Collection[str] = ()) -> None:
    """Deletes the files in a folder that kbert wrote, by the patterns in `written`, except `keep`."""
    for pattern in written:
        for path in sorted(directory.glob(pattern)):
            if path.is_file() and str(path.relative_to(directory)) not in keep:
                path.unlink()


@contextlib.contextmanager
def no_parents_left_behind(path: Path) -> Iterator[None]:
    """After a failure, those folders above a path that were not there before go again."""
    missing = [folder for folder in path.parents if not folder.exists()]
    try:
        yield
    except BaseException:
        for folder in missing:
            # Another program may have put something there meanwhile.
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


@contextlib.contextmanager
def _new_files(target: Path, given: Path, *, keep: str = "", written: Sequence[str] = RUN_FILES) -> Iterator[Path]:
    """A folder inside `target` to fill, whose files are published when all went well; it vanishes otherwise."""
    folder = target / STAGING
    with explained_disk_errors(given), no_parents_left_behind(folder):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True)
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    publish(folder, given, keep=keep, written=written)


@contextlib.contextmanager
def _only_writer(directory: Path) -> Iterator[None]:
    """Refuses while another process of this machine, or this one, is filling the same folder."""
    from filelock import FileLock, Timeout

    name = hashlib.sha256(os.fsencode(_real(directory))).hexdigest()[:32]
    lock = FileLock(Path(tempfile.gettempdir()) / f"kbert-{name}.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(
            f"{directory}: another kbert is writing there. Wait until it is done, or choose another folder"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _replacement(given: Path) -> Iterator[Path]:
    target = _real(given)
    if _is_fixed(target):
        with _new_files(target, given, written=WRITTEN_FILES) as folder:
            yield folder
        return
    with explained_disk_errors(given), no_parents_left_behind(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            yield folder
            folder.chmod(0o755)
            if target.exists():
                _take_place(folder, target)
            else:
                os.replace(folder, target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _take_place(folder: Path, target: Path) -> None:
    """Puts a finished folder in the place of another; if that fails, the other one is as it was."""
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-old-"))
    try:
        os.replace(target, old / "old")
        os.replace(folder, target)
    except BaseException as error:
        if not target.exists():
            os.replace(old / "old", target)
        shutil.rmtree(old)
        if not isinstance(error, OSError) or error.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        # A mount of another folder of this disk, or a folder in a lower layer of a container: both look like any other.
        with _new_files(target, target, written=WRITTEN_FILES) as inside:
            shutil.copytree(folder, inside, dirs_exist_ok=True)
    else:
        shutil.rmtree(old, ignore_errors=True)


def _is_fixed(target: Path) -> bool:
    """Whether a folder must stay where it is: a mount point, the current folder, one in a folder that is not ours."""
    if not target.is_dir():
        return False
    return os.path.ismount(target) or _real(".").is_relative_to(target) or not os.access(target.parent, os.W_OK)


def _real(path: str | os.PathLike[str]) -> Path:
    """The absolute path behind links: renaming must not replace the link."""
    return Path(os.path.realpath(path))


def _check_writable(folder: Path) -> None:
    """Raises OSError unless something can be made in a folder, or in the nearest one above it that is there."""
    while not folder.exists():
        folder = folder.parent
    with tempfile.TemporaryDirectory(dir=folder, prefix=".kbert-"):
        pass
