"""Puts the operators back that tf2onnx takes apart: ONNX Runtime is fast on LayerNormalization, not on its parts."""

from typing import Any

from kbert.extras import require


def fuse_operators(model: Any) -> Any:
    """Replaces every decomposed LayerNorm of an `onnx.ModelProto` by one LayerNormalization (opset 17 and newer)."""
    require("onnxscript", extra="onnx")
    from onnxscript import rewriter
    from onnxscript.rewriter import pattern

    def decomposed(op: Any, x: Any, epsilon: Any, gamma: Any, beta: Any) -> Any:
        # tf2onnx turns the mean over the last axis into GlobalAveragePool.
        centred = op.Sub(x, op.GlobalAveragePool(x))
        variance = op.GlobalAveragePool(op.Mul(centred, centred))
        scale = op.Mul(op.Reciprocal(op.Sqrt(op.Add(variance, epsilon))), gamma)
        return op.Add(op.Mul(centred, scale), beta)

    def fused(op: Any, x: Any, epsilon: Any, gamma: Any, beta: Any) -> Any:
        return op.LayerNormalization(x, gamma, beta, axis=-1, epsilon=float(epsilon.const_value.numpy().item()))

    def constants_are_known(context: Any, epsilon: Any, **_: Any) -> bool:
        return epsilon.const_value is not None

    rule = pattern.RewriteRule(decomposed, fused, constants_are_known)
    return rewriter.rewrite(model, pattern_rewrite_rules=[rule])
