"""Recipes: shipped ones, files of one's own, and what is refused."""

import pytest

from kbert.errors import InputError
from kbert.export.recipe import Recipe, load_recipe, shipped_recipes


def test_every_shipped_recipe_loads():
    names = ["browser", "gpu-delegate", "mediapipe", "old-android", "phone", "phone-small", "server-cpu", "tf-serving"]
    assert shipped_recipes() == names
    for name in names:
        assert isinstance(load_recipe(name), Recipe)


def test_flags_override_a_recipe():
    assert load_recipe("phone", max_drop=2.0) == Recipe(formats=("tflite",), schemes=("dynamic_int8",), max_drop=2.0)


def test_files_of_a_recipe():
    assert Recipe(schemes=("dynamic_int8", "float32")).files() == {
        "model.tflite": ("tflite", "dynamic_int8"),
        "model_float32.tflite": ("tflite", "float32"),
        "onnx/model_quantized.onnx": ("onnx", "dynamic_int8"),
        "onnx/model.onnx": ("onnx", "float32"),
    }
    assert Recipe(formats=("tflite",), schemes=("float32",)).files() == {"model.tflite": ("tflite", "float32")}
    # ONNX has no static_int8, a SavedModel is float32, and a budget leaves no scheme to choose.
    assert Recipe(formats=("onnx", "savedmodel"), schemes=("float16", "float32")).files() == {
        "onnx/model_fp16.onnx": ("onnx", "float16"),
        "onnx/model.onnx": ("onnx", "float32"),
        "savedmodel/1": ("savedmodel", "float32"),
    }
    assert Recipe(formats=("tflite",), target_mb=12).files() == {"model.tflite": ("tflite", "mixed")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("formats = ['tflite']\ncolour = 1", "the key 'colour' is unknown"),
        ("formats = ['tflit']", "formats must be different ones of tflite, onnx"),
        ("schemes = 'int8'", "expected schemes to be a list"),
        ("max_drop = 101", "max_drop must be from 0 to 100"),
        ("max_drop = ", "expected TOML"),
        ("formats = ['onnx']\nlength = 64", "length: only TFLite files have it. Received: formats onnx"),
        ("formats = ['onnx']\nschemes = ['static_int8']", "schemes static_int8: only TFLite files have it"),
        ("formats = ['onnx']\ntarget_mb = 12", "target_mb and target_ms: only TFLite files have it"),
        ("tflite_runtime = '2.14'\nschemes = ['int4']", "tflite_runtime 2.14 has no int4 of this model"),
        ("tflite_runtime = '2.13'", "tflite_runtime must be one of litert, 2.14. Received: 2.13"),
        ("onnx_operators = 'mine'", "onnx_operators must be one of portable, onnxruntime. Received: mine"),
        ("target_mb = -1", "target_mb must be a positive number. Received: -1"),
        ("length = 6.5", "length must be a positive number. Received: 6.5"),
        ("target_ms = 2\nlength = 64", "a search makes files of any length for LiteRT"),
        ("verify_on = ['mars']", "verify_on must be among arm64. Received: mars"),
    ],
)
def test_a_bad_recipe_names_the_key(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_recipe(path)


def test_a_recipe_that_is_not_utf_8(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"# caf\xe9\nmax_drop = 1\n")
    with pytest.raises(InputError, match=r"mine.toml: expected UTF-8, byte 0xe9 is not. Save the recipe as UTF-8$"):
        load_recipe(path)


def test_unknown_names_list_the_known():
    with pytest.raises(
        InputError, match="recipe 'fone' is unknown. Choose one of browser, gpu-delegate, mediapipe, old-android"
    ):
        load_recipe("fone")
    with pytest.raises(InputError, match="found no such file"):
        load_recipe("mine.toml")


def test_a_file_of_one_length_reads_no_more_than_it_and_than_the_model():
    assert Recipe().longest(128) == 128
    assert Recipe(formats=("tflite",), length=32).longest(128) == 32
    assert Recipe(formats=("tflite",), length=512).longest(128) == 128
