"""Which single operators the TFLite GPU delegate computes.

The delegate of TensorFlow Lite (OpenCL, OpenGL, Metal), as of 2023, not LiteRT's later one. Sources:
`tensorflow/lite/delegates/gpu/common/model_builder.cc` (versions: the calls of CheckMaxSupportedOpVersion in each
parser; types and ranks: GetOpsToReplace and IsAllAllowedTensors) and
`tensorflow/lite/tools/versioning/gpu_compatibility.cc` (the other conditions). What a text encoder never holds
(convolutions, pooling, LSTM, custom operators) is left out here, and so counts as unsupported.
"""

from collections.abc import Iterator

from kbert.export.check.tflite_file import Operator, Tensor

_ONE_INPUT = "ABS COS ELU EXP FLOOR GELU LOG LOGISTIC NEG RSQRT SIGN SIN SQRT SQUARE TANH"
_TWO_INPUTS = "DIV FLOOR_DIV FLOOR_MOD LOGICAL_AND MAXIMUM MINIMUM POW SQUARED_DIFFERENCE SUB"
_COMPARISONS = "EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL NOT_EQUAL"
_REDUCTIONS = "MEAN REDUCE_MAX REDUCE_MIN REDUCE_PROD SUM"
_ANY_VERSION = 1000
_BY_VERSION = {
    1: "CUMSUM GATHER ONE_HOT PRELU RESHAPE SELECT SELECT_V2",
    2: f"{_ONE_INPUT} {_TWO_INPUTS} {_COMPARISONS} ADD ADD_N CONCATENATION MIRROR_PAD PAD PADV2 QUANTIZE RELU RELU6 "
    "SLICE SOFTMAX",
    3: "DEQUANTIZE MUL",
    4: "STRIDED_SLICE TRANSPOSE",
    9: "FULLY_CONNECTED",
    _ANY_VERSION: f"{_REDUCTIONS} BATCH_MATMUL CAST PACK SPLIT SPLIT_V TILE UNPACK",
}
# The highest version of each operator.
VERSIONS = {name: version for version, names in _BY_VERSION.items() for name in names.split()}
MAX_RANK = 4
_FLOATS = {"float32", "float16"}
# Quantized operators are on by default; they are computed in float.
_COMPUTED = _FLOATS | {"int8", "uint8"}
_FURTHER_INPUTS = {
    "CAST": {"bool", "int32"},
    "GATHER": {"int32"},
    "LOGICAL_AND": {"bool"},
    "ONE_HOT": {"int32"},
    "SELECT": {"bool"},
    "SELECT_V2": {"bool"},
}
_FURTHER_OUTPUTS = {
    "CAST": {"bool", "int32"},
    "LOGICAL_AND": {"bool"},
    **{name: {"bool"} for name in _COMPARISONS.split()},
}


def obstacles(operator: Operator) -> Iterator[str]:
    """Why the delegate leaves an operator to the CPU; nothing where it takes it."""
    highest = VERSIONS.get(operator.name)
    if highest is None:
        yield "no operator of the delegate"
        return
    if operator.version > highest:
        yield f"the delegate knows it up to version {highest}"
    yield from _tensors(operator)
    yield from _conditions(operator)


def _tensors(operator: Operator) -> Iterator[str]:
    for tensors, further in ((operator.given(), _FURTHER_INPUTS), (operator.outputs, _FURTHER_OUTPUTS)):
        allowed = _COMPUTED | further.get(operator.name, set())
        for tensor in tensors:
            if len(tensor.shape) > MAX_RANK:
                yield f"{tensor.name} has {len(tensor.shape)} axes, the delegate takes {MAX_RANK}"
            # Constants are read when the graph is built, whatever their type.
            elif not tensor.constant and tensor.dtype not in allowed:
                yield f"it has {tensor.dtype} tensors"


def _conditions(operator: Operator) -> Iterator[str]:
    inputs = operator.given()
    running = [tensor for tensor in inputs if not tensor.constant]
    if operator.name in ("ADD", "MUL") and len(inputs) == 2:
        if not _broadcasts(*inputs):
            yield f"it does not broadcast {list(inputs[0].shape)} with {list(inputs[1].shape)}"
    elif operator.name == "FULLY_CONNECTED":
        yield from _fully_connected(operator)
    elif operator.name == "GATHER" and len(inputs[1].shape) != 1:
        yield "its ids have more than one axis"
    elif operator.name in _REDUCTIONS.split() and not inputs[1].constant:
        yield "its axes are computed"
    elif operator.name in ("SLICE", "STRIDED_SLICE") and len(inputs[0].shape) not in (3, 4):
        yield f"it slices {len(inputs[0].shape)} axes, the delegate slices 3 or 4"
    elif operator.name == "STRIDED_SLICE" and _masks(operator):
        yield "it drops or adds an axis"
    elif operator.name == "SOFTMAX" and getattr(operator.options, "beta", 1.0) != 1.0:
        yield "its beta is not 1"
    elif operator.name == "DEQUANTIZE" and inputs[0].dtype == "int16":
        yield "it reads int16"
    elif operator.name in _ONE_INPUT.split() and len(running) != 1:
        yield "its input is constant"


def _fully_connected(operator: Operator) -> Iterator[str]:
    weights = operator.inputs[1]
    if getattr(operator.options, "weightsFormat", 0):
        yield "its weights are shuffled"
    if weights is None or not weights.constant or operator.given()[0].constant:
        yield "its weights are computed"
    elif weights.dtype not in {*_COMPUTED, "int32"}:
        yield f"it has {weights.dtype} weights"
    elif weights.scales > 1 and operator.outputs[0].dtype == "float32":
        # PopulateQuantParams: "Non-constant per-channel quantized tensor"; constants are read with one scale.
        yield f"its {weights.dtype} weights have {weights.scales} scales, the delegate reads one"
    if getattr(operator.options, "keepNumDims", False):
        ranks = len(operator.given()[0].shape), len(operator.outputs[0].shape)
        if ranks[0] != ranks[1]:
            yield f"it keeps the axes, and has {ranks[0]} of them before and {ranks[1]} after"


def _masks(operator: Operator) -> bool:
    return any(getattr(operator.options, mask, 0) for mask in ("ellipsisMask", "newAxisMask", "shrinkAxisMask"))


def _broadcasts(first: Tensor, second: Tensor) -> bool:
    """CheckAddMulBroadcastCompatibility, with the flags that the delegate itself uses."""
    longer, shorter = sorted((first.shape, second.shape), key=len, reverse=True)
    if len(shorter) <= 1:
        return True
    if len(longer) == len(shorter):
        return not (
            any(a < b for a, b in zip(longer, shorter, strict=True))
            and any(a > b for a, b in zip(longer, shorter, strict=True))
        )
    if len(longer) != MAX_RANK:
        return False
    if len(shorter) == 3:
        return longer[0] == 1
    return (longer[0] == 1 and shorter == (1, 1)) or (longer[0] == shorter[0] and longer[3] == shorter[1])
