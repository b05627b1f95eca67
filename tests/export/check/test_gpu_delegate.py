import pytest

from kbert.export.check.gpu_delegate import check_gpu_delegate
from kbert.export.check.tflite_file import read_tflite

TENSORS = {
    "x": ("float32", (16, 8)),
    "constant_weights": ("float32", (8, 8)),
    "y": ("float32", (16, 8)),
    "ids": ("int32", (16,)),
    "z": ("float32", (16, 8)),
}
DENSE = ("FULLY_CONNECTED", 9, ["x", "constant_weights"], ["y"])


def verdict(path):
    return check_gpu_delegate(read_tflite(path))


def of(make_tflite, *operators, inputs=("x",), outputs=("y",), **tensors):
    return verdict(make_tflite(TENSORS | tensors, list(operators), list(inputs), list(outputs)))


def test_a_dense_layer(make_tflite):
    found = of(make_tflite, DENSE)
    assert found.accepted
    assert found.verified == "by its rules, not run"
    assert found.remarks == ("static length: every text is padded or cut to 8 tokens",)


def test_a_free_length(make_tflite):
    found = of(make_tflite, DENSE, x=("float32", (-1, 8)))
    assert found.reasons == ("the delegate takes static shapes, there are x float32 [-1, 8]",)


@pytest.mark.parametrize(
    ("version", "weights", "reason"),
    [
        (12, ("int8", (8, 8), 8), "FULLY_CONNECTED version 12: the delegate knows it up to version 9"),
        (9, ("int8", (8, 8), 8), "FULLY_CONNECTED version 9: its int8 weights have 8 scales, the delegate reads one"),
        (9, ("int4", (8, 8), 1), "FULLY_CONNECTED version 9: it has int4 weights"),
        (9, ("float32", (8, 8)), "FULLY_CONNECTED version 9: its weights are computed"),
    ],
)
def test_weights_that_it_does_not_read(make_tflite, version, weights, reason):
    operator = ("FULLY_CONNECTED", version, ["x", "weights"], ["y"])
    assert of(make_tflite, operator, weights=weights).reasons == (reason,)


def test_one_scale_for_8_bit_weights_is_read(make_tflite):
    found = of(make_tflite, ("FULLY_CONNECTED", 9, ["x", "weights"], ["y"]), weights=("int8", (8, 8), 1))
    assert found.accepted
    assert "8-bit weights become floats: the file is smaller, not faster" in found.remarks


def test_what_stays_on_the_cpu_before_the_first_part(make_tflite):
    lookup = ("EMBEDDING_LOOKUP", 1, ["ids", "constant_weights"], ["x"])
    found = of(make_tflite, lookup, DENSE, inputs=("ids",))
    assert found.accepted
    assert found.remarks[0] == (
        "the CPU keeps 1 of 2 operators: EMBEDDING_LOOKUP version 1: no operator of the delegate"
    )


def test_two_parts(make_tflite):
    between = ("RESHAPE", 2, ["y"], ["z"])
    after = ("FULLY_CONNECTED", 9, ["z", "constant_weights"], ["end"])
    found = of(make_tflite, DENSE, between, after, outputs=("end",), end=("float32", (16, 8)))
    assert found.reasons == (
        "2 parts, of which the delegate takes one (1 of 3 operators): "
        "RESHAPE version 2: the delegate knows it up to version 1",
    )


def test_a_table_of_constants(make_tflite):
    found = of(make_tflite, ("GATHER", 1, ["constant_weights", "ids"], ["y"]), inputs=("ids",))
    assert found.reasons == ("GATHER version 1 on a constant table: the delegate takes it, and then fails to build it",)


def test_float16_weights_are_no_operator(make_tflite):
    cast = ("DEQUANTIZE", 3, ["constant_half"], ["weights"])
    dense = ("FULLY_CONNECTED", 9, ["x", "weights"], ["y"])
    half = {"constant_half": ("float16", (8, 8)), "weights": ("float32", (8, 8))}
    found = of(make_tflite, cast, dense, **half)
    assert found.accepted
    assert found.remarks == ("static length: every text is padded or cut to 8 tokens",)


@pytest.mark.parametrize(
    ("operator", "tensors", "reason"),
    [
        (
            "ADD",
            {"a": ("float32", (2, 16, 8)), "b": ("float32", (16, 8))},
            "it does not broadcast [2, 16, 8] with [16, 8]",
        ),
        ("ADD", {"a": ("float32", (1, 2, 16, 8)), "b": ("float32", (2, 16, 8))}, None),
        ("ADD", {"a": ("float32", (16, 8)), "b": ("float32", (8,))}, None),
        ("MUL", {"a": ("float32", (16, 1)), "b": ("float32", (1, 8))}, "it does not broadcast [16, 1] with [1, 8]"),
        ("MUL", {"a": ("int64", (16, 8)), "b": ("float32", (8,))}, "it has int64 tensors"),
        ("SUB", {"a": ("float32", (1, 1, 1, 16, 8)), "b": ("float32", (8,))}, "a has 5 axes, the delegate takes 4"),
    ],
)
def test_elementwise_operators(make_tflite, operator, tensors, reason):
    add = (operator, 1, ["a", "b"], ["z"])
    found = of(make_tflite, add, DENSE, inputs=("a", "b", "x"), outputs=("y", "z"), **tensors)
    assert found.accepted
    kept = [remark for remark in found.remarks if remark.startswith("the CPU keeps")]
    assert kept == ([] if reason is None else [f"the CPU keeps 1 of 2 operators: {operator} version 1: {reason}"])


def test_softmax_with_a_temperature(make_tflite):
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    options = schema.SoftmaxOptionsT()
    options.beta = 0.5
    found = of(make_tflite, DENSE, ("SOFTMAX", 1, ["y"], ["z"], options), outputs=("z",))
    assert found.remarks[0] == "the CPU keeps 1 of 2 operators: SOFTMAX version 1: its beta is not 1"
