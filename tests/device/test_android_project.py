"""`kbert android`: a whole project or none, and one line for what cannot go into an app."""

import shutil
import sys
from pathlib import Path

import pytest

from kbert.cli.main import main
from kbert.export.android import ASSETS, write_android_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def android(capsys):
    """Runs the command; its exit code and both outputs."""

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            main(["android", *map(str, arguments)])
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def export(tiny_export, tmp_path) -> Path:
    """A tiny classifier in both formats, to be damaged."""
    return Path(shutil.copytree(tiny_export, tmp_path / "exported"))


def test_a_project_with_the_models_inside(android, export, tmp_path):
    output = tmp_path / "app"
    code, out, err = android("--export", export, "--output", output, "--application-id", "com.example.reviews")
    assert (code, err) == (0, "")
    assert out.startswith(f"{output}: app com.example.reviews with model.tflite, onnx/model.onnx, ")
    for name in ("model.tflite", "onnx/model.onnx", "vocab.txt", "labels.txt", "config.json", "tokenizer_config.json"):
        assert (output / ASSETS / name).read_bytes() == (export / name).read_bytes()
    build = (output / "app/build.gradle.kts").read_text("utf-8")
    assert 'applicationId = "com.example.reviews"' in build
    assert 'org.kbert.app"\n        minSdk' not in build
    assert "litert:" in build
    assert "onnxruntime-android:" in build
    assert {path.name for path in output.iterdir()} == {
        ".gitignore",
        "README.md",
        "app",
        "build.gradle.kts",
        "gradle.properties",
        "kbert-device",
        "settings.gradle.kts",
    }
    # All sources of the library and of the screen, and nothing that Maven or the tests need.
    sources = {path.relative_to(output).as_posix() for path in output.rglob("*.kt")}
    sample = {
        path.relative_to(ROOT / "examples/android").as_posix()
        for path in (ROOT / "examples/android").rglob("*.kt")
        if "/test/" not in path.as_posix()
    }
    assert sources == sample
    assert not list(output.rglob("pom.xml"))


def test_one_model_brings_its_own_runtime_alone(export, tmp_path):
    made = write_android_project(export, tmp_path / "app", models=["model.tflite"])
    assert made.models == ("model.tflite",)
    assert made.size_bytes == (export / "model.tflite").stat().st_size
    build = (tmp_path / "app/app/build.gradle.kts").read_text("utf-8")
    assert "litert:" in build
    assert "onnxruntime-android:" not in build
    assert not (tmp_path / "app" / ASSETS / "onnx").exists()


def test_what_is_there_stays_unless_it_may_go(android, export, tmp_path):
    output = tmp_path / "app"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    code, _, err = android("--export", export, "--output", output)
    assert code == 1
    assert err == f"error: {output}: the output folder holds something already. Choose another, or add --overwrite\n"
    assert [path.name for path in output.iterdir()] == ["mine.txt"]
    assert android("--export", export, "--output", output, "--overwrite")[0] == 0
    assert (output / "settings.gradle.kts").is_file()


@pytest.mark.parametrize("name", ["reviews", "com.", "com.1example", "com.exa mple", "com.example;x", "", "com.é.x"])
def test_an_application_id_that_is_none(android, export, tmp_path, name):
    code, _, err = android("--export", export, "--output", tmp_path / "app", "--application-id", name)
    assert code == 1
    assert err.startswith("error: an application id has two names or more with dots between them")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "app").exists()


def test_what_is_no_export_directory(android, export, tmp_path):
    def refusal(folder: Path, *more: str) -> str:
        code, out, err = android("--export", folder, "--output", tmp_path / "app", *more)
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert not (tmp_path / "app").exists()
        return err.removeprefix("error: ").rstrip()

    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'}: expected an export directory, found none"
    assert refusal(export / "vocab.txt").endswith("expected an export directory, found a file")
    assert refusal(export, "--model", "x.onnx").endswith(
        "expected a model x.onnx inside, found model.tflite, onnx/model.onnx"
    )
    whole = (export / "model.tflite").read_bytes()
    (export / "model.tflite").write_bytes(whole[: len(whole) // 2])
    assert "cut short" in refusal(export)
    (export / "model.tflite").unlink()
    (export / "onnx" / "model.onnx_data").write_bytes(b"weights")
    assert "weights in a file of their own cannot lie in an app" in refusal(export)
    (export / "onnx" / "model.onnx").unlink()
    assert "expected a .tflite file, an .onnx file or a SavedModel inside, found none" in refusal(export)


def test_the_sample_ships_with_kbert():
    """Every source of the sample is named by the package data of setup.cfg."""
    import configparser
    import fnmatch

    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    patterns = settings["options.package_data"]["kbert.android_project"].split()
    sample = ROOT / "examples" / "android"
    from kbert.export.android import TEMPLATE

    names = [path.relative_to(sample).as_posix() for pattern in TEMPLATE for path in sample.glob(pattern)]
    assert len(names) >= 35
    for name in names:
        assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns), name
    assert "kbert.android_project" in settings["options"]["packages"].split()
    assert sys.modules["kbert.export.android"].template_folder().joinpath("settings.gradle.kts").is_file()
