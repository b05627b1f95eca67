"""A student's files against the full model as keras-hub's users export it: float32, every text padded to 128 tokens.

python benchmarks/student_speed.py RUN --texts F [--columns score,text] [--rounds 3] [--count 200] --output DIR FILE…

RUN is the full model: keras-hub's file of its encoder is made in DIR, once. Each file runs alone in a process of its
own, the files taking turns, one text at a time, each of kbert's at its own length. A line has the median of the rounds'
mean milliseconds, and how many times smaller and faster than keras-hub's and than the first FILE a file is.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints import open_checkpoint
from kbert.checkpoints.keras_hub import to_keras_hub
from kbert.data.column_names import ColumnNames
from kbert.export.measurement import measure
from kbert.problems.kinds import problem_class
from kbert.pruning.prune import open_task

LENGTH, THREADS = 128, 2
NAMES = ("token_ids", "segment_ids", "padding_mask")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--texts", required=True)
    parser.add_argument("--columns", type=lambda text: tuple(text.split(",")))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()

    model = open_task(open_checkpoint(arguments.run))
    problem = problem_class(model.problem.task)
    texts = problem.read(arguments.texts, ColumnNames(names=arguments.columns)).inputs[: arguments.count]
    peer = arguments.output / f"keras_hub_float32_{LENGTH}.tflite"
    if not peer.is_file():
        arguments.output.mkdir(parents=True, exist_ok=True)
        peer.write_bytes(keras_hub_file(model.backbone))
    tokens = model.problem.encode(texts)
    rows = [tokens.row(i).token_ids.tolist() for i in range(len(tokens))]
    found: dict[Path, list[float]] = {path: [] for path in (peer, *arguments.files)}
    for _ in range(arguments.rounds):
        for path, times in found.items():
            own = path != peer
            times.append(measure(path, texts, num_threads=THREADS).latency_ms if own else time_alone(path, rows))
    print("| file | MB | ms | smaller than keras-hub's | as fast as | smaller than the first | as fast as |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    references = [(path.stat().st_size, statistics.median(found[path])) for path in (peer, arguments.files[0])]
    for path, times in found.items():
        size, ms = path.stat().st_size, statistics.median(times)
        ratios = [f"{their_size / size:.1f}x | {their_ms / ms:.2f}x" for their_size, their_ms in references]
        print(f"| {path.parent.name}/{path.name} | {size / 1e6:.2f} | {ms:.3f} | {' | '.join(ratios)} |")


def keras_hub_file(backbone: Any) -> bytes:
    """The encoder to [CLS] as a TFLite file of keras-hub's `BertBackbone`, of a static length."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    theirs = to_keras_hub(backbone)
    spec = tf.TensorSpec([1, LENGTH], tf.int32)

    @tf.function(input_signature=[spec] * len(NAMES), autograph=False)
    def encode(token_ids: Any, segment_ids: Any, padding_mask: Any) -> Any:
        inputs = dict(zip(NAMES, (token_ids, segment_ids, padding_mask), strict=True))
        return theirs(inputs, training=False)["pooled_output"]

    frozen = convert_variables_to_constants_v2(encode.get_concrete_function())
    made: bytes = tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
    return made


def time_alone(path: Path, rows: list[list[int]]) -> float:
    """Mean milliseconds of a row in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--alone", str(path)], input=json.dumps(rows), capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return float(done.stdout)


def run_alone(path: str) -> None:
    from ai_edge_litert.interpreter import Interpreter

    rows = json.load(sys.stdin)
    interpreter = Interpreter(path, num_threads=THREADS)
    interpreter.allocate_tensors()
    places = {
        name: found["index"] for found in interpreter.get_input_details() for name in NAMES if name in found["name"]
    }
    times = []
    for row in rows[:20] + rows:
        arrays = {name: np.zeros((1, LENGTH), "int32") for name in NAMES}
        arrays["token_ids"][0, : len(row)] = row
        arrays["padding_mask"][0, : len(row)] = 1
        before = time.perf_counter()
        for name, array in arrays.items():
            interpreter.set_tensor(places[name], array)
        interpreter.invoke()
        times.append((time.perf_counter() - before) * 1e3)
    print(statistics.mean(times[20:]))


if __name__ == "__main__":
    if sys.argv[1] == "--alone":
        run_alone(sys.argv[2])
    else:
        main()
