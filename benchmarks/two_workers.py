"""What training together costs: two workers on loopback against one process, with the same whole batch.

python benchmarks/two_workers.py --shards DIR [--preset mini] [--batch-size 32] [--steps 20] [--rounds 3]

Every run is a `kbert pretrain` of its own, the two set-ups taking turns; the time of a step is that of the second half
of the steps, read off the run's `metrics.jsonl`. All processes share the processor's cores, so what is measured is the
exchange of gradients and the waiting for one another, not what a second machine would gain.
"""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from kbert.data.shards import open_shards


def seconds_a_step(arguments: argparse.Namespace, workers: int, run: Path) -> float:
    """Trains with so many workers; gives the seconds of a step."""
    command = [sys.executable, "-m", "kbert", "pretrain", "--shards", arguments.shards, "--preset", arguments.preset]
    command += ["--batch-size", str(arguments.batch_size), "--steps", str(2 * arguments.steps), "--output", str(run)]
    command += ["--log-every", str(arguments.steps)]
    hosts = ",".join(f"127.0.0.1:{port}" for port in _free_ports(workers))
    together = ["--distribution", "multi-worker", "--worker-hosts", hosts, "--worker-index"]
    started = [
        subprocess.Popen(
            command + ([] if workers == 1 else [*together, str(index)]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(workers)
    ]
    errors = [process.communicate()[1] for process in started]
    if any(process.returncode for process in started):
        sys.exit(f"{workers} workers failed: {errors}")
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
    tokens = arguments.batch_size * open_shards(arguments.shards).max_length
    return tokens / float(rows[-1]["train"]["tokens_per_second"])


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [found.getsockname()[1] for found in sockets]
    for found in sockets:
        found.close()
    return ports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--preset", default="mini")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    found: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.rounds):
            for workers, seconds in found.items():
                seconds.append(seconds_a_step(arguments, workers, Path(folder) / f"{workers}-{number}"))
    alone, together = (statistics.median(seconds) for seconds in found.values())
    print(f"{arguments.preset}, batches of {arguments.batch_size}, median of {arguments.rounds} rounds")
    print(f"one process {alone:.3f} s/step, two workers {together:.3f} s/step: {together - alone:+.3f} s")


if __name__ == "__main__":
    main()
