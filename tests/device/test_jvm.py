"""The Android library on the JVM: tokens, words and answers are those of Python; what does not fit is refused."""

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


def test_every_answer_in_android_s_litert_is_that_of_python(jvm, android_library):
    lines = [line for line in jvm.output.splitlines() if line.startswith("answers in LiteRT equal Python's: ")]
    assert len(lines) == bool(android_library), jvm.output[-3000:]
    assert all("lite-intent-slots=71" in line for line in lines)


def test_the_screen_shows_every_task(jvm):
    assert jvm.number("models pass their golden files behind the screen") >= 8


def test_only_what_needs_more_may_be_skipped(jvm, shared_or_none, android_library):
    skipped = [name for name, outcome in jvm.outcomes.items() if outcome == "skipped"]
    assert len(skipped) == 2 * (shared_or_none is None) + (not android_library), skipped
