"""OpenVINO, by its rules: which operators its two front ends convert.

The tables are what openvino 2026.4 itself answered, asked with a graph for each operator (tests/runtimes holds whole
files against it). Its own lists: `src/frontends/onnx/docs/supported_ops.md`,
`src/frontends/tensorflow_lite/src/op_table.cpp`.
"""

from collections.abc import Iterator

from kbert.export.check.onnx_file import DEFAULT_DOMAIN, OnnxFile
from kbert.export.check.tflite_file import Operator, TfliteFile
from kbert.export.check.verdict import RuntimeVerdict, counted

_TFLITE_NAMES = """
ABS ADD ADD_N ARG_MAX ARG_MIN AVERAGE_POOL_2D BATCH_MATMUL BATCH_TO_SPACE_ND BROADCAST_ARGS BROADCAST_TO CAST CEIL
COMPLEX_ABS CONCATENATION CONV_2D CONV_3D COS CUMSUM DENSIFY DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE DIV ELU
EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD FULLY_CONNECTED GATHER GATHER_ND GELU GREATER
GREATER_EQUAL HARD_SWISH L2_NORMALIZATION LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND LOGICAL_NOT LOGICAL_OR LOGISTIC
LOG_SOFTMAX MATRIX_DIAG MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL ONE_HOT PACK PAD PADV2 POW PRELU
QUANTIZE RANGE RANK REDUCE_ALL REDUCE_ANY REDUCE_MAX REDUCE_MIN REDUCE_PROD RELU RELU6 RELU_0_TO_1 RESHAPE
RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR REVERSE_SEQUENCE REVERSE_V2 RFFT2D ROUND RSQRT SCATTER_ND SEGMENT_SUM SELECT
SELECT_V2 SHAPE SIGN SIN SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE
SQUEEZE STABLEHLO_COMPOSITE STRIDED_SLICE SUB SUM TANH TILE TOPK_V2 TRANSPOSE TRANSPOSE_CONV UNIQUE UNPACK WHERE WHILE
ZEROS_LIKE
"""
TFLITE = frozenset(_TFLITE_NAMES.split())
_MICROSOFT_NAMES = """
Attention BiasAdd BiasGelu BifurcationDetector DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul
EmbedLayerNormalization FastGelu FusedConv FusedGemm FusedMatMul GatherBlockQuantized GatherND Gelu GroupNorm
GroupQueryAttention MatMulIntegerToFloat MatMulNBits MultiHeadAttention Pad QLinearAdd QLinearAveragePool
QLinearConcat QLinearLeakyRelu QLinearMul QLinearReduceMean QLinearSigmoid QLinearSoftmax QLinearWhere QuantizeLinear
QuickGelu Range RotaryEmbedding SkipLayerNormalization SkipSimplifiedLayerNormalization Trilu
"""
MICROSOFT = frozenset(_MICROSOFT_NAMES.split())
# Of ai.onnx at opset 21 it converts all others.
_UNCONVERTED_NAMES = """
Bernoulli ConcatFromSequence DeformConv Det ImageDecoder MaxUnpool MelWeightMatrix Optional OptionalGetElement
OptionalHasElement RegexFullMatch SequenceConstruct SequenceErase SequenceInsert SequenceLength SequenceMap
SplitToSequence StringConcat StringNormalizer StringSplit TensorScatter TfIdfVectorizer
"""
UNCONVERTED = frozenset(_UNCONVERTED_NAMES.split())

# Measured on a processor with avx512_bf16: probabilities of a float32 file moved by up to 0.01, and an 8-bit ONNX file
# changed 5 of 60 labels, none in float32.
_PRECISION = "on processors with bfloat16 it computes in that; set INFERENCE_PRECISION_HINT to f32 for float32"


def check_openvino_tflite(file: TfliteFile) -> RuntimeVerdict:
    """Operators, 4-bit weights and where the weights lie."""
    reasons = [*counted(reason for operator in file.operators for reason in _tflite(operator))]
    if file.detached_weights:
        reasons.append("the weights lie behind the flatbuffer, where its front end does not look")
    return _verdict(reasons)


def check_openvino_onnx(file: OnnxFile) -> RuntimeVerdict:
    """The operators of each domain."""
    return _verdict(list(_onnx(file)))


def _verdict(reasons: list[str]) -> RuntimeVerdict:
    return RuntimeVerdict(runtime="openvino", reasons=tuple(reasons), remarks=() if reasons else (_PRECISION,))


def _tflite(operator: Operator) -> Iterator[str]:
    if operator.name not in TFLITE:
        yield f"{operator}: not converted"
    elif operator.name == "FULLY_CONNECTED" and any(t.dtype in ("int4", "int2") for t in operator.given()):
        yield f"{operator} with {operator.given()[1].dtype} weights: its matrix product takes equal types"


def _onnx(file: OnnxFile) -> Iterator[str]:
    for domain, names in sorted(file.operators.items()):
        if domain == DEFAULT_DOMAIN:
            unknown = names & UNCONVERTED
        else:
            unknown = names - MICROSOFT if domain == "com.microsoft" else names
        yield from (f"{domain} {name}: not converted" for name in sorted(unknown))
