"""An export directory to an Android project that opens it: the sample of `examples/android` with the models inside."""

import dataclasses
import importlib.resources
import os
import re
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from kbert.errors import InputError
from kbert.export.facts import LABELS_FILE, TASK_FILE, VOCABULARY_FILE
from kbert.export.runtime import artefact_files, open_artefact
from kbert.export.savedmodel import is_savedmodel
from kbert.files import new_directory

ASSETS = "app/src/main/assets/export"
# What goes into an app's project: no tests, and nothing of Maven, which only builds the sample without Android's tools.
TEMPLATE = (
    "README.md",
    "build.gradle.kts",
    "gradle.properties",
    "settings.gradle.kts",
    "app/build.gradle.kts",
    "app/proguard-rules.pro",
    "app/src/kbert/**/*.kt",
    "app/src/main/AndroidManifest.xml",
    "app/src/main/**/*.kt",
    "app/src/mediapipe/**/*.kt",
    "kbert-device/build.gradle.kts",
    "kbert-device/src/main/**/*.kt",
)
# What the library reads beside a model, as far as the export has it.
COMPANIONS = (
    "config.json",
    LABELS_FILE,
    TASK_FILE,
    "tokenizer_config.json",
    "tokenizer_golden.json",
    VOCABULARY_FILE,
)
DEFAULT_ID = "org.kbert.app"
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+")
_ID_LINE = f'applicationId = "{DEFAULT_ID}"'
# The lines of the app's build file that bring a runtime, by the models that need it.
_RUNTIMES = {".tflite": "com.google.ai.edge.litert:litert:", ".onnx": "com.microsoft.onnxruntime:onnxruntime-android:"}
_IGNORED = ".gradle/\nbuild/\nlocal.properties\n"


@dataclasses.dataclass(frozen=True, kw_only=True)
class AndroidProject:
    """What was written: the folder, the models inside, and their bytes."""

    folder: Path
    application_id: str
    models: tuple[str, ...]
    size_bytes: int


def write_android_project(
    export: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    application_id: str = DEFAULT_ID,
    models: Sequence[str] = (),
    overwrite: bool = False,
) -> AndroidProject:
    """Writes a Gradle project of an app that runs the models of an export directory.

    Args:
        export: an export directory.
        output: the folder to write.
        application_id: what Android knows the app by, such as `com.example.reviews`.
        models: those to put into the app, as they are called in `export`; all of TFLite and ONNX by default.
        overwrite: replace what `output` holds.

    Raises:
        InputError: `export` is no export directory, a model is damaged or not there, or cannot go into an app; the
            application id is none; or `output` cannot be written.
    """
    if not _ID.fullmatch(application_id):
        raise InputError(
            "an application id has two names or more with dots between them, each a letter followed by letters, digits "
            f"or _, such as com.example.reviews. Received: {application_id}"
        )
    folder = Path(export)
    if not folder.is_dir():
        raise InputError(f"{folder}: expected an export directory, found {'a file' if folder.exists() else 'none'}")
    found = {path.relative_to(folder).as_posix(): path for path in artefact_files(folder) if not is_savedmodel(path)}
    unknown = [name for name in models if name not in found]
    if unknown:
        raise InputError(f"{folder}: expected a model {unknown[0]} inside, found {', '.join(found) or 'none'}")
    chosen = {name: found[name] for name in (models or found)}
    if not chosen:
        raise InputError(
            f"{folder}: expected a .tflite or .onnx file inside, found only a SavedModel. Export to TFLite"
        )
    for name, path in chosen.items():
        _check(name, path)
    with new_directory(output, overwrite=overwrite) as place:
        _copy_template(place, application_id, {path.suffix for path in chosen.values()})
        _copy(folder, place / ASSETS, [*chosen, *(name for name in COMPANIONS if (folder / name).is_file())])
    size = sum(path.stat().st_size for path in chosen.values())
    return AndroidProject(folder=Path(output), application_id=application_id, models=tuple(chosen), size_bytes=size)


def template_folder() -> Path:
    """Where the sample lies, in a checkout or in an installed kbert."""
    return Path(str(importlib.resources.files("kbert.android_project")))


def _check(name: str, path: Path) -> None:
    """Raises InputError for a model that the app could not open; what is damaged shows here rather than on a phone."""
    if path.with_name(f"{path.name}_data").exists():
        raise InputError(
            f"{path}: weights in a file of their own cannot lie in an app. Export with --scheme dynamic_int8"
        )
    open_artefact(path)


def _copy_template(place: Path, application_id: str, suffixes: Collection[str]) -> None:
    template = template_folder()
    for pattern in TEMPLATE:
        names = [path.relative_to(template).as_posix() for path in sorted(template.glob(pattern))]
        if not names:
            raise FileNotFoundError(f"{template / pattern}: kbert was installed without it")
        _copy(template, place, names)
    (place / ".gitignore").write_text(_IGNORED, "utf-8")
    build = place / "app" / "build.gradle.kts"
    text = build.read_text("utf-8")
    if _ID_LINE not in text:
        raise ValueError(f"{build}: expected {_ID_LINE}")
    # A runtime is megabytes of native code: only those that the models need.
    unneeded = [name for suffix, name in _RUNTIMES.items() if suffix not in suffixes]
    lines = [line for line in text.splitlines(keepends=True) if not any(name in line for name in unneeded)]
    build.write_text("".join(lines).replace(_ID_LINE, f'applicationId = "{application_id}"'), "utf-8")


def _copy(source: Path, target: Path, names: Sequence[str]) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
