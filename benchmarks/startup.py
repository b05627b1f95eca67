"""How long `kbert --help` and `import kbert` take: median of several fresh processes.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "kbert --help": [sys.executable, "-m", "kbert", "--help"],
    "kbert export --help": [sys.executable, "-m", "kbert", "export", "--help"],
    "import kbert": [sys.executable, "-c", "import kbert"],
    "an empty Python": [sys.executable, "-c", ""],
}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    for name, command in COMMANDS.items():
        times = [seconds(command) for _ in range(11)]
        print(f"{name:22s} median {statistics.median(times):.3f} s  worst {max(times):.3f} s")
