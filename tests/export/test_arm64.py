"""Exported files on another Python than this one; emulated ARM itself is tried by `make test-arm64` alone."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kbert.errors import InputError
from kbert.export import open_artefact
from kbert.export.arm64 import (
    CORES,
    Device,
    DeviceArtefact,
    answers,
    arm64,
    device_file,
    main,
    open_on_arm64,
    this_machine,
)

SCRIPT = device_file("arm64.sh")
EMULATED = pytest.mark.skipif(
    os.environ.get("KBERT_TEST_ARM64") != "1", reason="emulated ARM is slow: run it by `make test-arm64`"
)
FILES = ("model.tflite", "model_float32.tflite", "onnx/model_quantized.onnx", "onnx/model.onnx")
# Of four lengths, in no order, one of them in both processes.
TEXTS = ["the film was good .", "bad", "the day was bad", "good", "the song was good", "the cat was bad !"]


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("bash") or "bash", str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def fake_commands(folder: Path, real: tuple[str, ...], **scripts: str) -> str:
    """A PATH that holds some commands of this machine and some of ours."""
    folder.mkdir()
    for name in real:
        (folder / name).symlink_to(shutil.which(name) or name)
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("file", FILES)
def test_the_device_script_gives_what_the_runtime_gives_here(exported, file):
    path = exported[0] / file
    said: list[str] = []
    artefact = DeviceArtefact(path, this_machine(), processes=2, say=said.append)
    here = open_artefact(path)
    assert artefact.labels == here.labels == ("bad", "good")
    assert artefact.max_length == here.max_length
    found = artefact.predict_proba(TEXTS)
    assert found.dtype == np.float32
    # The script has one thread, the runtime here more, which add up in another order.
    np.testing.assert_allclose(found, here.predict_proba(TEXTS), atol=1e-6)
    np.testing.assert_allclose(artefact.run(artefact.encode(TEXTS[:1])[0])["probability"], found[0], atol=1e-6)
    assert said[0] == f"{path.name} on this machine: 6 of 6 texts"


def test_tflite_runs_without_xnnpack_too(exported):
    path = exported[0] / "model_float32.tflite"
    artefact = DeviceArtefact(path, this_machine(), builtin_kernels=True)
    np.testing.assert_allclose(artefact.predict_proba(TEXTS), open_artefact(path).predict_proba(TEXTS), atol=1e-6)
    assert artefact.runtime().startswith("ai-edge-litert ")
    assert artefact.runtime().endswith(" without XNNPACK, this machine")


def test_answers_say_what_ran_the_file(exported):
    other = Device(command=this_machine().command, name="another")
    found = answers(exported[0] / "model.tflite", TEXTS[:2], [other])
    runtime = f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}"
    assert list(found) == [
        f"{runtime}, this machine",
        f"{runtime} without XNNPACK, this machine",
        f"{runtime}, another",
    ]
    assert [probabilities.shape for probabilities in found.values()] == [(2, 2)] * 3


def test_compare_prints_a_line_for_all_that_ran_the_file(exported, tmp_path, monkeypatch):
    monkeypatch.setattr("kbert.export.arm64.arm64", lambda core: Device(command=this_machine().command, name=core))
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS) + "\n", "utf-8")
    arguments = [exported[0] / "onnx/model.onnx", "--texts", tmp_path / "texts.txt", "--every", "2", "--core", "other"]
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    runtime = f"onnxruntime {importlib.metadata.version('onnxruntime')}"
    assert done.stdout.splitlines() == [
        "3 texts; differences of probabilities from this machine's",
        " largest   median  labels equal",
        f" 0.0e+00  0.0e+00     3 of    3  {runtime}, this machine",
        f" 0.0e+00  0.0e+00     3 of    3  {runtime}, other",
    ]


def test_no_texts_give_no_probabilities(exported):
    artefact = DeviceArtefact(exported[0] / "model.tflite", this_machine())
    assert artefact.predict_proba([]).shape == (0, 2)


def test_a_device_that_fails_says_why_in_one_line(exported):
    broken = Device(command=("sh", "-c", "echo first >&2; echo no room left >&2; exit 3"), name="a broken device")
    artefact = DeviceArtefact(exported[0] / "model.tflite", broken)
    with pytest.raises(InputError, match=r"model.tflite: could not be run on a broken device: no room left$"):
        artefact.predict_proba(TEXTS)
    with pytest.raises(InputError, match="a broken device lacks ai-edge-litert: no room left$"):
        artefact.runtime()


def test_a_file_that_is_not_there_is_refused_before_any_device_runs(tmp_path):
    never = Device(command=("false",), name="never")
    with pytest.raises(InputError, match="found no such file"):
        DeviceArtefact(tmp_path / "model.tflite", never)


def test_without_its_environment_emulated_arm_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setenv("KBERT_ARM64", str(tmp_path / "none"))
    with pytest.raises(InputError, match=r"ARM \(cortex-a76\) does not run: no environment in .*arm64.sh setup"):
        arm64()
    assert not (tmp_path / "none").exists()


def test_setup_wants_linux_on_x86(tmp_path):
    path = fake_commands(tmp_path / "bin", ("bash",), uname='[ "$1" = -s ] && echo Darwin || echo arm64')
    done = shell("setup", PATH=path, KBERT_ARM64=str(tmp_path / "env"))
    assert (done.returncode, done.stderr) == (1, "arm64.sh: expected Linux on x86-64, this is Darwin on arm64\n")


def test_setup_wants_dpkg(tmp_path):
    path = fake_commands(tmp_path / "bin", ("bash",), uname='[ "$1" = -s ] && echo Linux || echo x86_64')
    done = shell("setup", PATH=path, KBERT_ARM64=str(tmp_path / "env"))
    assert (done.returncode, done.stderr) == (1, "arm64.sh: needs dpkg, which is not on this machine\n")


def test_setup_names_no_server():
    assert "://" not in SCRIPT.read_text("utf-8")


@EMULATED
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("file", FILES)
def test_files_give_the_same_on_arm(exported, file, core):
    path = exported[0] / file
    here = open_artefact(path).predict_proba(TEXTS)
    # Other kernels add up in another order. An activation on the border of two int8 levels could then fall on the other
    # side, which in so small a model would show: none of these texts has one.
    np.testing.assert_allclose(open_on_arm64(path, core).predict_proba(TEXTS), here, atol=1e-5)


@EMULATED
def test_setup_twice_changes_nothing():
    done = shell("setup", PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    assert "downloading" not in done.stdout
    assert shell("where").stdout.strip() in done.stdout


@EMULATED
def test_a_core_that_qemu_does_not_know_is_refused():
    with pytest.raises(InputError, match=r"emulated ARM \(cortex-z9\) does not run: .*cortex-z9"):
        arm64("cortex-z9")
