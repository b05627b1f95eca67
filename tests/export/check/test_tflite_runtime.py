import pytest

from kbert.export.check.tflite_2_14 import HIGHEST_VERSIONS
from kbert.export.check.tflite_file import read_tflite
from kbert.export.check.tflite_runtime import check_tflite_runtime

DENSE = {"x": ("float32", (1, 8)), "y": ("float32", (1, 4))}
LOOKUP = {"ids": ("int32", (5,)), "y": ("float32", (5, 8))}


def verdict(path):
    return check_tflite_runtime(read_tflite(path))


def dense(make_tflite, version: int, dtype: str = "int8", scales: int = 1):
    tensors = DENSE | {"constant": (dtype, (4, 8), scales)}
    return verdict(make_tflite(tensors, [("FULLY_CONNECTED", version, ["x", "constant"], ["y"])], ["x"], ["y"]))


def test_the_versions_that_2_14_registers(make_tflite):
    assert dense(make_tflite, 10).accepted
    newer = dense(make_tflite, 11)
    assert not newer.accepted
    assert newer.reasons == ("FULLY_CONNECTED version 11: known up to version 10",)
    assert newer.verified == "by its rules"
    # read in register.cc of TensorFlow 2.14
    assert (HIGHEST_VERSIONS["MUL"], HIGHEST_VERSIONS["RESHAPE"], HIGHEST_VERSIONS["STRIDED_SLICE"]) == (7, 1, 8)


def test_a_reason_comes_once_with_its_count(make_tflite):
    operators = [("RESHAPE", 2, ["x"], ["x"]), ("RESHAPE", 2, ["x"], ["y"])]
    found = verdict(make_tflite(DENSE, operators, ["x"], ["y"]))
    assert found.reasons == ("RESHAPE version 2: known up to version 1 (2 times)",)


def test_an_operator_of_later_years(make_tflite):
    found = verdict(make_tflite(DENSE, [("STABLEHLO_ADD", 1, ["x"], ["y"])], ["x"], ["y"]))
    assert found.reasons == ("STABLEHLO_ADD version 1: no operator of this runtime",)


@pytest.mark.parametrize(("version", "scales", "accepted"), [(9, 1, True), (9, 4, False)])
def test_scales_for_each_channel_that_it_would_misread(make_tflite, version, scales, accepted):
    found = dense(make_tflite, version, scales=scales)
    assert found.accepted is accepted
    if not accepted:
        reason = "FULLY_CONNECTED version 9 with 4 scales: it would compute with the first one for all, and be wrong"
        assert found.reasons == (reason,)


def test_scales_for_each_row_of_a_table(make_tflite):
    tensors = LOOKUP | {"constant": ("int8", (9, 8), 9)}
    found = verdict(make_tflite(tensors, [("EMBEDDING_LOOKUP", 3, ["ids", "constant"], ["y"])], ["ids"], ["y"]))
    assert found.reasons == (
        "EMBEDDING_LOOKUP version 3 with 9 scales: it would compute with the first one for all, and be wrong",
    )


def test_a_type_of_later_years(make_tflite):
    found = dense(make_tflite, 10, dtype="bfloat16")
    assert found.reasons == ("FULLY_CONNECTED version 10: it does not know the type bfloat16",)


def test_a_static_length_is_a_remark(make_tflite):
    assert dense(make_tflite, 10).remarks == ("static length: every text is padded or cut to 8 tokens",)


@pytest.mark.parametrize(("length", "accepted"), [(5, True), (-1, False)])
def test_float16_weights_are_wrong_after_a_resize(make_tflite, length, accepted):
    tensors = {
        "x": ("float32", (length, 8)),
        "constant_half": ("float16", (4, 8)),
        "weights": ("float32", (4, 8)),
        "y": ("float32", (length, 4)),
    }
    operators = [
        ("DEQUANTIZE", 3, ["constant_half"], ["weights"]),
        ("FULLY_CONNECTED", 1, ["x", "weights"], ["y"]),
    ]
    found = verdict(make_tflite(tensors, operators, ["x"], ["y"]))
    assert found.accepted is accepted
    assert accepted or found.reasons[0].startswith("DEQUANTIZE of float16 weights with a free length: ")
