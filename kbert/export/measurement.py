"""Latency, cold start and memory of one exported file or run, in a process of its own.

Two runtimes in one process spin against each other, and memory cannot be told apart: so each file is measured by
`python -m kbert.export.measurement FILE`, which reads texts as JSON lines from its input and prints one JSON object.
"""

import dataclasses
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kbert.errors import InputError

WARM_UP_TEXTS = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measurement:
    """Times are wall-clock, one text at a time, tokenizing not included, a resize for another length included.

    `latency_by_length` holds, for short to long texts, their mean length in tokens and mean latency in milliseconds.
    """

    latency_ms: float
    latency_p95_ms: float
    cold_start_ms: float
    memory_mb: float
    texts: int
    threads: int
    latency_by_length: tuple[tuple[int, float], ...] = ()


def measure(path: str | os.PathLike[str], texts: Sequence[Any], *, num_threads: int = 2) -> Measurement:
    """Runs a fresh process that loads an exported file, or a run, and runs every text once, after a warm-up.

    Raises:
        InputError: it cannot be run; or there are no texts.
    """
    if not texts:
        raise InputError("expected at least one text to measure with, got none")
    command = [sys.executable, "-m", "kbert.export.measurement", os.fspath(path), str(num_threads)]
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    if done.returncode:
        lines_said = done.stderr.strip().splitlines() or [f"the process ended with code {done.returncode}"]
        raise InputError(f"{path}: could not be measured: {lines_said[-1]}")
    found = json.loads(done.stdout.strip().splitlines()[-1])
    by_length = tuple((int(tokens), float(ms)) for tokens, ms in found.pop("latency_by_length"))
    return Measurement(**found, latency_by_length=by_length)


def _measure_here(path: str, num_threads: int, texts: list[Any]) -> Measurement:
    from kbert.export.full_model import FullModel
    from kbert.export.runtime import is_artefact, open_artefact

    started = time.perf_counter()
    artefact: Any = (open_artefact if is_artefact(path) else FullModel)(path, num_threads=num_threads)
    opened = time.perf_counter()
    rows = artefact.encode([text if isinstance(text, str) else tuple(text) for text in texts])
    encoded = time.perf_counter()
    artefact.run(rows[0])
    cold = (opened - started) + (time.perf_counter() - encoded)
    for row in rows[:WARM_UP_TEXTS]:
        artefact.run(row)
    times = []
    for row in rows:
        before = time.perf_counter()
        artefact.run(row)
        times.append((time.perf_counter() - before) * 1e3)
    return Measurement(
        latency_ms=statistics.mean(times),
        latency_p95_ms=sorted(times)[int(0.95 * (len(times) - 1))],
        cold_start_ms=cold * 1e3,
        memory_mb=_peak_memory_mb(),
        texts=len(times),
        threads=num_threads,
        latency_by_length=_by_length([len(row) for row in rows], times),
    )


def _by_length(lengths: Sequence[int], times: Sequence[float]) -> tuple[tuple[int, float], ...]:
    """Texts of up to 8, 16, 32, … tokens together: mean length and mean time."""
    groups: dict[int, list[tuple[int, float]]] = {}
    for length, ms in zip(lengths, times, strict=True):
        groups.setdefault(max(8, 1 << (length - 1).bit_length()), []).append((length, ms))
    return tuple(
        (round(statistics.mean(length for length, _ in group)), statistics.mean(ms for _, ms in group))
        for _, group in sorted(groups.items())
    )


def _peak_memory_mb() -> float:
    """The most memory this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage would count what the parent held when it started this process.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    try:
        result = _measure_here(sys.argv[1], int(sys.argv[2]), [json.loads(line) for line in sys.stdin])
    except InputError as problem:
        sys.exit(str(problem))
    print(json.dumps(dataclasses.asdict(result)))
