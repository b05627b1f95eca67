"""A line of a table over several seeds, for the benchmarks that hold one way to train against another."""

import math
import statistics
from collections.abc import Sequence


def print_line(name: str, scores: Sequence[float], plain: Sequence[float]) -> None:
    """Mean score, mean gain over `plain` seed by seed, the standard error of that mean, and each score."""
    gains = [score - other for score, other in zip(scores, plain, strict=True)]
    error = statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else math.nan
    each = ", ".join(f"{score:.2f}" for score in scores)
    print(
        f"| {name} | {statistics.mean(scores):.2f} | {statistics.mean(gains):+.2f} | {error:.2f} | {each} |", flush=True
    )
