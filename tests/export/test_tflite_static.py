"""TFLite files whose dense layers are 8-bit integers from end to end, run in LiteRT with and without its delegate."""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from kbert.errors import InputError
from kbert.export.tflite import convert
from kbert.export.tflite_static import ChannelRange, channel_ranges, quantize_static
from kbert.export.tflite_weights import constant, find_weights, read_graph, utilities, write_graph

WIDTH = 64
# What one scale for a tensor cannot hold: an input channel ten times as large as the rest, an output channel a hundred.
TABLE = np.random.default_rng(0).normal(size=(32, WIDTH)).astype("float32") * np.where(np.arange(WIDTH) == 5, 10, 1)
KERNEL = np.random.default_rng(1).normal(size=(WIDTH, 48)).astype("float32") * np.where(np.arange(48) == 7, 100, 1)
KERNEL[:, 3] = 0  # gives its bias alone
CLASSES = np.random.default_rng(2).normal(size=(48, 32)).astype("float32")
TEXTS = [np.random.default_rng(length).integers(0, 32, length).astype("int32") for length in (3, 9, 9, 20)]


def make_model(activation=tf.identity) -> bytes:
    """Ids to rows of a table, through a dense layer, to that of the classes."""
    spec = tf.TensorSpec([1, None], tf.int32)

    @tf.function(input_signature=[spec, spec, spec])
    def function(ids, mask, segment_ids):
        ids = tf.reshape(ids * mask + segment_ids, [-1])
        x = tf.gather(tf.constant(TABLE.astype("float32")), ids)
        hidden = activation(tf.matmul(x, tf.constant(KERNEL.astype("float32"))) + tf.linspace(-30.0, 30.0, 48))
        return {"hidden": hidden, "probability": tf.matmul(tf.tanh(hidden), tf.constant(CLASSES))}

    return convert(function)


@pytest.fixture(scope="module")
def model() -> bytes:
    return make_model()


def run(model: bytes, ids: np.ndarray, **options) -> dict[str, np.ndarray]:
    row = ids[None]
    runner = Interpreter(model_content=model, **options).get_signature_runner()
    return runner(ids=row, mask=np.ones_like(row), segment_ids=np.zeros_like(row))


def relative_error(values: np.ndarray, expected: np.ndarray) -> float:
    """Of the worst channel, as a share of its own largest value, so that a large channel hides no other."""
    errors = np.sqrt(((values - expected) ** 2).mean(axis=0))
    return float((errors / np.maximum(np.abs(expected).max(axis=0), 1e-3)).max())


def input_types(model: bytes, name: str) -> list[list[int]]:
    graph = read_graph(model)
    code = getattr(utilities().BuiltinOperator, name)
    tensors = graph.subgraphs[0].tensors
    return [
        [tensors[i].type for i in op.inputs if i >= 0]
        for op in graph.subgraphs[0].operators
        if graph.operatorCodes[op.opcodeIndex].builtinCode == code
    ]


def test_dense_layers_take_and_give_integers_but_for_the_classes(model):
    types = utilities().schema_fb.TensorType
    dense, classes = input_types(quantize_static(model, TEXTS), "FULLY_CONNECTED")
    assert dense == [types.INT8, types.INT8, types.INT32]
    assert classes[:2] == [types.FLOAT32, types.INT8]


def test_tables_have_eight_bits(model):
    types = utilities().schema_fb.TensorType
    levels, factors = input_types(quantize_static(model, TEXTS), "EMBEDDING_LOOKUP")
    assert (levels[1], factors[1]) == (types.INT8, types.FLOAT32)


@pytest.mark.parametrize("activation", [tf.identity, tf.nn.relu])
def test_every_channel_keeps_its_precision(activation):
    model = make_model(activation)
    static = quantize_static(model, TEXTS)
    values, expected = (np.concatenate([run(file, ids)["hidden"] for ids in TEXTS]) for file in (static, model))
    # With one scale for all channels, the rest would have two levels of 256 and an error of 0.3.
    assert relative_error(values, expected) < 0.03


def test_the_delegate_changes_little(model):
    static = quantize_static(model, TEXTS)
    plain = run(static, TEXTS[3], experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    assert relative_error(run(static, TEXTS[3])["hidden"], plain["hidden"]) < 0.03


def test_calibration_of_one_length_serves_all_lengths(model):
    same = [ids for ids in TEXTS if len(ids) == 9] * 8
    static = quantize_static(model, [*same, np.arange(32, dtype="int32")])
    assert run(static, TEXTS[3])["hidden"].shape == (20, 48)


def test_values_beyond_the_calibration_are_cut_off():
    ranges = channel_ranges([7], [np.arange(2), np.arange(1)], lambda ids: [np.array([[1.0, -3.0]]) * len(ids)])
    np.testing.assert_array_equal(ranges[7].low, [1.0, -6.0])
    np.testing.assert_array_equal(ranges[7].high, [2.0, -3.0])


def test_channels_are_evened_and_dead_ones_left_small():
    channels = ChannelRange(np.array([-4.0, 0.0, 0.0], "float32"), np.array([1.0, 2.0, 0.0], "float32"))
    # 4, 2 and a ten thousandth of 4, over their mean.
    np.testing.assert_allclose(channels.evener(), np.array([4.0, 2.0, 0.0004]) * 3 / 6.0004, rtol=1e-6)


def test_no_calibration(model):
    with pytest.raises(InputError, match="expected calibration texts, got none"):
        quantize_static(model, [])


def test_weights_that_are_no_numbers(model):
    graph = read_graph(model)
    weight = next(iter(find_weights(graph)))
    broken = constant(graph, weight.tensor).copy()
    broken[:] = np.nan
    graph.buffers[graph.subgraphs[0].tensors[weight.tensor].buffer].data = np.frombuffer(broken.tobytes(), "uint8")
    with pytest.raises(InputError, match="some are none. Fine-tune again"):
        quantize_static(write_graph(graph), TEXTS)
