"""Megabytes of text a second of `kbert prepare`, with one process and with two, and the memory it takes.

python benchmarks/prepare.py --vocab vocab.txt [--mb 100] [--rounds 3] [--processes 1 2] TEXT [TEXT …]
python benchmarks/prepare.py --vocab vocab.txt --memory --mb 1000 TEXT [TEXT …]

The corpus is the files given, repeated until it has so many megabytes. Every run is a `kbert prepare` of its own into
an empty folder; its time is that of the whole command, start included. The last column is the speed over that of the
first number of processes. `--memory` samples the resident memory of all processes of a run together, for a tenth of the
corpus and for the whole: both should take the same.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

SAMPLE_SECONDS = 0.05


def make_corpus(files: list[str], megabytes: float, path: Path) -> float:
    """Writes the files again and again, a blank line between two; gives the size in megabytes."""
    texts = [Path(file).read_bytes() + b"\n\n" for file in files]
    with path.open("wb") as out:
        while out.tell() < megabytes * 1e6:
            for text in texts:
                out.write(text)
                if out.tell() >= megabytes * 1e6:
                    break
        return out.tell() / 1e6


@contextlib.contextmanager
def run(corpus: Path, vocabulary: str, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """`kbert prepare` at work."""
    with tempfile.TemporaryDirectory(dir=corpus.parent) as folder:
        command = [sys.executable, "-m", "kbert", "prepare", "--input", str(corpus), "--vocab", vocabulary]
        command += ["--output", f"{folder}/shards", "--processes", str(processes)]
        started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield started
        if started.wait():
            sys.exit(f"failed: {' '.join(command)}")


def seconds_of(corpus: Path, vocabulary: str, processes: int) -> float:
    """How long the command takes."""
    started = time.perf_counter()
    with run(corpus, vocabulary, processes) as running:
        running.wait()
        return time.perf_counter() - started


def peak_megabytes(corpus: Path, vocabulary: str, processes: int) -> float:
    """The most resident memory that the command and its processes had at one time; shared pages count in each."""
    peak, done = 0.0, threading.Event()

    def sample(pid: int) -> None:
        nonlocal peak
        while not done.wait(SAMPLE_SECONDS):
            peak = max(peak, sum(map(_resident_bytes, _family(pid))) / 1e6)

    with run(corpus, vocabulary, processes) as running:
        thread = threading.Thread(target=sample, args=[running.pid])
        thread.start()
        running.wait()
        done.set()
        thread.join()
    return peak


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocab", required=True)
    parser.add_argument("--mb", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--folder", help="where the corpus and the shards go meanwhile")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        corpus = Path(folder) / "corpus.txt"
        if arguments.memory:
            for size in (arguments.mb / 10, arguments.mb):
                megabytes = make_corpus(arguments.files, size, corpus)
                for processes in arguments.processes:
                    peak = peak_megabytes(corpus, arguments.vocab, processes)
                    print(f"{megabytes:7.1f} MB of text, {processes} processes: {peak:6.1f} MB resident at most")
            return
        megabytes = make_corpus(arguments.files, arguments.mb, corpus)
        found: dict[int, list[float]] = {processes: [] for processes in arguments.processes}
        for _ in range(arguments.rounds):
            for processes in arguments.processes:
                found[processes].append(megabytes / seconds_of(corpus, arguments.vocab, processes))
    print(f"{megabytes:.1f} MB of text, median of {arguments.rounds} rounds")
    first = statistics.median(found[arguments.processes[0]])
    for processes, speeds in found.items():
        speed = statistics.median(speeds)
        print(f"{processes:2d} processes {speed:6.2f} MB/s  {speed / first:5.2f}x")


if __name__ == "__main__":
    main()
