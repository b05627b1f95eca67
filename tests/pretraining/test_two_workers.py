"""Two real processes on loopback against one, and what happens when one of them is killed."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

SIDE = Path(__file__).parent / "worker_side.py"


@pytest.fixture(scope="module")
def start(make_shards, corpus):
    """Starts worker_side.py, six steps with a state after every second one."""

    def run(hosts: str, index: int, output: Path, *flags: str) -> subprocess.Popen:
        command = [sys.executable, SIDE, hosts, str(index), make_shards(16).directory, corpus, output, *flags]
        return subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return run


@pytest.fixture(scope="module")
def alone(start, tmp_path_factory):
    """The weights of one process with the whole batch, which never stopped."""
    run = tmp_path_factory.mktemp("alone") / "run"
    finish(start("-", 0, run))
    return load_file(run / "model.safetensors")


def free_hosts(count: int) -> str:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ",".join(f"127.0.0.1:{port}" for port in ports)


def finish(*workers: subprocess.Popen) -> list[str]:
    """Waits for workers that must succeed; gives what they printed."""
    outputs, errors = zip(*(worker.communicate(timeout=240) for worker in workers), strict=True)
    assert [worker.returncode for worker in workers] == [0] * len(workers), errors
    return list(outputs)


def assert_close(run: Path, expected: dict[str, np.ndarray]) -> None:
    """Within 1e-5: rounding of 1e-7 in small gradients is 1e-5 of Adam's updates, which are as large as 0.003."""
    for name, value in load_file(run / "model.safetensors").items():
        np.testing.assert_allclose(value, expected[name], rtol=0, atol=1e-5, err_msg=name)


def test_two_workers_are_one_with_the_whole_batch_though_each_is_killed_once(start, alone, tmp_path):
    """First the one that does not write, then the one that does: the other says so, and both go on."""
    run, flags = tmp_path / "run", []
    for killed, step in ((1, 4), (0, 6)):
        hosts = free_hosts(2)
        workers = [start(hosts, i, run, *flags, *([f"--killed-in-step={step}"] if i == killed else [])) for i in (0, 1)]
        survivor = workers[1 - killed]
        error = survivor.communicate(timeout=180)[1]
        workers[killed].communicate()
        assert workers[killed].returncode == -signal.SIGKILL
        assert survivor.returncode == 1
        lines = [line for line in error.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, error
        assert lines[0].startswith(f"error: step {step}: another worker was lost (")
        assert lines[0].endswith("). Start all of them again with --resume")
        flags = ["--resume"]

    hosts = free_hosts(2)
    first, second = finish(*(start(hosts, index, run, "--resume") for index in (0, 1)))
    assert len(first.strip()) == 64
    assert first == second
    assert_close(run, alone)
