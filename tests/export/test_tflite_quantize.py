"""TFLite files of few bits, run in LiteRT: they compute what their rounded weights say."""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from kbert.errors import InputError
from kbert.export.tflite import convert
from kbert.export.tflite_quantize import input_moments, quantize_weights
from kbert.export.tflite_weights import (
    DENSE,
    LOOKUP,
    find_weights,
    gather_to_lookup,
    put_rounded,
    read_graph,
    utilities,
    write_graph,
)
from kbert.export.weight_schemes import EIGHT_BITS, WEIGHT_SCHEMES, WeightFormat, WeightScheme, round_weights

WIDTH = 128
DYNAMIC = ("dynamic_int8", "dynamic_int8_2023")
IDS = np.array([3, 0, 7, 7, 41], "int32")


def weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype("float32")


@pytest.fixture(scope="module")
def model() -> bytes:
    """Ids to the rows of a table, plus those of positions, through a dense layer and a small one."""
    table, positions, kernel, small = weights(48, WIDTH), weights(32, WIDTH), weights(WIDTH, 16), weights(16, 2)
    spec = tf.TensorSpec([1, None], tf.int32)

    @tf.function(input_signature=[spec, spec, spec])
    def function(ids, mask, segment_ids):
        ids = tf.reshape(ids * mask + segment_ids, [-1])
        with tf.name_scope("embeddings"):
            x = tf.gather(tf.constant(table), ids)
            with tf.name_scope("positions"):
                x += tf.gather(tf.constant(positions), tf.range(32)[: tf.size(ids)])
        hidden = tf.matmul(x, tf.constant(kernel)) + tf.ones(16)
        return {"hidden": hidden, "probability": tf.matmul(tf.tanh(hidden), tf.constant(small))}

    return convert(function)


def run(model: bytes, ids: np.ndarray = IDS) -> np.ndarray:
    row = ids[None]
    runner = Interpreter(model_content=model).get_signature_runner()
    return runner(ids=row, mask=np.ones_like(row), segment_ids=np.zeros_like(row))["hidden"]


def kept(model: bytes) -> dict[tuple[int, ...], tuple[str, int]]:
    """By the shape of a weight: its type, and how many scales it has outside blocks."""
    schema = utilities().schema_fb
    types = {value: name for name, value in vars(schema.TensorType).items() if not name.startswith("_")}
    found = {}
    for tensor in read_graph(model).subgraphs[0].tensors:
        if tuple(tensor.shape) in {(48, WIDTH), (32, WIDTH), (16, WIDTH), (2, 16)}:
            scales = tensor.quantization.scale if tensor.quantization else None
            found[tuple(tensor.shape)] = (types[tensor.type], 0 if scales is None else len(scales))
    return found


def test_a_look_up_is_the_gather_that_it_replaces(model):
    graph = read_graph(model)
    gather_to_lookup(graph)
    assert [weight.kind for weight in find_weights(graph)] == [LOOKUP, LOOKUP, DENSE, DENSE]
    np.testing.assert_array_equal(run(write_graph(graph)), run(model))


@pytest.mark.parametrize(
    ("scheme", "tokens", "dense"),
    [
        # A scale for each row.
        ("dynamic_int8", ("INT8", 48), ("INT8", 16)),
        # Blocks, which have their scales elsewhere.
        ("int4", ("INT4", 0), ("INT4", 0)),
    ],
)
def test_positions_always_have_eight_bits_and_small_layers_all_of_theirs(model, scheme, tokens, dense):
    assert kept(quantize_weights(model, WEIGHT_SCHEMES[scheme])) == {
        (48, WIDTH): tokens,
        (32, WIDTH): ("INT8", 32),
        (16, WIDTH): dense,
        (2, 16): ("FLOAT32", 0),
    }


@pytest.mark.parametrize(
    ("scheme", "allowed"),
    [
        (WEIGHT_SCHEMES["dynamic_int8"], 0.015),
        (WEIGHT_SCHEMES["dynamic_int8_2023"], 0.015),
        (WEIGHT_SCHEMES["int4"], 0.25),
        (WeightScheme(WeightFormat(4), WeightFormat(4), EIGHT_BITS), 0.3),
        (WeightScheme(EIGHT_BITS, WeightFormat(4, 64), EIGHT_BITS), 0.2),
    ],
)
def test_the_file_computes_nearly_the_same(model, scheme, allowed):
    expected = run(model)
    error = run(quantize_weights(model, scheme)) - expected
    assert 0 < np.sqrt((error**2).mean() / (expected**2).mean()) < allowed


def test_row_scales_after_a_weight_are_those_inside(model):
    inside, after = (run(quantize_weights(model, WEIGHT_SCHEMES[name])) for name in DYNAMIC)
    # The same levels; only the order of the multiplications differs.
    np.testing.assert_allclose(after, inside, rtol=1e-3, atol=1e-3)


def test_a_runtime_of_2023_knows_the_operators(model):
    """Of each operator the newest version in the weights' way that tflite-runtime 2.14 opens."""
    graph = read_graph(quantize_weights(model, WEIGHT_SCHEMES["dynamic_int8_2023"]))
    names = {value: name for name, value in vars(utilities().BuiltinOperator).items()}
    versions = {names[code.builtinCode]: code.version for code in graph.operatorCodes if code.version > 1}
    assert versions == {"EMBEDDING_LOOKUP": 3, "FULLY_CONNECTED": 9}
    quantization = [tensor.quantization for tensor in graph.subgraphs[0].tensors]
    assert max(len(q.scale) for q in quantization if q is not None and q.scale is not None) == 1


def test_an_activation_that_the_layer_carries_moves_behind_the_scales():
    spec = tf.TensorSpec([1, None], tf.int32)
    table, kernel = weights(8, WIDTH), weights(WIDTH, 16) * np.arange(1, 17, dtype="float32")

    @tf.function(input_signature=[spec, spec, spec])
    def function(ids, mask, segment_ids):
        x = tf.gather(tf.constant(table), tf.reshape(ids * mask + segment_ids, [-1]))
        return {"hidden": tf.nn.relu6(tf.matmul(x, tf.constant(kernel)))}

    model, ids = convert(function), np.arange(8, dtype="int32")
    after = run(quantize_weights(model, WEIGHT_SCHEMES["dynamic_int8_2023"]), ids)
    # Largest error: 1 % of outputs that reach hundreds before they are cut off at 6.
    assert np.abs(after - run(model, ids)).mean() < 0.2
    assert after.max() == 6.0


def test_scales_after_a_weight_are_for_eight_bits():
    with pytest.raises(ValueError, match="scales_after needs 8 bits"):
        WeightScheme(WeightFormat(4, 32), EIGHT_BITS, EIGHT_BITS, scales_after=True)


def test_moments_are_those_of_the_inputs(model):
    dense = next(weight for weight in find_weights(read_graph(model)) if weight.kind == DENSE)
    texts = [np.array([1, 2, 3], "int32"), np.array([5], "int32")]
    x = np.concatenate([weights(48, WIDTH)[ids] + weights(32, WIDTH)[: len(ids)] for ids in texts])
    moments = input_moments(model, [dense.input], texts)
    np.testing.assert_allclose(moments[dense.input], x.T @ x, rtol=1e-4, atol=1e-4)


def test_calibration_keeps_the_outputs_of_its_texts(model):
    random = np.random.default_rng(0)
    texts = [random.integers(0, 8, 12).astype("int32") for _ in range(40)]
    scheme = WeightScheme(WeightFormat(4, 32), EIGHT_BITS, EIGHT_BITS)
    plain, calibrated = (quantize_weights(model, scheme, calibration) for calibration in ([], texts))

    def error(file: bytes) -> float:
        return sum(float(((run(file, ids) - run(model, ids)) ** 2).sum()) for ids in texts)

    assert error(calibrated) < 0.5 * error(plain)


def test_a_layer_makes_up_for_what_rounding_took_from_those_before_it():
    """Two dense layers: the second is rounded for what the first gives in four bits, not for what it gave before."""
    table, first, second = weights(48, WIDTH), weights(WIDTH, WIDTH), weights(WIDTH, 16)
    spec = tf.TensorSpec([1, None], tf.int32)

    @tf.function(input_signature=[spec, spec, spec])
    def function(ids, mask, segment_ids):
        x = tf.gather(tf.constant(table), tf.reshape(ids * mask + segment_ids, [-1]))
        return {"hidden": tf.matmul(tf.nn.relu(tf.matmul(x, tf.constant(first))), tf.constant(second))}

    whole = convert(function)
    random = np.random.default_rng(0)
    texts = [random.integers(0, 48, 12).astype("int32") for _ in range(64)]
    scheme = WeightScheme(WeightFormat(4, 32), EIGHT_BITS, EIGHT_BITS)
    graph = read_graph(whole)
    gather_to_lookup(graph)
    dense = [weight for weight in find_weights(graph) if weight.kind == DENSE]
    alone = input_moments(whole, [weight.input for weight in dense], texts)
    for weight in list(find_weights(graph)):
        format_ = EIGHT_BITS if weight.kind == LOOKUP else WeightFormat(4, 32)
        rounded = round_weights(weight.name, weight.values, format_, alone.get(weight.input))
        put_rounded(graph, weight, rounded, format_.bits)

    def error(file: bytes) -> float:
        return sum(float(((run(file, ids) - run(whole, ids)) ** 2).sum()) for ids in texts)

    assert error(quantize_weights(whole, scheme, texts)) < 0.9 * error(write_graph(graph))


def test_weights_that_are_no_numbers(model):
    graph = read_graph(model)
    buffer = graph.buffers[graph.subgraphs[0].tensors[next(find_weights(graph)).tensor].buffer]
    broken = np.frombuffer(bytes(buffer.data), "float32").copy()
    broken[0] = np.nan
    buffer.data = np.frombuffer(broken.tobytes(), "uint8")
    with pytest.raises(InputError, match="expected weights that are numbers, some are none. Fine-tune again"):
        quantize_weights(write_graph(graph), WEIGHT_SCHEMES["int4"])
