"""LiteRT, the interpreter behind Android's and iOS's TFLite today: the file is loaded and run."""

import math

from kbert.export.check.load import load
from kbert.export.check.tflite_file import TfliteFile
from kbert.export.check.verdict import RuntimeVerdict

SAMPLE = "a text to try the file with"
# The highest version of an operator that ai-edge-litert 2.1.0 registers, where 2.3.0 registers a higher one; found by
# asking both wheels for every operator and version (tests/runtimes).
LITERT_2_1 = {
    "ADD": 5,
    "BROADCAST_TO": 3,
    "CAST": 8,
    "CONCATENATION": 4,
    "COS": 1,
    "DEQUANTIZE": 7,
    "DYNAMIC_UPDATE_SLICE": 4,
    "EMBEDDING_LOOKUP": 4,
    "FILL": 4,
    "GATHER": 7,
    "GATHER_ND": 5,
    "GELU": 2,
    "MUL": 7,
    "PACK": 4,
    "PAD": 5,
    "PADV2": 5,
    "QUANTIZE": 4,
    "REVERSE_V2": 3,
    "SIN": 1,
    "SLICE": 7,
    "SOFTMAX": 3,
    "SPLIT": 4,
    "SPLIT_V": 2,
    "TRANSPOSE": 7,
    "UNPACK": 4,
}


def check_litert(file: TfliteFile) -> RuntimeVerdict:
    """Loads the file into the LiteRT that is installed and runs one text."""
    ids = file.facts.tokenizer.encode(SAMPLE, max_length=file.facts.max_length).token_ids if file.facts else []
    loaded = load(file.path, ids)
    reasons = (loaded.error,) if loaded.error else ()
    if not reasons and not all(map(math.isfinite, loaded.output)):
        reasons = (f"it runs, but output {file.outputs[0].name} is no number",)
    return RuntimeVerdict(
        runtime="litert", reasons=reasons, remarks=() if reasons else _remarks(file), verified=loaded.verified
    )


def _remarks(file: TfliteFile) -> tuple[str, ...]:
    newer = sorted({str(o) for o in file.operators if o.version > LITERT_2_1.get(o.name, o.version)})
    remarks = [f"{name}: LiteRT 2.1 refuses it, a newer one is needed" for name in newer]
    if any(tensor.blockwise for o in file.operators for tensor in o.given()):
        # Measured: the builtin kernels of 2.1.0 and 2.3.0 agree to the bit, their XNNPACKs do not.
        remarks.append("weights with scales by block: LiteRT 2.1 and 2.3 give probabilities that differ by hundredths")
    if file.length is not None:
        remarks.append(f"static length: every text is padded or cut to {file.length} tokens")
    return tuple(remarks)
