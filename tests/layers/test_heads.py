import keras
import numpy as np
import pytest

from kbert.config import BertConfig
from kbert.layers import (
    AnswerSpanHead,
    ClassificationHead,
    EmbeddingHead,
    MaskedLanguageModelHead,
    NextSentenceHead,
    TokenClassificationHead,
)
from kbert.layers.naming import named_variables

SMALL = BertConfig(vocabulary_size=3, hidden_dim=2, num_heads=1, num_layers=1, intermediate_dim=2, activation="relu")


def test_a_dense_head_by_hand():
    head = ClassificationHead(2)
    head.build((None, 2))
    head.dense.kernel.assign([[1, 2], [3, 4]])
    head.dense.bias.assign([10, 20])
    np.testing.assert_array_equal(head(np.array([[1.0, 1.0]], "float32")), [[14, 26]])


@pytest.mark.parametrize(
    ("head", "shape", "outputs"),
    [
        (lambda **o: ClassificationHead(5, **o), (4, 6), (4, 5)),
        (lambda **o: TokenClassificationHead(5, **o), (4, 7, 6), (4, 7, 5)),
        (lambda **o: NextSentenceHead(**o), (4, 6), (4, 2)),
        (lambda **o: AnswerSpanHead(**o), (4, 7, 6), (4, 7, 2)),
    ],
)
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_logits_are_float32_under_every_policy(head, shape, outputs, policy):
    layer = head(dtype=policy, dropout=0.25, initializer_range=0.1, name="mine")
    logits = layer(np.ones(shape, layer.compute_dtype))
    assert logits.shape == outputs
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"
    symbolic = layer(keras.KerasTensor((None, *shape[1:]), dtype=layer.compute_dtype))
    assert (symbolic.shape, symbolic.dtype) == ((None, *outputs[1:]), "float32")
    copy = type(layer).from_config(layer.get_config())
    assert (copy.num_outputs, copy.rate, copy.initializer_range, copy.name) == (outputs[-1], 0.25, 0.1, "mine")
    assert copy.dtype_policy.name == policy


def test_float32_logits_are_not_rounded_to_the_compute_dtype():
    head = ClassificationHead(2, dtype="mixed_bfloat16")
    head.build((None, 2))
    head.dense.kernel.assign([[1.0, 0.0], [0.001, 0.0]])
    # 1.001 lies between two bfloat16 numbers (1 and 1.0078).
    assert float(head(np.ones((1, 2), "float32"))[0, 0]) == pytest.approx(1.001, abs=1e-6)


def test_the_masked_language_model_head_by_hand():
    head = MaskedLanguageModelHead(SMALL)
    head.build((None, 2))
    head.transform.kernel.assign([[5, 0], [0, 1]])
    head.bias.assign([0, 0, 100])
    table = np.array([[1, 0], [0, 1], [1, 1]], "float32")
    # relu(5, 1) is (5, 1), LayerNorm makes it (1, -1); products with the rows of the table are 1, -1 and 0.
    logits = head(np.array([[1.0, 1.0]], "float32"), table)
    np.testing.assert_allclose(logits, [[1, -1, 100]], atol=1e-5)  # float32 rounding


def test_the_masked_language_model_head_there_and_back():
    head = MaskedLanguageModelHead(SMALL, dtype="mixed_float16", name="mlm")
    copy = MaskedLanguageModelHead.from_config(head.get_config())
    assert (copy.config, copy.name, copy.dtype_policy.name) == (SMALL, "mlm", "mixed_float16")
    logits = head(keras.KerasTensor((None, 4, 2), dtype="float16"), keras.KerasTensor((3, 2)))
    assert (logits.shape, logits.dtype) == ((None, 4, 3), "float32")


def test_names_join_parts():
    dense = keras.layers.Dense(2, name="anything")
    dense.build((None, 3))
    variable = keras.Variable(np.zeros(1, "float32"), name="alone")
    dropout = keras.layers.Dropout(0.5)
    names = named_variables(first=dense, second=variable, third=None, fourth=dropout)
    assert names == {"first.kernel": dense.kernel, "first.bias": dense.bias, "second": variable}


# Two real tokens and one of padding; the other text has one real token.
SEQUENCE = np.array([[[3, 0], [3, 8], [90, 90]], [[0, -2], [7, 7], [7, 7]]], "float32")
MASK = np.array([[1, 1, 0], [1, 0, 0]], "int32")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"normalize": False}, [[3, 4], [0, -2]]),
        ({}, [[0.6, 0.8], [0, -1]]),
        ({"pooling": "cls"}, [[1, 0], [0, -1]]),
        ({"pooling": "cls", "normalize": False}, [[3, 0], [0, -2]]),
    ],
)
def test_an_embedding_by_hand(options, expected):
    np.testing.assert_allclose(EmbeddingHead(**options)(SEQUENCE, MASK), expected, atol=1e-6)  # float32 rounding


def test_an_embedding_of_nothing_is_no_division_by_zero():
    head = EmbeddingHead()
    np.testing.assert_array_equal(head(SEQUENCE, np.zeros_like(MASK)), [[0, 0], [0, 0]])
    np.testing.assert_array_equal(head(np.zeros_like(SEQUENCE), MASK), [[0, 0], [0, 0]])


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16"])
def test_an_embedding_is_float32_under_every_policy(policy):
    head = EmbeddingHead("cls", False, dtype=policy, name="mine")
    copy = EmbeddingHead.from_config(head.get_config())
    assert (copy.pooling, copy.normalize, copy.name, copy.dtype_policy.name) == ("cls", False, "mine", policy)
    mean = EmbeddingHead(dtype=policy)
    # 300 squared is beyond float16, 257 tokens beyond what bfloat16 can count.
    vectors = mean(np.full((1, 257, 2), 300, head.compute_dtype), np.ones((1, 257), "int32"))
    assert keras.backend.standardize_dtype(vectors.dtype) == "float32"
    np.testing.assert_allclose(vectors, [[0.5**0.5] * 2], atol=1e-6)
    symbolic = mean(keras.KerasTensor((None, 4, 2), mean.compute_dtype), keras.KerasTensor((None, 4), "int32"))
    assert (symbolic.shape, symbolic.dtype) == ((None, 2), "float32")
    assert mean.weights == []
