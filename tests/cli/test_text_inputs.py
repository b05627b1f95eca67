"""Options that take several values, as a shell's wildcard gives them."""

import importlib

import click
import pytest


def parsed(name: str, *words: str) -> dict:
    return importlib.import_module(f"kbert.cli.{name}").command.make_context(name, list(words)).params


def test_values_belong_to_the_option_that_they_follow():
    found = parsed("pretrain", "--validation", "a", "b", "c", "--corpus=d", "e", "--whole-words", "--output", "run")
    assert (found["validation"], found["corpus"], found["output"]) == (("a", "b", "c"), ("d", "e"), "run")
    found = parsed("vocab", "--input", "a", "b", "--held-out", "c", "d", "--input", "e", "--output", "vocab.txt")
    assert (found["text"], found["held_out"]) == (("a", "b", "e"), ("c", "d"))
    found = parsed("prepare", "--input", "a", "-", "--vocab", "b", "--output", "-c")
    assert (found["text"], found["output"]) == (("a", "-"), "-c")


@pytest.mark.parametrize("words", [["b", "--input", "a"], ["--input", "a", "--max-length", "9", "b"]])
def test_a_value_without_such_an_option_is_refused(words):
    with pytest.raises(click.UsageError, match=r"^Got unexpected extra argument \(b\)$"):
        parsed("prepare", *words, "--vocab", "v", "--output", "o")


def test_a_value_that_is_missing():
    with pytest.raises(click.UsageError, match="Option '--output' requires an argument"):
        parsed("prepare", "--input", "a", "--vocab", "v", "--output")
