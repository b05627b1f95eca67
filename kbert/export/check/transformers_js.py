"""transformers.js, by its rules: which files it looks for, and under which names.

Sources: `src/utils/dtypes.js` (names by dtype), `src/utils/model_registry/get_pipeline_files.js` (what a pipeline
loads) of the package @huggingface/transformers 4.3. `make test-runtimes` runs its pipeline on the folder.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from kbert.export.check.onnx_file import OnnxFile
from kbert.export.check.verdict import RuntimeVerdict
from kbert.export.inputs import ONNX_INPUTS
from kbert.export.task_words import TASK_WORDS

# By the end of the file's name.
DTYPES = {
    "": "fp32",
    "_fp16": "fp16",
    "_int8": "int8",
    "_uint8": "uint8",
    "_quantized": "q8",
    "_q4": "q4",
    "_q4f16": "q4f16",
    "_bnb4": "bnb4",
}
# The outputs that its pipelines read, where it is not `logits`.
OUTPUTS = {"question-answering": ("start_logits", "end_logits")}
BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json")


def check_transformers_js(file: OnnxFile, refused: tuple[str, ...]) -> RuntimeVerdict:
    """The folder around the file, and the file itself: `refused` is why ONNX Runtime Web does not take it."""
    task = file.facts.task if file.facts else "text-classification"
    pipeline = TASK_WORDS[task].pipeline
    if pipeline is None:
        reasons = [f"it has no pipeline that reads the answers of {task}"]
        return RuntimeVerdict(runtime="transformers.js", reasons=(*refused, *reasons))
    reasons = [*refused, *_place(file.path), *_names(file, OUTPUTS.get(pipeline, ("logits",)))]
    remarks: list[str] = []
    if not reasons:
        dtype = DTYPES[file.path.stem.removeprefix("model")]
        remarks.append(f'pipeline("{pipeline}", FOLDER, {{ dtype: "{dtype}" }})')
    return RuntimeVerdict(runtime="transformers.js", reasons=tuple(reasons), remarks=tuple(remarks))


def _place(path: Path) -> Iterator[str]:
    path = path.resolve()
    if path.parent.name != "onnx":
        yield f"it looks for models in a folder onnx/, this one is in {path.parent.name}/"
    suffix = path.stem.removeprefix("model")
    if not path.stem.startswith("model") or suffix not in DTYPES:
        known = ", ".join(f"model{end}.onnx" for end in DTYPES)
        yield f"it looks for {known}; this one is {path.name}"
    folder = path.parent.parent if path.parent.name == "onnx" else path.parent
    for name in BESIDE:
        if not (folder / name).is_file():
            yield f"{name} is missing in {folder.name}/"
    yield from _config(folder / "config.json")


def _config(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    try:
        config = json.loads(path.read_bytes())
        model_type = config.get("model_type")
    except (ValueError, AttributeError):
        yield "config.json is no JSON object"
        return
    if not model_type:
        yield "config.json names no model_type"
    elif not config.get("id2label"):
        yield "config.json has no id2label: it would name the labels LABEL_0, LABEL_1"


def _names(file: OnnxFile, outputs: tuple[str, ...]) -> Iterator[str]:
    known = set(ONNX_INPUTS.values())
    for value in file.inputs:
        if value.name not in known:
            yield f"its tokenizer gives {', '.join(sorted(known))}; the model wants {value.name}"
        elif value.dtype != "int64":
            yield f"it gives int64, there is {value}"
    given = [value.name for value in file.outputs]
    if not set(outputs) <= set(given):
        yield f"it reads {' and '.join(outputs)}, the model gives {', '.join(given)}"
