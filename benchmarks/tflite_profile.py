"""Where the time of a TFLite file goes, by operator, in LiteRT's own profiler.

python benchmarks/tflite_profile.py EXPORTED/model.tflite --tokens 27

`ms` is the time of all operators of a name in a run, the median over the runs. The profiler cuts each operator's off
to whole microseconds; what that loses is in the last line but one, what a run takes beyond them. `peak` is the speed of
one dense layer of 1,024 rows, inputs and outputs of the same number format, in the same runtime with as many threads.
"""

import argparse
import collections
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from litert_profiler import OperatorTime, ProfiledModel

from kbert.export.inputs import TFLITE_INPUTS, feed
from kbert.export.runtime import TfliteArtefact
from kbert.export.tflite_quantize import quantize_weights
from kbert.export.weight_schemes import WEIGHT_SCHEMES

DENSE, PRODUCT = "Fully Connected", "Batch Matrix Multiply"
PEAK_SIZE = 1024


def matrix_flop(path: Path, tokens: int) -> dict[str, int]:
    """Multiplications and additions of the dense layers, by their number format, and of the other products."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # Without delegates, so that every tensor has a shape.
    interpreter = Interpreter(str(path), experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    for details in interpreter.get_input_details():
        interpreter.resize_tensor_input(details["index"], [1, tokens])
    interpreter.allocate_tensors()
    signature = interpreter.get_signature_runner()
    signature(**feed(TFLITE_INPUTS, np.full(tokens, 1000, "int32"), "int32"))
    flop: dict[str, int] = collections.Counter()
    for operator in interpreter._get_ops_details():
        shapes = [_shape(interpreter, tensor) for tensor in (*operator["inputs"][:2], operator["outputs"][0])]
        if operator["op_name"] == "FULLY_CONNECTED":
            kind = interpreter._get_tensor_details(operator["inputs"][1], 0)["dtype"]
            flop[DENSE + (" F32" if kind is np.float32 else " QD8")] += 2 * int(np.prod(shapes[2])) * shapes[1][-1]
        elif operator["op_name"] == "BATCH_MATMUL":
            flop[PRODUCT] += 2 * int(np.prod(shapes[2])) * shapes[0][-1]
    return flop


def _shape(interpreter: Any, tensor: int) -> list[int]:
    return [int(size) for size in interpreter._get_tensor_details(tensor, 0)["shape"]]


def flop_key(name: str) -> str | None:
    """Which entry of `matrix_flop` an operator of the profile belongs to."""
    if name.startswith(DENSE):
        return DENSE + (" QD8" if "QD8" in name else " F32")
    return PRODUCT if name.startswith(PRODUCT) else None


def peaks(folder: Path, num_threads: int) -> dict[str, float]:
    """GFLOP/s of one large dense layer, by number format."""
    import tensorflow as tf

    from kbert.export.tflite import convert

    random = np.random.default_rng(0)
    kernel = random.standard_normal((PEAK_SIZE, PEAK_SIZE), "float32")
    x = random.standard_normal((PEAK_SIZE, PEAK_SIZE), "float32")

    @tf.function(input_signature=[tf.TensorSpec(x.shape, tf.float32)])
    def dense(x: Any) -> dict[str, Any]:
        return {"y": tf.matmul(x, tf.constant(kernel))}

    found = {}
    whole = convert(dense)
    for kind, model in (("F32", whole), ("QD8", quantize_weights(whole, WEIGHT_SCHEMES["dynamic_int8"]))):
        path = folder / f"{kind}.tflite"
        path.write_bytes(model)
        profiled = ProfiledModel(path, {"x": x}, num_threads)
        times = [sum(event.us for event in profiled.profile() if event.name.startswith(DENSE)) for _ in range(20)]
        found[kind] = 2 * PEAK_SIZE**3 / min(times) / 1e3
    return found


def by_operator(runs: Sequence[Sequence[OperatorTime]]) -> dict[str, tuple[int, float]]:
    """By name: how many there are in a run, and their time together, in ms, the median over runs."""
    counts = collections.Counter(event.name for event in runs[0])
    times: dict[str, list[int]] = {name: [0] * len(runs) for name in counts}
    for i, run in enumerate(runs):
        for event in run:
            times[event.name][i] += event.us
    return {name: (counts[name], statistics.median(times[name]) / 1e3) for name in counts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--tokens", type=int, default=27)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=300)
    arguments = parser.parse_args()
    # Any words do: no operator's time depends on which.
    ids = np.arange(2000, 2000 + arguments.tokens, dtype="int32")
    artefact = TfliteArtefact(arguments.file, num_threads=arguments.threads)
    model = ProfiledModel(arguments.file, feed(TFLITE_INPUTS, ids, "int32"), arguments.threads)
    model.run()
    (answer,) = artefact.run(ids).values()
    np.testing.assert_allclose(model.output()[0], answer, atol=1e-6)  # the same computation

    plain, profiles = [], []
    for _ in range(arguments.runs):  # taking turns
        artefact.run(ids)
        started = time.perf_counter()
        artefact.run(ids)
        plain.append((time.perf_counter() - started) * 1e3)
        model.run()
        profiles.append(model.profile())
    with tempfile.TemporaryDirectory() as folder:
        peak = peaks(Path(folder), arguments.threads)
    whole = statistics.median(plain)
    flop = matrix_flop(arguments.file, arguments.tokens)
    _print(by_operator(profiles), flop, peak, whole)


def _print(times: dict[str, tuple[int, float]], flop: dict[str, int], peak: dict[str, float], whole: float) -> None:
    print("| operator | count | ms | share | MFLOP | GFLOP/s | of peak |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, (count, ms) in sorted(times.items(), key=lambda item: -item[1][1]):
        key = flop_key(name)
        products = ""
        if key is not None and ms:
            speed = flop[key] / ms / 1e6
            products = (
                f"{flop[key] / 1e6:.1f} | {speed:.1f} | {100 * speed / peak['QD8' if 'QD8' in key else 'F32']:.0f} %"
            )
        print(f"| {name} | {count} | {ms:.3f} | {100 * ms / whole:.1f} % | {products or ' | | '} |")
    counted = sum(ms for _, ms in times.values())
    print(f"| the rest of a run | | {whole - counted:.3f} | {100 * (1 - counted / whole):.1f} % | | | |")
    print(f"| a run, without the profiler | {sum(count for count, _ in times.values())} | {whole:.3f} | | | | |")
    print("\npeak: " + ", ".join(f"{kind} {speed:.1f} GFLOP/s" for kind, speed in peak.items()))


if __name__ == "__main__":
    main()
