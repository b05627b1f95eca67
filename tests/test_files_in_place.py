"""Folders that cannot be renamed, and links: filled where they are."""

import errno
import os
from pathlib import Path

import pytest

from kbert import files
from kbert.errors import InputError
from kbert.files import new_contents, new_directory, new_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fill(target: Path) -> None:
    with new_directory(target, overwrite=True) as folder:
        (folder / "config.json").write_text("new")
        (folder / "onnx").mkdir()
        (folder / "onnx" / "model.onnx").write_text("new")


def hold_an_older_export(target: Path) -> None:
    for name in (
        "report.json",
        "shard-00000-of-00002.json",
        "onnx/model.onnx",
        "onnx/model_quantized.onnx",
        "mine.txt",
    ):
        (target / name).parent.mkdir(exist_ok=True, parents=True)
        (target / name).touch()  # without content: the disk of a test is small


def assert_filled_file_by_file(target: Path) -> None:
    assert names(target) == ["config.json", "mine.txt", "onnx"]
    assert names(target / "onnx") == ["model.onnx"]
    assert (target / "onnx" / "model.onnx").read_text() == "new"


@pytest.mark.parametrize("existing", [True, False])
def test_a_link_is_written_through(tmp_path, existing):
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    if existing:
        hold_an_older_export(real)
    fill(link)
    assert link.is_symlink()
    assert names(real) == ["config.json", "onnx"]
    with new_contents(link, keep="training") as folder:
        (folder / "vocab.txt").write_text("new")
    assert link.is_symlink()
    assert names(real) == ["onnx", "vocab.txt"]
    assert names(tmp_path) == ["link", "real"]


def test_a_linked_file_is_written_through(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with new_file(tmp_path / "link") as path:
        path.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_the_current_folder_is_filled_file_by_file(tmp_path, monkeypatch):
    hold_an_older_export(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    fill(Path())
    assert tmp_path.stat().st_ino == before
    assert_filled_file_by_file(tmp_path)


def test_a_mount_point_is_filled_file_by_file(full_disk):
    hold_an_older_export(full_disk)
    fill(full_disk)
    assert_filled_file_by_file(full_disk)
    assert names(full_disk.parent) == ["disk"]


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_a_folder_that_turns_out_to_be_fixed_loses_no_work(tmp_path, monkeypatch, number):
    target = tmp_path / "run"
    hold_an_older_export(target)
    replace = os.replace

    def busy(source, place):
        if source == target:
            raise OSError(number, os.strerror(number))
        replace(source, place)

    monkeypatch.setattr(files.os, "replace", busy)
    fill(target)
    assert_filled_file_by_file(target)
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_rename_that_fails_leaves_the_old_folder(tmp_path, monkeypatch, failing):
    target = tmp_path / "run"
    target.mkdir()
    (target / "old.txt").write_text("old")
    replace, calls = os.replace, []

    def fails_once(source, place):
        calls.append(source)
        if len(calls) == failing:
            raise OSError(errno.EIO, "Input/output error")
        replace(source, place)

    monkeypatch.setattr(files.os, "replace", fails_once)
    with pytest.raises(InputError, match=r"could not be written \(Input/output error\); nothing was put in place$"):
        fill(target)
    assert names(tmp_path) == ["run"]
    assert names(target) == ["old.txt"]
