"""The Android library on the JVM: its tokenizer alone, and text to label in ONNX Runtime beside Python's.

python benchmarks/jvm_speed.py EXPORTED --data test.tsv --vocab multilingual-cased.vocab.txt

EXPORTED is an export directory of a text classifier with an ONNX file. Both sides read the same texts one at a time,
with the same file and the same number of threads, each in a process of its own, taking turns; Maven builds the JVM's
side first (examples/android). The tokenizer runs on one core.

Two versions of ONNX Runtime do not give a file of 8 bits the same numbers: to hold the answers against each other,
install the JVM's version (`onnxruntime.version` in examples/android/pom.xml) for Python too.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

PROJECT = Path(__file__).resolve().parents[1] / "examples" / "android"
MAIN = "org.kbert.device.SpeedKt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exported", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="Texts, in any of kbert's forms.")
    parser.add_argument("--vocab", type=Path, help="A large vocabulary to time the loading of.")
    parser.add_argument("--model", default="onnx/model_quantized.onnx")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(python_side(given.exported / given.model, given.data, given.threads)))
        return
    from kbert.data import read_texts

    class_path = build()
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts.txt"
        lines = [" ".join(text.split()) for text in read_texts(given.data)]
        texts.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        for vocabulary in [given.exported / "vocab.txt", *([given.vocab] if given.vocab else [])]:
            print_tokenizer(java(class_path, "tokenize", vocabulary, texts, one_core=True))
        python = [sys.executable, __file__, given.exported, "--data", texts, "--model", given.model, "--side"]
        python += ["--threads", given.threads]
        sides: dict[str, list[dict[str, Any]]] = {"Python": [], "JVM": []}
        for _ in range(given.rounds):
            sides["Python"].append(run(python))
            sides["JVM"].append(java(class_path, "answer", given.exported, given.model, texts, given.threads))
    print_answers(sides)


def build() -> str:
    """Compiles the library and its tests; the class path to run them with."""
    maven = shutil.which("mvn")
    if maven is None:
        sys.exit("mvn: Maven and Java 17 are needed to build examples/android")
    goals = ["test-compile", "dependency:build-classpath", "-Dmdep.outputFile=target/class-path.txt"]
    subprocess.run([maven, "-B", "-q", "-pl", "kbert-device", "-am", *goals], cwd=PROJECT, check=True)
    device = PROJECT / "kbert-device" / "target"
    return os.pathsep.join([f"{device}/classes", f"{device}/test-classes", (device / "class-path.txt").read_text()])


def java(class_path: str, *arguments: object, one_core: bool = False) -> dict[str, Any]:
    return run(["java", "-XX:+UseSerialGC", "-cp", class_path, MAIN, *arguments], one_core=one_core)


def run(command: list[object], *, one_core: bool = False) -> dict[str, Any]:
    def pin() -> None:
        if one_core:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True, preexec_fn=pin
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def python_side(model: Path, data: Path, threads: int) -> dict[str, Any]:
    """As `answer` in Speed.kt: milliseconds from a text to its label, one text at a time."""
    from kbert.export import open_artefact

    texts = data.read_text("utf-8").splitlines()
    artefact = open_artefact(model, num_threads=threads)

    def classify(text: str) -> tuple[str, float]:
        (answer,) = artefact.answer([text])
        return artefact.labels[int(answer.argmax())], float(answer.max())

    for text in texts:
        classify(text)
    times, answers = [], []
    for text in texts:
        start = time.perf_counter()
        answers.append(classify(text))
        times.append((time.perf_counter() - start) * 1e3)
    return {
        "runtime": f"ONNX Runtime {importlib.metadata.version('onnxruntime')}",
        "mean_ms": float(np.mean(times)),
        "median_ms": float(np.median(times)),
        "labels": [label for label, _ in answers],
        "probabilities": [probability for _, probability in answers],
    }


def print_tokenizer(found: dict[str, Any]) -> None:
    print(
        f"vocabulary of {found['vocabulary']:,}: loaded in {found['load_ms']:.0f} ms in a fresh JVM "
        f"({found['load_processor_ms']:.0f} ms of the processor's time), then "
        f"{found['tokens_per_second']:,.0f} tokens/s on one core, "
        f"{found['allocated_bytes_per_character']:.3f} bytes allocated a character of a long word"
    )


def print_answers(sides: dict[str, list[dict[str, Any]]]) -> None:
    best = {name: min(rounds, key=lambda each: each["mean_ms"]) for name, rounds in sides.items()}
    for name, rounds in sides.items():
        means = ", ".join(f"{each['mean_ms']:.3f}" for each in rounds)
        runtime = best[name]["runtime"]
        print(f"{name}, {runtime}: mean of a text {means} ms; median {best[name]['median_ms']:.3f} ms")
    one, other = best["Python"], best["JVM"]
    same = sum(a == b for a, b in zip(one["labels"], other["labels"], strict=True))
    shift = max(abs(a - b) for a, b in zip(one["probabilities"], other["probabilities"], strict=True))
    print(f"equal labels: {same} of {len(one['labels'])}; largest difference of a probability {shift:.1e}")
    print(f"JVM / Python: {other['mean_ms'] / one['mean_ms']:.3f}")


if __name__ == "__main__":
    main()
