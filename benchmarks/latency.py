"""Exported files against those of other tools, side by side in one run of a neutral timing script.

python benchmarks/latency.py --peers PEERS EXPORTED

PEERS is a folder, not part of this repository, with what other tools make of the same weights, and `bench.py`, which
times any encoder on real text, each model in a process of its own, the models taking turns. Its files are keras-hub's
`BertBackbone` by `model.export` with TFLite's dynamic range (`keras_hub_int8_128.tflite`), litert-torch with
ai-edge-quantizer's dynamic int8 (`litert_torch_int8_128.tflite`), both of a static length of 128, and torch's ONNX
export through ONNX Runtime's transformer optimizer and dynamic int8 (`ort_optimized_int8.onnx`). EXPORTED is an export
directory of kbert; without PEERS, `kbert bench` times that alone.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from kbert.export.runtime import artefact_files

PEERS = ("keras_hub_int8_128.tflite", "litert_torch_int8_128.tflite", "ort_optimized_int8.onnx")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("exported", type=Path)
    arguments, options = parser.parse_known_args()
    models = [*(arguments.peers / peer for peer in PEERS), *artefact_files(arguments.exported)]
    command = [sys.executable, arguments.peers / "bench.py", *options, *models]
    sys.exit(subprocess.run([str(part) for part in command]).returncode)


if __name__ == "__main__":
    main()
