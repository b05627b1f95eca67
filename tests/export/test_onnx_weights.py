"""ONNX files of few bits, run in ONNX Runtime: they compute what their rounded weights say."""

import dataclasses
from collections import Counter

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export.onnx import convert, with_scheme
from kbert.export.onnx_weights import input_moments, to_int4
from kbert.tasks import TextClassifier

HIDDEN = 64


@pytest.fixture(scope="module")
def model(tiny_config):
    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, hidden_dim=HIDDEN, intermediate_dim=128)
    classifier = TextClassifier(BertBackbone(config), ["a", "b"])
    return convert(extract_weights(classifier.named_variables()), config, classifier.problem)


def texts(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(5, 40, 4 + i % 9).astype("int32") for i in range(count)]


def logits(model, rows: list[np.ndarray]) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found = []
    for row in rows:
        ids = row[None].astype("int64")
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        found.append(session.run(["logits"], feed)[0][0])
    return np.array(found)


def test_dense_layers_and_tables_have_four_bits_and_positions_eight(model):
    rounded = with_scheme(model, "int4")
    operators = Counter(node.op_type for node in rounded.graph.node)
    # In each of two layers four products (the last has its query apart), and the pooler; the classifier is too small.
    assert operators["MatMulNBits"] == 4 + 5 + 1
    assert operators["GatherBlockQuantized"] == 1
    assert operators["DequantizeLinear"] == 1
    kinds = {tensor.name.rpartition("_")[2]: tensor.data_type for tensor in rounded.graph.initializer}
    assert kinds["int8"] == onnx.TensorProto.INT8
    assert rounded.ByteSize() < model.ByteSize() / 4
    assert "com.microsoft" not in {entry.domain for entry in model.opset_import}  # the original is as it was


def test_positions_have_a_scale_for_each_column_at_eight_bits_too(model):
    rounded = with_scheme(model, "dynamic_int8", probes=texts(5))
    node = next(node for node in rounded.graph.node if node.name == "embeddings/positions/GatherV2_DequantizeLinear")
    constants = {tensor.name: tensor for tensor in rounded.graph.initializer}
    assert list(constants[node.input[1]].dims) == [HIDDEN]


@pytest.mark.parametrize(("scheme", "allowed"), [("dynamic_int8", 0.08), ("int4", 0.5), ("float16", 0.01)])
def test_a_file_computes_nearly_the_same(model, scheme, allowed):
    expected = logits(model, texts(20))
    found = logits(with_scheme(model, scheme, probes=texts(5)), texts(20))
    assert 0 < np.sqrt(((found - expected) ** 2).mean()) < allowed * expected.std()


def test_a_dense_layer_is_its_rounded_weights(model):
    """The first product alone, against float arithmetic with the levels and scales in the file."""
    rounded = with_scheme(model, "int4")
    node = next(node for node in rounded.graph.node if node.op_type == "MatMulNBits")
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in rounded.graph.initializer}
    packed, scales = (constants[name] for name in node.input[1:3])
    levels = np.stack([packed & 0x0F, packed >> 4], axis=-1).reshape(len(packed), -1).astype("int8") - 8
    kernel = levels * np.repeat(scales, HIDDEN // scales.shape[1], axis=1)
    for name in (node.input[0], node.output[0]):
        rounded.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(rounded.SerializeToString())
    ids = np.array([[2, 9, 11, 3]])
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    x, y = session.run([node.input[0], node.output[0]], feed)
    # The runtime rounds x to 8 bits.
    np.testing.assert_allclose(y, x @ kernel.T, atol=0.02 * float(np.abs(y).max()))


def test_calibration_keeps_the_logits_of_its_texts(model):
    rows = texts(60)
    expected = logits(model, rows)
    plain, calibrated = (logits(with_scheme(model, "int4", calibration=sample), rows) for sample in ([], rows))
    assert ((calibrated - expected) ** 2).mean() < ((plain - expected) ** 2).mean()


def test_moments_are_those_of_the_inputs(model):
    name = next(node for node in model.graph.node if node.op_type == "MatMul").input[0]
    once = input_moments(model, [name], texts(3))[name]
    np.testing.assert_allclose(input_moments(model, [name], [*texts(3), *texts(3)])[name], 2 * once, rtol=1e-4)
    assert (np.linalg.eigvalsh(once) > -1e-2).all()


def test_weights_that_are_no_numbers(model):
    broken = type(model)()
    broken.CopyFrom(model)
    for tensor in broken.graph.initializer:
        if list(tensor.dims) == [HIDDEN, 128]:
            values = onnx.numpy_helper.to_array(tensor).copy()
            values[0, 0] = np.nan
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    with pytest.raises(InputError, match="expected weights that are numbers, some are none. Fine-tune again"):
        to_int4(broken)
