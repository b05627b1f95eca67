"""Files of mixed weight formats, run in LiteRT."""

import dataclasses

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from kbert.backbone import BertBackbone
from kbert.checkpoints import extract_weights
from kbert.export.graph_heads import tflite_function
from kbert.export.mixed_weights import WeightMixer, levels
from kbert.export.tflite import convert
from kbert.export.tflite_quantize import quantize_weights
from kbert.export.tflite_weights import read_graph, utilities
from kbert.export.weight_schemes import WEIGHT_SCHEMES
from kbert.tasks import TextClassifier

GROUPS = [
    "embeddings",
    "positions",
    "layer 0 attention",
    "layer 0 feed-forward",
    "layer 1 attention",
    "layer 1 feed-forward",
    "head",
]
IDS = np.array([2, 40, 7, 65, 41, 3], "int32")


@pytest.fixture(scope="module")
def model(tiny_config, tiny_tokenizer) -> bytes:
    """A classifier of random weights, in float32, wide enough that all but the last layer have weights to round."""
    import keras

    keras.utils.set_random_seed(5)
    config = dataclasses.replace(tiny_config, hidden_dim=64, intermediate_dim=128)
    classifier = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    return convert(tflite_function(extract_weights(classifier.named_variables()), config, classifier.problem))


@pytest.fixture(scope="module")
def mixer(model) -> WeightMixer:
    return WeightMixer(model)


def mix(format_: str, **others: str) -> dict[str, str]:
    """Every group in one format, but for some: `head="int4"`."""
    return {**dict.fromkeys(GROUPS, format_), **others}


def probability(model: bytes) -> np.ndarray:
    row = IDS[None]
    runner = Interpreter(model_content=model).get_signature_runner()
    return runner(ids=row, mask=np.ones_like(row), segment_ids=np.zeros_like(row))["probability"]


def types(model: bytes) -> dict[str, str]:
    """The type of every tensor that holds integers of fewer bits, by the tensor's name."""
    kinds = utilities().schema_fb.TensorType
    names = {kinds.INT8: "INT8", kinds.INT4: "INT4"}
    return {t.name.decode(): names[t.type] for t in read_graph(model).subgraphs[0].tensors if t.type in names}


def test_groups_have_the_weights_of_their_part_of_the_model(mixer):
    assert list(mixer.groups) == GROUPS
    # Query, key and value are one product; where only the first token's output is read, the query is one of its own.
    assert {group: len(weights) for group, weights in mixer.groups.items()} == {
        "embeddings": 1,
        "positions": 1,
        "layer 0 attention": 2,
        "layer 0 feed-forward": 2,
        "layer 1 attention": 3,
        "layer 1 feed-forward": 2,
        "head": 1,
    }


def test_the_layer_behind_a_narrow_table_is_a_group_of_its_own(tiny_config):
    config = dataclasses.replace(tiny_config, hidden_dim=64, embedding_dim=32)
    classifier = TextClassifier(BertBackbone(config), ["bad", "good"])
    function = tflite_function(extract_weights(classifier.named_variables()), config, classifier.problem)
    groups = WeightMixer(convert(function)).groups
    assert len(groups["embedding projection"]) == 1
    assert len(groups["head"]) == 1  # the pooler


def test_a_small_classifier_has_no_head_to_round(model, mixer):
    """Of the dense weights only that of the labels, 2 of 64, is too small to be in a group."""
    assert len(types(mixer.file(mix("int8")))) == sum(len(weights) for weights in mixer.groups.values())


def test_float32_is_the_float_model(model, mixer):
    np.testing.assert_array_equal(probability(mixer.file(mix("float32"))), probability(model))
    assert types(mixer.file(mix("float32"))) == {}


def test_eight_bits_everywhere_are_dynamic_int8(model, mixer):
    assert mixer.file(mix("int8")) == quantize_weights(model, WEIGHT_SCHEMES["dynamic_int8"])


def test_four_bits_in_blocks_are_the_scheme_of_that_name(model, mixer):
    mixed = mixer.file(mix("int4/32", embeddings="int4/64", positions="int8"))
    assert mixed == quantize_weights(model, WEIGHT_SCHEMES["int4"])


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_in_four_bits_leaves_the_others_alone(mixer, group):
    base, narrow = types(mixer.file(mix("int8"))), types(mixer.file(mix("int8", **{group: "int4"})))
    assert base.keys() == narrow.keys()
    changed = [name for name in base if narrow[name] != base[name]]
    assert len(changed) == len(mixer.groups[group])
    assert {narrow[name] for name in changed} == {"INT4"}


@pytest.mark.parametrize("group", GROUPS)
def test_fewer_bits_of_any_group_run_and_make_the_file_smaller(mixer, group):
    files = {format_: mixer.file(mix("int8", **{group: format_})) for format_ in levels(group)}
    for file in files.values():
        assert np.isfinite(probability(file)).all()
    wide, eight, *four = (len(file) for file in files.values())
    assert wide > eight > max(four)


def test_a_scale_for_each_short_row_weighs_more_than_those_of_its_blocks(mixer):
    """A row's scale is float32 and brings an int64 zero point, that of a block is half of a float32: 12 bytes and 2."""
    sizes = {name: len(mixer.file(mix("int8", **{"layer 0 attention": name}))) for name in ("int4/32", "int4")}
    # 64 wide: 192 rows of query, key and value and 64 behind them, each 12 bytes or twice 2.
    assert sizes["int4"] - sizes["int4/32"] == pytest.approx((192 + 64) * (12 - 2 * 2), abs=256)


def test_files_do_not_depend_on_those_made_before(model, mixer):
    wanted = mix("int8", head="int4", embeddings="float32")
    first = mixer.file(wanted)
    mixer.file(mix("int4"))
    assert mixer.file(wanted) == first
    assert WeightMixer(model).file(wanted) == first


def test_weights_are_rounded_once(model, monkeypatch):
    from kbert.export import mixed_weights

    rounded = []

    def counted(name, *others):
        rounded.append(name)
        return original(name, *others)

    original = mixed_weights.round_weights
    monkeypatch.setattr(mixed_weights, "round_weights", counted)
    mixer = WeightMixer(model)
    mixer.file(mix("int8"))
    assert len(rounded) == 12
    mixer.file(mix("int8"))
    assert len(rounded) == 12
    mixer.file(mix("int8", head="int4"))
    assert len(rounded) == 13


def test_calibration_rounds_the_dense_weights_of_four_bits_for_their_inputs(model, mixer):
    random = np.random.default_rng(0)
    texts = [random.integers(5, 66, 12).astype("int32") for _ in range(20)]
    calibrated = WeightMixer(model, texts)
    for group in GROUPS:
        wanted = mix("int8", **{group: "int4"})
        same = calibrated.file(wanted) == mixer.file(wanted)
        assert same == (group in ("embeddings", "positions")), group
