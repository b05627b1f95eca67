"""The Unicode tables in the Android library are what the libraries of this Python say."""

import importlib.util
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load():
    spec = importlib.util.spec_from_file_location("unicode_tables", ROOT / "examples/android/unicode_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def constants(text: str) -> dict[str, str]:
    parts = text.split('"""')
    return {
        name.split("const val ")[1].rstrip(" ="): numbers
        for name, numbers in zip(parts[::2], parts[1::2], strict=False)
    }


def test_the_tables_are_up_to_date():
    tables = load()
    written, made = tables.TARGET.read_text("utf-8"), tables.to_kotlin()
    names = {"TOKENIZER", "DECOMPOSED", "LOWER", "WORDS", "GRAPHEMES"}
    assert constants(written).keys() == constants(made).keys() == names
    if f"Python's {unicodedata.unidata_version}" in written:
        assert written == made
        return
    # Another Python knows another Unicode: only what comes from it may differ.
    for name in names - {"WORDS"}:
        assert constants(written)[name] == constants(made)[name]
