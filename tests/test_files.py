import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kbert.errors import InputError
from kbert.files import check_output_directory, explained_disk_errors, new_directory, publish, write_json

ROOT = Path(__file__).parent.parent

SAVE_UNDER_A_LIMIT = """
import resource, sys
from kbert.backbone import BertBackbone
from kbert.config import BertConfig
from kbert.errors import InputError
from kbert.tasks import TextClassifier

sizes = {"hidden_dim": 16, "num_heads": 2, "num_layers": 1, "intermediate_dim": 32, "max_sequence_length": 32}
model = TextClassifier(BertBackbone(BertConfig(vocabulary_size=500, **sizes)), ["bad", "good"])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # config.json fits, 32,000 bytes of token table do not
try:
    model.save_checkpoint(sys.argv[1], overwrite=len(sys.argv) > 2)
except InputError as error:
    sys.exit(f"error: {error}")
"""

WRITE_UNDER_A_LIMIT = """
import resource, sys
from kbert.errors import InputError
from kbert.files import new_directory

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with new_directory(sys.argv[1], overwrite=True) as folder:
        (folder / "small").write_bytes(bytes(10_000))
        (folder / "large").write_bytes(bytes(30_000))
except InputError as error:
    sys.exit(f"error: {error}")
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run_script(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)


@pytest.fixture
def full_disk(tmp_path):
    """A disk of 16 kilobytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount")
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not permitted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_new_directory_appears_when_all_went_well(tmp_path):
    target = tmp_path / "parent" / "run"
    with new_directory(target) as folder:
        (folder / "a.txt").write_text("a")
        assert not target.exists()
        assert folder.parent == target.parent  # the same disk, so that one rename is enough
    assert names(target) == ["a.txt"]
    assert names(target.parent) == ["run"]
    assert target.stat().st_mode & 0o777 == 0o755


def test_an_empty_directory_may_be_filled(tmp_path):
    (tmp_path / "run").mkdir()
    with new_directory(tmp_path / "run") as folder:
        (folder / "a.txt").write_text("a")
    assert names(tmp_path / "run") == ["a.txt"]
    assert names(tmp_path) == ["run"]


def test_overwriting_replaces_the_whole_directory(tmp_path):
    target = tmp_path / "run"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with new_directory(target, overwrite=True) as folder:
        (folder / "new.txt").write_text("new")
        assert names(target) == ["old.txt"]  # until the new one is whole
    assert names(target) == ["new.txt"]
    assert names(tmp_path) == ["run"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("existing", [True, False])
def test_an_exception_leaves_everything_as_it_was(tmp_path, error, existing):
    target = tmp_path / "run"
    if existing:
        target.mkdir()
        (target / "old.txt").write_text("old")
    with pytest.raises(error), new_directory(target, overwrite=True) as folder:
        (folder / "new.txt").write_text("new")
        raise error
    assert names(tmp_path) == (["run"] if existing else [])
    assert not existing or names(target) == ["old.txt"]


def test_what_is_there_is_kept_unless_overwriting_is_asked_for(tmp_path):
    target = tmp_path / "run"
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    message = f"{target}: the output folder holds something already. Choose another, or add --overwrite"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"), new_directory(target):
        pytest.fail("the body must not run")
    assert names(tmp_path) == ["run"]
    assert check_output_directory(target, overwrite=True) == target


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(InputError, match=r"run: expected a folder for the output, it is a file$"):
        check_output_directory(tmp_path / "run", overwrite=True)


def test_a_place_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match=r"the output folder cannot be written \(.+\). Choose another$"):
        check_output_directory(tmp_path / "file" / "run")
    with pytest.raises(InputError, match=r"the output folder cannot be written \(.+\). Choose another$"):
        check_output_directory(tmp_path / "file" / "deeper" / "run")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux only")
def test_a_place_where_nobody_may_write():
    with pytest.raises(InputError, match=r"^/proc/x: the output folder cannot be written \(.+\). Choose another$"):
        check_output_directory("/proc/x")


def test_checking_leaves_nothing_behind(tmp_path):
    check_output_directory(tmp_path / "run")
    assert names(tmp_path) == []


@pytest.mark.parametrize("existing", [True, False])
def test_a_limit_midway_leaves_nothing_half_written(tmp_path, existing):
    target = tmp_path / "run"
    if existing:
        target.mkdir()
        (target / "old.txt").write_text("old")
    result = run_script(WRITE_UNDER_A_LIMIT, target)
    assert result.returncode == 1
    assert result.stderr == f"error: {target}: could not be written (File too large); nothing was put in place\n"
    assert names(tmp_path) == (["run"] if existing else [])
    assert not existing or names(target) == ["old.txt"]


def test_a_checkpoint_that_does_not_fit_leaves_nothing_half_written(tmp_path):
    result = run_script(SAVE_UNDER_A_LIMIT, tmp_path / "run")
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert re.fullmatch(r"error: .+/run: could not be written \(.*File too large.*\); nothing was put in place", last)
    assert names(tmp_path) == []


def test_a_full_disk_leaves_nothing_half_written(full_disk, tiny_classifier):
    with pytest.raises(InputError, match=r"could not be written \(.*No space left on device.*\); nothing was put"):
        tiny_classifier.save_checkpoint(full_disk / "run")
    assert names(full_disk) == []


def test_a_full_disk_keeps_the_checkpoint_that_was_there(full_disk, tiny_classifier):
    (full_disk / "run").mkdir()
    (full_disk / "run" / "old.txt").write_text("old")
    with pytest.raises(InputError, match=r"No space left on device"):
        tiny_classifier.save_checkpoint(full_disk / "run", overwrite=True)
    assert names(full_disk) == ["run"]
    assert names(full_disk / "run") == ["old.txt"]


def test_disk_errors_are_told_in_one_line(tmp_path):
    from safetensors import SafetensorError

    for error, reason in ((OSError(28, "No space left"), "No space left"), (SafetensorError("I/O error"), "I/O error")):
        message = re.escape(f"run: could not be written ({reason}); nothing was put in place")
        with pytest.raises(InputError, match=f"^{message}$"), explained_disk_errors(Path("run")):
            raise error


def test_json_is_readable(tmp_path):
    write_json(tmp_path / "a.json", {"label": "größer", "n": 1})
    assert (tmp_path / "a.json").read_bytes() == '{\n  "label": "größer",\n  "n": 1\n}\n'.encode()
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"label": "größer", "n": 1}


def test_publishing_replaces_all_but_what_is_to_stay(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "a").write_text("new")
    (target / "a").write_text("old")
    (target / "b").write_text("of the run before")
    (target / "state").mkdir()
    publish(source, target, keep="state")
    assert names(tmp_path) == ["target"]
    assert names(target) == ["a", "state"]
    assert (target / "a").read_text() == "new"
