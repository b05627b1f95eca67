"""The package tflite-runtime, whose last release is 2.14 (2023), by its rules: what its builtin resolver registers."""

from collections.abc import Iterator

from kbert.export.check.tflite_2_14 import HIGHEST_VERSIONS
from kbert.export.check.tflite_file import Operator, TfliteFile
from kbert.export.check.verdict import RuntimeVerdict, counted

# Its schema ends with int4; what came later reads as another type or as none.
KNOWN_TYPES = {
    *("float16", "float32", "float64", "complex64", "complex128", "bool", "string", "resource", "variant"),
    *("int4", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
}
# By operator, the place of its weights and the version that brought a scale for each channel of them (float inputs).
# Below it this runtime loads the file and computes with the first scale for all: other labels, without an error.
PER_CHANNEL_SINCE = {"FULLY_CONNECTED": (1, 12), "EMBEDDING_LOOKUP": (1, 4)}


def check_tflite_runtime(file: TfliteFile) -> RuntimeVerdict:
    """Versions and types of every operator against those of 2.14."""
    reasons = [*counted(reason for o in file.operators for reason in _operator(o))]
    # Measured: the first length is right, any later one wrong with XNNPACK, the default delegate, and right without it.
    if file.free_inputs and any(o.name == "DEQUANTIZE" and o.given()[0].dtype == "float16" for o in file.operators):
        reasons.append(
            "DEQUANTIZE of float16 weights with a free length: after a resize its labels are wrong, without an error "
            "(right with a static length, or with OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)"
        )
    static = (f"static length: every text is padded or cut to {file.length} tokens",) if file.length else ()
    return RuntimeVerdict(runtime="tflite-runtime", reasons=tuple(reasons), remarks=() if reasons else static)


def _operator(operator: Operator) -> Iterator[str]:
    known = HIGHEST_VERSIONS.get(operator.name)
    if known is None:
        yield f"{operator}: no operator of this runtime"
        return
    if operator.version > known:
        yield f"{operator}: known up to version {known}"
        return
    for tensor in (*operator.given(), *operator.outputs):
        if tensor.dtype not in KNOWN_TYPES:
            yield f"{operator}: it does not know the type {tensor.dtype}"
        if tensor.blockwise:
            yield f"{operator}: it does not know scales by block, and would compute with one"
    place, since = PER_CHANNEL_SINCE.get(operator.name, (0, 0))
    weights = operator.inputs[place] if place < len(operator.inputs) else None
    computes_in_float = operator.outputs[0].dtype == "float32"
    if weights is not None and weights.scales > 1 and computes_in_float and operator.version < since:
        yield f"{operator} with {weights.scales} scales: it would compute with the first one for all, and be wrong"
