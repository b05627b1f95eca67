"""What the model computes with is, to the bit, what the exporter writes."""

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.errors import InputError
from kbert.export import Recipe
from kbert.export.conversion import Converter
from kbert.export.tflite import convert, convert_task
from kbert.export.tflite_quantize import quantize_weights
from kbert.export.tflite_weights import DENSE, LOOKUP, find_weights, gather_to_lookup, read_graph, utilities
from kbert.export.weight_schemes import WEIGHT_SCHEMES
from kbert.layers.dense import Dense
from kbert.problems.kinds import make_problem
from kbert.quantization.fake_quantization import fake_quantize
from kbert.quantization.rounded import RoundedDense
from kbert.quantization.weights import DenseWeight
from kbert.tasks.kinds import task_of_problem

MANY = [f"label {i}" for i in range(40)]  # so many that the head is rounded too
TASKS = {
    "text-classification": (MANY, {}),
    "token-classification": (["O", *(f"{kind}-{i}" for i in range(20) for kind in "BI")], {}),
    "question-answering": ([], {}),
    "intent-slots": (["O", "B-x", "I-x"], {"intents": MANY}),
    "embedding": ([], {"pooling": "mean"}),
    "embedding of [CLS]": ([], {"pooling": "cls"}),
}


def make_model(name: str, config, tokenizer):
    """A model of random weights, LayerNorms included."""
    keras.utils.set_random_seed(1)
    labels, settings = TASKS[name]
    problem = make_problem(name.split(" of ")[0], labels, tokenizer, 16, settings)
    model = task_of_problem(BertBackbone(config), problem)
    random = np.random.default_rng(0)
    for variable in model.named_variables().values():
        if len(variable.shape) == 1:
            variable.assign(variable.numpy() + random.normal(0.0, 0.3, variable.shape))
    return model


def weights_in(model: bytes) -> list[np.ndarray]:
    """The integer weights of a TFLite file, times their scales: float32 (rows, columns), in the file's order."""
    schema, graph = utilities().schema_fb, read_graph(model)
    kinds = [getattr(utilities().BuiltinOperator, kind) for kind in (DENSE, LOOKUP)]
    found = []
    for operator in graph.subgraphs[0].operators:
        if graph.operatorCodes[operator.opcodeIndex].builtinCode not in kinds:
            continue
        tensor = graph.subgraphs[0].tensors[operator.inputs[1]]
        data = np.frombuffer(bytes(graph.buffers[tensor.buffer].data), "uint8")
        if tensor.type == schema.TensorType.INT8:
            levels = data.view("int8").reshape(tensor.shape)
        elif tensor.type == schema.TensorType.INT4:
            nibbles = np.stack([data & 0x0F, data >> 4], axis=1).reshape(tensor.shape)
            levels = np.where(nibbles > 7, nibbles.astype("int8") - 16, nibbles).astype("int8")
        else:
            continue
        quantization = tensor.quantization
        scales = quantization.scale
        if quantization.details is not None:
            scales = graph.subgraphs[0].tensors[quantization.details.scales]
            scales = np.frombuffer(bytes(graph.buffers[scales.buffer].data), "float16")
        scales = np.asarray(scales, "float32").reshape(len(levels), -1)
        found.append((levels.reshape(*scales.shape, -1) * scales[..., None]).reshape(levels.shape))
    return found


def products(weights: dict[str, np.ndarray], one_query: bool) -> list[np.ndarray]:
    """The same with query, key and value side by side where the file has one product for them."""
    found, layers = [], {name.split(".")[1] for name in weights if name.startswith("layers.")}
    last = max(layers)
    for name, values in weights.items():
        stem, _, part = name.rpartition(".")
        apart = one_query and name.startswith(f"layers.{last}.")
        if part == "query" and not apart:
            values = np.concatenate([weights[f"{stem}.{other}"] for other in ("query", "key", "value")])
        elif part == "key":
            if not apart:
                continue
            values = np.concatenate([values, weights[f"{stem}.value"]])
        elif part == "value":
            continue
        found.append(values)
    return found


@pytest.mark.parametrize("scheme", ["int4", "dynamic_int8"])
@pytest.mark.parametrize("name", TASKS)
def test_weights_are_those_of_the_file(name, scheme, wide_config, tiny_tokenizer):
    model = make_model(name, wide_config, tiny_tokenizer)
    weights = extract_weights(model.named_variables())
    file = quantize_weights(convert_task(weights, wide_config, model.problem), WEIGHT_SCHEMES[scheme])
    expected = weights_in(file)
    found = products(
        fake_quantize(model, scheme).rounded_weights(), name in ("text-classification", "embedding of [CLS]")
    )
    assert len(found) == len(expected)
    for values in expected:
        assert any(np.array_equal(values, other) for other in found), values.shape


def test_a_narrow_table_and_the_layer_behind_it_are_those_of_the_file(wide_config, tiny_tokenizer):
    config = wide_config.replace(embedding_dim=64)
    model = make_model("embedding", config, tiny_tokenizer)
    file = quantize_weights(
        convert_task(extract_weights(model.named_variables()), config, model.problem), WEIGHT_SCHEMES["int4"]
    )
    rounded = fake_quantize(model, "int4").rounded_weights()
    expected = weights_in(file)
    for name in ("embeddings.token", "embeddings.projection"):
        assert any(np.array_equal(values, rounded[name]) for values in expected), name


def test_small_weights_stay_as_they_are(tiny_config, tiny_tokenizer):
    """At 16 wide the file rounds the token table of 66 rows, and no dense layer."""
    model = make_model("question-answering", tiny_config, tiny_tokenizer)
    weights = extract_weights(model.named_variables())
    graph = read_graph(convert_task(weights, tiny_config, model.problem))
    gather_to_lookup(graph)
    large = [weight.values.size for weight in find_weights(graph) if weight.values.size >= 1024]
    fake = fake_quantize(model, "int4")
    assert list(fake.rounded_weights()) == ["embeddings.token"]
    assert large == [66 * 16]
    # Of a table of which the model has a part, the whole counts.
    few = make_model("question-answering", tiny_config.replace(vocabulary_size=40), None)
    assert not fake_quantize(few, "int4").rounded_weights()
    few = make_model("question-answering", tiny_config.replace(vocabulary_size=40), None)
    assert list(fake_quantize(few, "int4", vocabulary_size=66).rounded_weights()) == ["embeddings.token"]


@pytest.mark.parametrize("operators", ["portable", "onnxruntime"])
def test_an_onnx_file_of_a_trained_run_has_the_weights_too(operators, wide_config, tiny_tokenizer):
    model = make_model("text-classification", wide_config, tiny_tokenizer)
    model.trained_scheme = "int4"
    recipe = Recipe(formats=("onnx",), schemes=("int4",), onnx_operators=operators)
    weights = extract_weights(model.named_variables())
    file = Converter(model, weights, recipe, "tiny", [])._onnx("int4")
    found = products(fake_quantize(model, "int4").rounded_weights(), one_query=True)
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in file.graph.initializer}
    dense = [node for node in file.graph.node if node.op_type == "MatMulNBits"]
    assert len(dense) == len(found) - 2  # less the tables
    for node in dense:
        packed, scales = (constants[name] for name in node.input[1:3])
        levels = np.stack([packed & 0x0F, packed >> 4], axis=-1).astype("int8") - 8
        scales = scales.reshape(len(packed), -1)
        values = (levels.reshape(*scales.shape, -1) * scales[..., None]).reshape(len(packed), -1)
        assert any(np.array_equal(values, other) for other in found), node.name
    assert sum(node.op_type.endswith("LayerNormalization") for node in file.graph.node) == 5


@pytest.mark.parametrize("scheme", ["dynamic_int8", "int4"])
@pytest.mark.parametrize("kernels", ["AUTO", "BUILTIN_WITHOUT_DEFAULT_DELEGATES"])
def test_a_dense_layer_computes_what_the_runtime_does(scheme, kernels):
    """XNNPACK and the runtime's own kernels; the rounding of the inputs included: rows of a table that is float32."""
    random = np.random.default_rng(0)
    table, kernel = random.normal(size=(8, 64)).astype("float32"), random.normal(size=(64, 16)).astype("float32")
    spec = tf.TensorSpec([1, None], tf.int32)

    @tf.function(input_signature=[spec, spec, spec])
    def function(ids, mask, segment_ids):
        x = tf.gather(tf.constant(table), tf.reshape(ids * mask + segment_ids, [-1]))
        return {"hidden": tf.matmul(x, tf.constant(kernel)) + tf.ones(16)}

    file = quantize_weights(convert(function), WEIGHT_SCHEMES[scheme])
    ids = np.arange(8, dtype="int32")[None]
    kernels = getattr(OpResolverType, kernels)
    runner = Interpreter(model_content=file, experimental_op_resolver_type=kernels).get_signature_runner()
    expected = runner(ids=ids, mask=np.ones_like(ids), segment_ids=np.zeros_like(ids))["hidden"]
    layer = Dense(16, bias_initializer="ones")
    layer.build((None, 64))
    layer.kernel.assign(kernel)
    format_ = WEIGHT_SCHEMES[scheme].dense
    scales = keras.Variable(np.ones((64 // (format_.block_size or 64), 1, 16), "float32"), trainable=False)
    layer.affine = RoundedDense(DenseWeight("dense", layer), format_, scales)
    layer.affine.refresh()
    np.testing.assert_allclose(layer(table), expected, atol=2e-5)
    assert np.abs(table @ kernel + 1.0 - expected).max() > 0.02  # what rounding changes


def test_scales_follow_the_weights_once_they_are_asked_to(wide_config, tiny_tokenizer):
    model = make_model("text-classification", wide_config, tiny_tokenizer)
    fake = fake_quantize(model, "dynamic_int8")
    before = fake.rounded_weights()["pooler"]
    kernel = model.backbone.pooler.kernel
    kernel.assign(kernel * 2.0)
    assert np.abs(fake.rounded_weights()["pooler"]).max() == np.abs(before).max()
    fake.refresh()
    np.testing.assert_array_equal(fake.rounded_weights()["pooler"], 2.0 * before)
    # What is no number leaves them: the training says where it came from.
    kernel.assign(kernel * np.nan)
    fake.refresh()
    assert all(np.isfinite(variable.numpy()).all() for variable in fake.variables)


@pytest.mark.parametrize("scheme", ["float16", "static_int8", "int3"])
def test_a_scheme_that_is_none_of_integers(scheme, tiny_classifier):
    with pytest.raises(InputError, match=f"^quantize must be one of dynamic_int8, int4. Received: {scheme}$"):
        fake_quantize(tiny_classifier, scheme)
