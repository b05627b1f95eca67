import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kbert.data.processes import WorkerLost, in_processes

ROOT = Path(__file__).parent.parent.parent
SLEEPERS = """
import time
from kbert.data.processes import in_processes

if __name__ == "__main__":
    for _ in in_processes(time.sleep, [0.01, 60, 60], 2):
        print("ready", flush=True)
"""


@pytest.mark.parametrize("processes", [1, 2])
def test_every_item_is_done(processes):
    assert sorted(in_processes(abs, [3, 1, 2], processes)) == [1, 2, 3]


@pytest.mark.parametrize("processes", [1, 2])
def test_errors_come_through(processes):
    with pytest.raises(TypeError, match="bad operand"):
        list(in_processes(abs, ["text"], processes))


def test_a_process_that_is_killed():
    with pytest.raises(WorkerLost):
        list(in_processes(os._exit, [1], 2))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux only")
def test_no_process_outlives_its_parent(tmp_path):
    script = tmp_path / "sleepers.py"
    script.write_text(SLEEPERS, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    parent.stdout.readline()
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    assert len(children) >= 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(_runs(child) for child in children):
        time.sleep(0.05)
    assert not any(_runs(child) for child in children)


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
