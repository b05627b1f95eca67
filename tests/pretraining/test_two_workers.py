"""Two real processes on loopback against one, and what happens when one of them is killed."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

SIDE = Path(__file__).parent / "worker_side.py"


def free_hosts(count: int) -> str:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ",".join(f"127.0.0.1:{port}" for port in ports)


def start(hosts: str, index: int, shards, run, steps: int, save_every: int, *flags: str) -> subprocess.Popen:
    command = [sys.executable, SIDE, hosts, str(index), shards, run, str(steps), str(save_every), *flags]
    return subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)


def finish(*workers: subprocess.Popen) -> None:
    errors = [worker.communicate(timeout=240)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * len(workers), errors


def weights_of(run: Path) -> dict[str, np.ndarray]:
    return load_file(run / "model.safetensors")


@pytest.fixture(scope="module")
def alone(make_shards, tmp_path_factory):
    """The run of one process with the whole batch."""
    run = tmp_path_factory.mktemp("alone") / "run"
    finish(start("-", 0, make_shards(16).directory, run, 6, 2))
    return weights_of(run)


def assert_close(run: Path, expected: dict[str, np.ndarray]) -> None:
    for name, value in weights_of(run).items():
        np.testing.assert_allclose(value, expected[name], rtol=0, atol=1e-5, err_msg=name)


def test_two_workers_are_one_with_the_whole_batch(make_shards, alone, tmp_path):
    hosts = free_hosts(2)
    finish(*(start(hosts, index, make_shards(16).directory, tmp_path / "run", 6, 2) for index in (0, 1)))
    assert_close(tmp_path / "run", alone)


@pytest.mark.parametrize("killed", [1])
def test_when_one_is_killed_the_other_says_so_and_both_resume(make_shards, tmp_path, killed):
    shards, run, hosts = make_shards(16).directory, tmp_path / "run", free_hosts(2)
    steps = (400, 20)  # too many to be done before the kill; a state every so many
    workers = [start(hosts, index, shards, run, *steps) for index in (0, 1)]
    deadline = time.monotonic() + 120
    while not list((run / "training").glob("step-*.safetensors")):
        assert time.monotonic() < deadline
        assert [worker.poll() for worker in workers] == [None, None]
        time.sleep(0.05)
    workers[killed].send_signal(signal.SIGKILL)
    survivor = workers[1 - killed]
    error = survivor.communicate(timeout=180)[1]
    workers[killed].communicate()
    assert survivor.returncode != 0
    lines = [line for line in error.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, error
    assert "another worker" in lines[0]
    assert "--resume" in lines[0]

    hosts = free_hosts(2)
    finish(*(start(hosts, index, shards, run, *steps, "--resume") for index in (0, 1)))
    assert (run / "model.safetensors").is_file()
