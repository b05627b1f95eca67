"""Puts the operators back that tf2onnx takes apart: ONNX Runtime is fast on LayerNormalization, not on its parts."""

import math
from typing import Any

from kbert.export.graph import MASKED
from kbert.export.onnx_weights import DOMAIN
from kbert.extras import require

# The first opset with Gelu.
GELU_OPSET = 20


def fuse_operators(model: Any, *, norm_width: int | None = None) -> Any:
    """Replaces every decomposed LayerNorm and GELU of an `onnx.ModelProto` by one operator of ONNX's own.

    With `norm_width`, that of all LayerNorms, also those that something reads before their γ and β.
    """
    require("onnxscript", extra="onnx")
    from onnxscript import rewriter

    rules = [_layer_norm(), _gelu(), _gelu_tanh()]
    model = rewriter.rewrite(model, pattern_rewrite_rules=rules)
    if norm_width is not None:  # in a second pass: its pattern is part of the other
        model = rewriter.rewrite(model, pattern_rewrite_rules=[_layer_norm_without_affine(norm_width)])
    # Nothing that is used here changed between tf2onnx's newest opset and this one.
    model.opset_import[0].version = max(model.opset_import[0].version, GELU_OPSET)
    return model


def fuse_attention(model: Any, num_heads: int) -> Any:
    """Replaces the attention of every layer by ONNX Runtime's MultiHeadAttention, which takes heads apart itself."""
    require("onnxscript", extra="onnx")
    from onnxscript import rewriter

    rules = [_attention(num_heads), _cls_attention(num_heads)]
    return rewriter.rewrite(model, pattern_rewrite_rules=rules)


def _layer_norm() -> Any:
    from onnxscript.rewriter import pattern

    def decomposed(op: Any, x: Any, epsilon: Any, gamma: Any, beta: Any) -> Any:
        return op.Add(op.Mul(_scaled(op, x, epsilon), gamma), beta)

    def fused(op: Any, x: Any, epsilon: Any, gamma: Any, beta: Any) -> Any:
        return op.LayerNormalization(x, gamma, beta, axis=-1, epsilon=float(epsilon.const_value.numpy().item()))

    return pattern.RewriteRule(decomposed, fused, _epsilon_is_known)


def _layer_norm_without_affine(width: int) -> Any:
    """One that is also read as it is before γ and β, which then stay operators of their own."""
    from onnxscript.rewriter import pattern

    def fused(op: Any, x: Any, epsilon: Any) -> Any:
        gamma, beta = (op.Constant(value_floats=[value] * width) for value in (1.0, 0.0))
        return op.LayerNormalization(x, gamma, beta, axis=-1, epsilon=float(epsilon.const_value.numpy().item()))

    return pattern.RewriteRule(_scaled, fused, _epsilon_is_known)


def _scaled(op: Any, x: Any, epsilon: Any) -> Any:
    centred = op.Sub(x, op.ReduceMean(x, [-1], _allow_other_attributes=True))
    variance = op.ReduceMean(op.Mul(centred, centred), [-1], _allow_other_attributes=True)
    return op.Mul(centred, op.Reciprocal(op.Sqrt(op.Add(variance, epsilon))))


def _epsilon_is_known(context: Any, epsilon: Any, **_: Any) -> bool:
    return epsilon.const_value is not None


def _gelu() -> Any:
    from onnxscript.rewriter import pattern

    def decomposed(op: Any, x: Any) -> Any:
        return op.Mul(op.Mul(0.5, x), op.Add(1.0, op.Erf(op.Mul(x, 1.0 / math.sqrt(2.0)))))

    return pattern.RewriteRule(decomposed, lambda op, x: op.Gelu(x))


def _gelu_tanh() -> Any:
    from onnxscript.rewriter import pattern

    def decomposed(op: Any, x: Any) -> Any:
        inner = op.Mul(math.sqrt(2.0 / math.pi), op.Add(x, op.Mul(0.044715, op.Pow(x, 3.0))))
        return op.Mul(op.Mul(0.5, x), op.Add(1.0, op.Tanh(inner)))

    return pattern.RewriteRule(decomposed, lambda op, x: op.Gelu(x, approximate="tanh"))


def _attention(num_heads: int) -> Any:
    from onnxscript.rewriter import pattern

    def decomposed(op: Any, query_key_value: Any, mask: Any, shape: Any, merged: Any) -> Any:
        heads = op.Transpose(op.Reshape(query_key_value, shape), perm=[0, 2, 1, 3])
        query, key, value = op.Split(heads, axis=-3, _allow_other_attributes=True, _outputs=3)
        return op.Reshape(op.Transpose(_context(op, query, key, value, mask), perm=[0, 2, 1, 3]), merged)

    def fused(op: Any, query_key_value: Any, mask: Any, **_: Any) -> Any:
        parts = op.Split(query_key_value, axis=-1, num_outputs=3, _outputs=3)
        return _multi_head(op, parts[0], parts[1], parts[2], mask, num_heads)

    return pattern.RewriteRule(decomposed, fused, remove_nodes=False)


def _cls_attention(num_heads: int) -> Any:
    """That of the last layer, which has one query."""
    from onnxscript.rewriter import pattern

    def decomposed(op: Any, query: Any, key_value: Any, mask: Any, one: Any, shape: Any, merged: Any) -> Any:
        heads = op.Transpose(op.Reshape(key_value, shape), perm=[0, 2, 1, 3])
        key, value = op.Split(heads, axis=-3, _allow_other_attributes=True, _outputs=2)
        return op.Reshape(_context(op, op.Reshape(query, one), key, value, mask), merged)

    def fused(op: Any, query: Any, key_value: Any, mask: Any, **_: Any) -> Any:
        key, value = op.Split(key_value, axis=-1, num_outputs=2, _outputs=2)
        return _multi_head(op, query, key, value, mask, num_heads)

    return pattern.RewriteRule(decomposed, fused, remove_nodes=False)


def _context(op: Any, query: Any, key: Any, value: Any, mask: Any) -> Any:
    away = op.Mul(op.Sub(1.0, op.Cast(mask, _allow_other_attributes=True)), MASKED)
    bias = op.Unsqueeze(op.Unsqueeze(away, [1]), [1])
    scores = op.MatMul(query, op.Transpose(key, perm=[0, 1, 3, 2]))
    return op.MatMul(op.Softmax(op.Add(scores, bias), _allow_other_attributes=True), value)


def _multi_head(op: Any, query: Any, key: Any, value: Any, mask: Any, num_heads: int) -> Any:
    padding = op.Cast(mask, to=require("onnx", extra="onnx").TensorProto.INT32)
    # The scale of the scores is in the query's weights already.
    return op.MultiHeadAttention(
        query, key, value, None, padding, num_heads=num_heads, scale=1.0, _domain=DOMAIN, _version=1
    )
