import random
import re

import pytest

from kbert.data.spans import LabelledSpan, tag_words
from kbert.data.tag_schemes import bio_spans
from kbert.data.words import character_edges
from kbert.errors import InputError

FAMILY = "👩\u200d👧"


def tagged(text: str, *spans: tuple[int, int, str]) -> tuple[list[str], str, int]:
    words, tags, trimmed = tag_words(text, [LabelledSpan(start=s, end=e, label=label) for s, e, label in spans], "f:1")
    return [text[start:end] for start, end in words], " ".join(tags), trimmed


@pytest.mark.parametrize(
    ("text", "spans", "words", "tags"),
    [
        ("in New York.", [(3, 11, "LOC")], ["in", "New", "York", "."], "O B-LOC I-LOC O"),
        ("New York, Rome", [(10, 14, "LOC"), (0, 8, "LOC")], ["New", "York", ",", "Rome"], "B-LOC I-LOC O B-LOC"),
        # Neighbours of one label stay two.
        ("a b", [(0, 1, "X"), (2, 3, "X")], ["a", "b"], "B-X B-X"),
        # A span that cuts a word cuts the word.
        ("New York-based", [(0, 8, "LOC")], ["New", "York", "-based"], "B-LOC I-LOC O"),
        ("one pmnear", [(0, 6, "T"), (6, 10, "S")], ["one", "pm", "near"], "B-T I-T B-S"),
        ("unhappily", [(2, 7, "A")], ["un", "happi", "ly"], "O B-A O"),
        ("去北京", [(1, 3, "LOC")], ["去", "北", "京"], "O B-LOC I-LOC"),
        (f"e\u0301a {FAMILY}!", [(0, 3, "A"), (4, 7, "B")], ["e\u0301a", FAMILY, "!"], "B-A B-B O"),
        ("no", [], ["no"], "O"),
        ("", [], [], ""),
    ],
)
def test_spans_to_tags(text, spans, words, tags):
    assert tagged(text, *spans) == (words, tags, 0)


def test_white_space_at_the_edge_of_a_span_is_left_out():
    assert tagged("in a year \u200b now", (0, 11, "T")) == (["in", "a", "year", "now"], "B-T I-T I-T O", 1)


@pytest.mark.parametrize(
    ("text", "spans", "message"),
    [
        ("abc", [(2, 4, "X")], "span 2 to 4 ('c') must be 0 <= start < end <= 3, the code points of the text"),
        ("abc", [(-1, 2, "X")], "span -1 to 2 ('ab') must be"),
        ("abc", [(2, 2, "X")], "span 2 to 2 ('') must be"),
        ("abc", [(2, 1, "X")], "span 2 to 1 ('') must be"),
        ("a b c", [(2, 5, "X"), (0, 3, "Y")], "span 2 to 5 ('b c') overlaps span 0 to 3 ('a b'). A word can have one"),
        ("a b", [(0, 1, "X"), (0, 1, "X")], "span 0 to 1 ('a') overlaps span 0 to 1 ('a')"),
        ("e\u0301a", [(0, 1, "X")], "span 0 to 1 ('e') cuts a character at 1: U+0301 belongs to what stands before it"),
        (f"{FAMILY}", [(1, 3, "X")], "span 1 to 3 ('\\u200d👧') cuts a character at 1: U+200D"),
        (f"{FAMILY}", [(0, 2, "X")], "span 0 to 2 ('👩\\u200d') cuts a character at 2: U+1F467"),
        ("بَيت", [(1, 4, "X")], "span 1 to 4 ('َيت') cuts a character at 1: U+064E"),
        ("a  b", [(1, 3, "X")], "span 1 to 3 ('  ') holds no word. Leave it out"),
    ],
)
def test_bad_spans(text, spans, message):
    with pytest.raises(InputError, match=f"^f:1: {re.escape(message)}"):
        tagged(text, *spans)


def test_any_span_between_characters_comes_back():
    """Spans that begin and end in what is a word come back as they were, whatever they cut."""
    text = f"Don't (e\u0301a) go-to 北京{FAMILY}, العَرَبِيَّة 3.5 km*\ufe0f\u20e3 टिप्पणियों!"
    edges = sorted(character_edges(text))
    source = random.Random(2)
    for _ in range(1000):
        ends = sorted(source.sample(edges, 6))
        pairs = zip(ends[::2], ends[1::2], strict=True)
        given = [(start, end) for start, end in pairs if text[start:end] == text[start:end].strip()]
        spans = [LabelledSpan(start=start, end=end, label="X") for start, end in given]
        words, tags, trimmed = tag_words(text, spans, "f:1")
        assert [(words[first][0], words[last - 1][1]) for first, last, _ in bio_spans(tags)] == given
        assert trimmed == 0
