"""The Android library on the JVM: tokens, words and answers are those of Python; what does not fit is refused."""

import os

RANDOM_TEXTS = 20_000
CODE_POINTS = 0x110000 - 0x800  # without surrogates


def test_no_jvm_test_fails(jvm):
    failed = [name for name, outcome in jvm.outcomes.items() if outcome == "failed"]
    assert not failed, jvm.output[-5000:]
    assert len(jvm.outcomes) >= 25


def test_every_random_text_has_its_tokens(jvm):
    assert jvm.number("random texts have Python's ids and places") == RANDOM_TEXTS


def test_every_code_point_has_its_tokens(jvm):
    texts = -(-CODE_POINTS // 128)
    # All of them with the uncased settings, a quarter with each of three others.
    assert jvm.number("texts of every code point have Python's ids and places") >= texts * 1.7


def test_every_random_text_has_its_words(jvm):
    assert jvm.number("texts have Python's words and characters") == RANDOM_TEXTS + 1200


def test_every_golden_line_has_its_tokens(jvm, shared):
    assert jvm.number("golden lines have their ids and places") == 4 * 469 + 120
    assert jvm.number("random texts have Python's ids and places in Google's vocabularies") == RANDOM_TEXTS


def test_every_answer_is_that_of_python(jvm, shared_or_none):
    (line,) = [line for line in jvm.output.splitlines() if line.startswith("answers equal Python's: ")]
    tasks = line.partition("{")[2].rstrip("}").split(", ")
    assert len(tasks) == 8 + (shared_or_none is not None)
    if shared_or_none is not None:
        assert "answers-polarity=1067" in tasks


def test_only_what_needs_shared_data_may_be_skipped(jvm, shared_or_none):
    skipped = [name for name, outcome in jvm.outcomes.items() if outcome == "skipped"]
    assert len(skipped) == (0 if shared_or_none is not None else 2), skipped
    assert os.environ.get("CI") != "true" or not skipped
