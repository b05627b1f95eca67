"""ONNX Runtime: on the desktop, where the file is loaded and run, in phone apps and in browsers.

All three are builds of one engine with all operators, those of com.microsoft too, so what the desktop refuses, the
others refuse:
- phones: the reduced package onnxruntime-mobile ended with 1.18; onnxruntime-android and onnxruntime-c have all types
  and operators and take ONNX files as they are (https://onnxruntime.ai/docs/install/);
- browsers: WebAssembly has the operators of the CPU (README of the package onnxruntime-web), WebGPU the table below;
  what WebGPU lacks runs in WebAssembly.
"""

import math
from collections.abc import Iterator

from kbert.export.check.litert import SAMPLE
from kbert.export.check.load import Loaded, load
from kbert.export.check.onnx_file import DEFAULT_DOMAIN, OnnxFile
from kbert.export.check.verdict import BY_RULES, RuntimeVerdict

MICROSOFT = "com.microsoft"
# Found by loading files in the wheels 1.15 to 1.23: the oldest that takes a file with this operator.
SINCE = {"GatherBlockQuantized": "1.20"}
OLD_IR_VERSION = 9  # the newest that all of them read
# docs/webgpu-operators.md of the package onnxruntime-web 1.31; of ai.onnx and com.microsoft together.
_WEBGPU_NAMES = """
Abs Acos Acosh Add ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization BiasAdd BiasSplitGelu
Cast Ceil Clip Concat Conv ConvTranspose Cos Cosh CumSum DFT DepthToSpace DequantizeLinear Div Einsum Elu Equal Erf
Exp Expand FastGelu Flatten Floor FusedConv Gather GatherBlockQuantized GatherElements GatherND Gelu Gemm
GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample GroupQueryAttention HardSigmoid HardSwish If
InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log MatMul MatMulNBits MaxPool MultiHeadAttention
Mul Neg Not Pad Pow QuickGelu Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Resize RotaryEmbedding ScatterND Sigmoid
SimplifiedLayerNormalization Sin Sinh SkipLayerNormalization SkipSimplifiedLayerNormalization Slice Softmax Split Sqrt
Squeeze Sub Tan Tanh ThresholdedRelu Tile Transpose Unsqueeze Where
"""
WEBGPU = frozenset(_WEBGPU_NAMES.split())
# They shuffle shapes, which stay on the CPU by design.
_NO_MATTER = frozenset({"Constant", "Identity", "Reshape", "Shape"})


def check_onnx_runtime(file: OnnxFile) -> tuple[RuntimeVerdict, RuntimeVerdict, RuntimeVerdict]:
    """Desktop, phone and browser: the file is loaded once, in the ONNX Runtime that is installed, and runs one text."""
    loaded = _load(file)
    reasons = _reasons(loaded, file)
    remarks = () if reasons else tuple(_version_remarks(file))
    rules = f"{BY_RULES}, {loaded.verified}" if reasons else BY_RULES
    mobile = () if reasons else ("take onnxruntime-android or onnxruntime-c: onnxruntime-mobile ended with 1.18",)
    return (
        RuntimeVerdict(runtime="onnxruntime", reasons=reasons, remarks=remarks, verified=loaded.verified),
        RuntimeVerdict(runtime="onnxruntime-mobile", reasons=reasons, remarks=(*remarks, *mobile), verified=rules),
        _web(file, reasons, rules),
    )


def _load(file: OnnxFile) -> Loaded:
    ids = file.facts.tokenizer.encode(SAMPLE, max_length=file.facts.max_length).token_ids if file.facts else []
    return load(file.path, ids)


def _reasons(loaded: Loaded, file: OnnxFile) -> tuple[str, ...]:
    if loaded.error:
        return (loaded.error,)
    if not all(map(math.isfinite, loaded.output)):
        return (f"it runs, but output {file.outputs[0].name} is no number",)
    return ()


def _version_remarks(file: OnnxFile) -> Iterator[str]:
    names = sorted(file.operators.get(MICROSOFT, frozenset()) & SINCE.keys())
    yield from (f"{MICROSOFT} {name}: needs ONNX Runtime {SINCE[name]} or newer" for name in names)
    if not names and file.ir_version > OLD_IR_VERSION:
        opset = file.opset.get(DEFAULT_DOMAIN, 0)
        yield f"IR version {file.ir_version}, opset {opset}: an ONNX Runtime before 1.18 refuses it"


def _web(file: OnnxFile, reasons: tuple[str, ...], rules: str) -> RuntimeVerdict:
    wanted = list(reasons)
    if file.outside:
        wanted.append(f"weights lie in other files ({', '.join(file.outside)}): a page must hand them over one by one")
    remarks = [] if wanted else list(_version_remarks(file))
    on_cpu = sorted({name for names in file.operators.values() for name in names} - WEBGPU - _NO_MATTER)
    if on_cpu and not wanted:
        remarks.append(f"with WebGPU these run in WebAssembly: {', '.join(on_cpu)}")
    return RuntimeVerdict(runtime="onnxruntime-web", reasons=tuple(wanted), remarks=tuple(remarks), verified=rules)
