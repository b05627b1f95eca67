"""ONNX files: Hugging Face's names and axes, portable operators, dynamic batch and length."""

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest

from kbert.export import open_artefact


@pytest.mark.parametrize("name", ["model.onnx", "model_fp16.onnx", "model_quantized.onnx"])
def test_names_types_and_axes_are_hugging_faces(exported, name):
    model = onnx.load(exported[0] / "onnx" / name)
    shapes = {
        value.name: (
            value.type.tensor_type.elem_type,
            [a.dim_param or a.dim_value for a in value.type.tensor_type.shape.dim],
        )
        for value in [*model.graph.input, *model.graph.output]
    }
    axes = ["batch_size", "sequence_length"]
    integer, real = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    assert shapes == {
        "input_ids": (integer, axes),
        "attention_mask": (integer, axes),
        "token_type_ids": (integer, axes),
        "logits": (real, ["batch_size", 2]),
    }
    assert {entry.domain for entry in model.opset_import} <= {"", "ai.onnx"}
    assert min(entry.version for entry in model.opset_import) >= 17


def test_layer_norm_is_one_operator_each(exported):
    operators = Counter(node.op_type for node in onnx.load(exported[0] / "onnx/model.onnx").graph.node)
    assert operators["LayerNormalization"] == 5  # embeddings, and two in each of two layers
    assert operators["GlobalAveragePool"] == 0


def test_padded_batches_give_the_models_logits(exported, trained):
    session = onnxruntime.InferenceSession(exported[0] / "onnx/model.onnx")
    texts = ["the film was good .", "bad", "a day"]
    rows = trained.tokenizer.encode_batch(texts)
    width = max(len(row) for row in rows)
    ids = np.array([row.token_ids + [0] * (width - len(row)) for row in rows], "int64")
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in rows], "int64")
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    logits = session.run(["logits"], feed)[0]
    x = {"token_ids": ids.astype("int32"), "padding_mask": mask.astype("int32"), "segment_ids": 0 * ids.astype("int32")}
    np.testing.assert_allclose(logits, trained(x)["logits"], atol=2e-5)


def test_float16_holds_half_precision_and_gives_nearly_the_same(exported, trained, validation):
    model = onnx.load(exported[0] / "onnx/model_fp16.onnx")
    kinds = Counter(tensor.data_type for tensor in model.graph.initializer if np.prod(tensor.dims) > 8)
    assert kinds[onnx.TensorProto.FLOAT16] > 0
    assert kinds[onnx.TensorProto.FLOAT] == 0
    found = open_artefact(exported[0] / "onnx/model_fp16.onnx").predict_proba(validation.texts)
    np.testing.assert_allclose(found, trained.predict_proba(validation.texts), atol=5e-3)
