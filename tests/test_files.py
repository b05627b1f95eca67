import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kbert.errors import InputError
from kbert.files import (
    check_output_directory,
    check_output_file,
    explained_disk_errors,
    new_contents,
    new_directory,
    new_file,
    publish,
    write_json,
)

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


KILLED_INSIDE = """
import os, signal, sys
from kbert.files import new_directory

with new_directory(sys.argv[1]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def run_script(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)


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


def test_two_cannot_fill_one_directory_at_once(tmp_path):
    target = tmp_path / "run"
    (tmp_path / "link").symlink_to(target)
    with new_directory(target) as folder:
        (folder / "a.txt").write_text("a")
        for name in ("run", "link"):
            message = f"^{tmp_path / name}: another kbert is writing there. Wait until it is done, or choose another"
            with pytest.raises(InputError, match=message), new_directory(tmp_path / name, overwrite=True):
                pytest.fail("entered")
        with new_directory(tmp_path / "other"):
            pass
    with new_directory(target, overwrite=True) as folder:
        (folder / "b.txt").write_text("b")
    assert names(target) == ["b.txt"]


def test_a_killed_writer_holds_nobody_up(tmp_path):
    assert run_script(KILLED_INSIDE, tmp_path / "run").returncode == -signal.SIGKILL
    with new_directory(tmp_path / "run") as folder:
        (folder / "a.txt").write_text("a")
    assert names(tmp_path / "run") == ["a.txt"]


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


def test_publishing_deletes_what_kbert_wrote_before_and_nothing_else(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "config.json").write_text("new")
    (target / "logs").mkdir(parents=True)
    for name in ("config.json", "curves.png", "vocab.txt", "thesis.txt", "logs/events.out.tfevents.1"):
        (target / name).write_text("of the run before")
    publish(source, target, keep="curves.png")
    assert names(tmp_path) == ["target"]
    assert names(target) == ["config.json", "curves.png", "logs", "thesis.txt"]
    assert names(target / "logs") == ["events.out.tfevents.1"]
    assert (target / "config.json").read_text() == "new"


def test_publishing_tells_where_the_rest_lies(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "config.json").write_text("new")
    (tmp_path / "target" / "config.json" / "x").mkdir(parents=True)  # a file cannot take its place
    message = f"target: could not be written (Is a directory); what is not in place yet lies in {tmp_path / 'source'}"
    with pytest.raises(InputError, match=re.escape(message)):
        publish(tmp_path / "source", tmp_path / "target", keep="")
    assert names(tmp_path / "source") == ["config.json"]


@pytest.mark.parametrize("existing", [True, False])
def test_contents_that_fail_leave_everything_as_it_was(tmp_path, existing):
    run = tmp_path / "deep" / "run"
    if existing:
        run.mkdir(parents=True)
        (run / "config.json").write_text("old")
    message = f"{run}: could not be written (No space left on device); nothing was put in place"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"), new_contents(run, keep="training") as folder:
        (folder / "config.json").write_text("new")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == (["deep"] if existing else [])
    assert not existing or names(run) == ["config.json"]
    assert not existing or (run / "config.json").read_text() == "old"


def test_folders_above_stay_only_if_all_went_well(tmp_path):
    check_output_directory(tmp_path / "a" / "b" / "run")
    check_output_file(tmp_path / "a" / "b" / "file")
    assert names(tmp_path) == []
    with pytest.raises(ValueError, match="wrong"), new_directory(tmp_path / "a" / "b" / "run"):
        raise ValueError("wrong")
    with pytest.raises(ValueError, match="wrong"), new_file(tmp_path / "a" / "b" / "file") as path:
        path.write_text("half")
        raise ValueError("wrong")
    assert names(tmp_path) == []
    with new_file(tmp_path / "a" / "b" / "file") as path:
        path.write_text("whole")
    assert names(tmp_path / "a" / "b") == ["file"]


def test_a_device_is_no_file():
    with pytest.raises(InputError, match=r"^/dev/null: expected a file for the output, it is a device$"):
        check_output_file("/dev/null", overwrite=True)
