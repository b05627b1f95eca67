"""What stands on the encoder in an exported file, a head for each task, and the functions that are converted."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from kbert.config import BertConfig
from kbert.errors import InputError
from kbert.export.graph import Constant, InferenceGraph, Weights
from kbert.export.inputs import ONNX_INPUTS
from kbert.layers.heads import SMALLEST_SQUARE
from kbert.problems.problem import Problem

Inputs = tuple[Any, Any, Any]


def tflite_function(
    weights: Weights,
    config: BertConfig,
    problem: Problem,
    length: int | None = None,
    constant: Constant = tf.constant,
) -> Any:
    """`ids`, `mask`, `segment_ids` int32 (1, length) -> the task's activated outputs, float32, batch of one.

    Without `length` the function takes texts of any length. With it all shapes are fixed, shorter texts have to be
    padded, and the operations are such that TFLite's GPU delegate takes all but the look-ups at the start: every tensor
    has 2 to 4 axes, the first of size 1, no product transposes its operands, and the look-ups have indices of two axes,
    which keeps them on the processor.
    """
    if length is not None and not 1 <= length <= config.max_sequence_length:
        raise InputError(
            f"length must be from 1 to the model's {config.max_sequence_length} positions. Received: {length}"
        )
    graph = InferenceGraph(
        weights, config, batched=length is not None, constant=constant, length=length, fold_norms=True
    )
    spec = tf.TensorSpec([1, length], tf.int32)

    @tf.function(input_signature=[spec, spec, spec])
    def answer(ids: Any, mask: Any, segment_ids: Any) -> dict[str, Any]:
        outputs = head_outputs(graph, problem, (ids, mask, segment_ids))
        return {problem.heads[name]: _activated(problem, name, value) for name, value in outputs.items()}

    return answer


def onnx_function(
    weights: Weights,
    config: BertConfig,
    problem: Problem,
    constant: Constant = tf.constant,
    *,
    fold_norms: bool = False,
) -> Any:
    """`input_ids`, `attention_mask`, `token_type_ids` int64 (batch, length) -> the task's logits, float32."""
    graph = InferenceGraph(weights, config, batched=True, constant=constant, fold_norms=fold_norms)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int64, name=name) for name in ONNX_INPUTS.values()])
    def answer(input_ids: Any, attention_mask: Any, token_type_ids: Any) -> dict[str, Any]:
        outputs = head_outputs(graph, problem, (input_ids, attention_mask, token_type_ids))
        return {problem.onnx_outputs[name]: value for name, value in outputs.items()}

    return answer


def head_outputs(graph: InferenceGraph, problem: Problem, inputs: Inputs) -> dict[str, Any]:
    """The outputs of the Keras model of a task, by its names: (batch, …), or of each token (batch, length, …)."""
    return HEADS[problem.task](graph, inputs, problem)


def _classification(graph: InferenceGraph, inputs: Inputs, problem: Problem) -> dict[str, Any]:
    pooled = graph.pooled_output(graph.sequence_output(*inputs, cls_only=True))
    with tf.name_scope("classifier"):
        return {"logits": graph.dense("classifier.dense", pooled)}


def _answer_span(graph: InferenceGraph, inputs: Inputs, problem: Problem) -> dict[str, Any]:
    x = graph.sequence_output(*inputs)
    with tf.name_scope("answer_span"):
        logits = graph.dense("answer_span.dense", x)  # (…, length, 2)
        if graph.batched:
            return {"start_logits": logits[..., 0], "end_logits": logits[..., 1]}
        logits = tf.transpose(logits)  # a row is already what a batch of one is
        return {"start_logits": logits[:1], "end_logits": logits[1:]}


def _token_classification(graph: InferenceGraph, inputs: Inputs, problem: Problem) -> dict[str, Any]:
    return {"logits": _token_logits(graph, graph.sequence_output(*inputs))}


def _intent_slots(graph: InferenceGraph, inputs: Inputs, problem: Problem) -> dict[str, Any]:
    x = graph.sequence_output(*inputs)
    pooled = graph.pooled_output(x[..., :1, :])
    with tf.name_scope("intent_classifier"):
        intent_logits = graph.dense("intent.dense", pooled)
    return {"intent_logits": intent_logits, "slot_logits": _token_logits(graph, x)}


def _token_logits(graph: InferenceGraph, x: Any) -> Any:
    """(…, length, hidden_dim) -> (batch, length, labels), where there was no batch axis too."""
    with tf.name_scope("classifier"):
        logits = graph.dense("classifier.dense", x)
        return logits if graph.batched else tf.expand_dims(logits, 0)


def _embedding(graph: InferenceGraph, inputs: Inputs, problem: Problem) -> dict[str, Any]:
    settings = problem.settings()
    cls_only = settings["pooling"] == "cls"
    x = graph.sequence_output(*inputs, cls_only=cls_only)
    with tf.name_scope("pooling"):
        pooled = tf.reshape(x, [-1, graph.config.hidden_dim]) if cls_only else _mean(graph, x, inputs[1])
        if settings["normalize"]:
            squares = tf.reduce_sum(tf.square(pooled), axis=-1, keepdims=True)
            pooled *= tf.math.rsqrt(tf.maximum(squares, SMALLEST_SQUARE))
        return {"embedding": pooled}


def _mean(graph: InferenceGraph, x: Any, padding_mask: Any) -> Any:
    """Averages the real tokens: (…, length, hidden_dim) -> (batch, hidden_dim)."""
    real = tf.cast(padding_mask, tf.float32)  # (batch, length)
    count = tf.maximum(tf.reduce_sum(real, axis=1, keepdims=True), 1.0)  # (batch, 1)
    if graph.batched:
        return tf.reduce_sum(x * tf.expand_dims(real, -1), axis=1) / count
    return tf.reduce_sum(x * tf.reshape(real, [-1, 1]), axis=0, keepdims=True) / count


HEADS: dict[str, Callable[[InferenceGraph, Inputs, Problem], dict[str, Any]]] = {
    **dict.fromkeys(("text-classification", "multi-label", "regression"), _classification),
    "question-answering": _answer_span,
    "token-classification": _token_classification,
    "intent-slots": _intent_slots,
    "embedding": _embedding,
}


def _activated(problem: Problem, name: str, value: Any) -> Any:
    """What a TFLite file gives in place of logits, as `Problem.activate` computes it elsewhere."""
    with tf.name_scope("classifier"):
        return ACTIVATIONS[problem.activations[name]](value)


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "softmax": tf.nn.softmax,
    "sigmoid": tf.sigmoid,
    "none": tf.identity,
}
