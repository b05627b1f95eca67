"""Checks of the phone command data set in examples/commands."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

DATA = Path(__file__).resolve().parents[2] / "examples" / "commands"
SPLITS = ("train", "validation", "test")
LABELS = {
    "add_reminder",
    "calculate",
    "calendar_event",
    "make_call",
    "navigate",
    "out_of_scope",
    "play_music",
    "send_message",
    "set_alarm",
    "set_timer",
    "shopping_list",
    "smart_home",
    "take_note",
    "translate",
    "weather",
}
WORD_LIMIT = 0.7
TRIGRAM_LIMIT = 0.6
NUMBER_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    "fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|"
    "sixty|seventy|eighty|ninety|hundred|thousand|million|billion"
)
NUMBER = re.compile(rf"\d+|\b(?:{NUMBER_WORDS})\b")

Features = frozenset[str]


class Row(NamedTuple):
    split: str
    text: str
    intent: str


def read_lines(split: str) -> list[str]:
    # Splitting on "\n" alone keeps a stray carriage return visible.
    return (DATA / f"{split}.tsv").read_bytes().decode("utf-8").split("\n")


def read_split(split: str) -> list[Row]:
    rows = []
    for line in read_lines(split)[1:-1]:
        text, intent = line.split("\t")
        rows.append(Row(split, text, intent))
    return rows


def read_all() -> list[Row]:
    return [row for split in SPLITS for row in read_split(split)]


def normalise(text: str) -> str:
    text = re.sub(r"['’]", "", text.lower())
    text = re.sub(r"[^\w\s]|_", " ", text)
    text = " ".join(NUMBER.sub("#", text).split())
    # "7:15", "seven fifteen" and "7" are all one number.
    return re.sub(r"#(?: #)+", "#", text)


def words(text: str) -> Features:
    return frozenset(normalise(text).split())


def trigrams(text: str) -> Features:
    padded = f" {normalise(text)} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def jaccard(a: Features, b: Features) -> float:
    return len(a & b) / len(a | b)


def alike(sets: Sequence[Features], limit: float) -> Iterator[tuple[int, int]]:
    """Pairs with a Jaccard similarity of at least `limit`.

    Two sets that share enough of their elements share one of the rarest few of
    each, so only those few are indexed. Comparing every pair takes too long.
    """
    counts = Counter(chain.from_iterable(sets))
    index: dict[str, list[int]] = defaultdict(list)
    for i, current in enumerate(sets):
        keep = len(current) - int(limit * len(current)) + 1
        rarest = sorted(current, key=lambda item: (counts[item], item))[:keep]
        for j in sorted({j for item in rarest for j in index[item]}):
            if jaccard(sets[j], current) >= limit:
                yield j, i
        for item in rarest:
            index[item].append(i)


def near_pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    by_words = alike([words(text) for text in texts], WORD_LIMIT)
    by_trigrams = alike([trigrams(text) for text in texts], TRIGRAM_LIMIT)
    return [(texts[i], texts[j]) for i, j in sorted({*by_words, *by_trigrams})]


@pytest.mark.parametrize("split", SPLITS)
def test_header_and_line_ends(split: str) -> None:
    lines = read_lines(split)
    assert lines[0] == "text\tintent"
    assert lines[-1] == ""
    assert not [line for line in lines if "\r" in line]


@pytest.mark.parametrize("split", SPLITS)
def test_two_filled_fields_per_line(split: str) -> None:
    for line in read_lines(split)[1:-1]:
        fields = line.split("\t")
        assert len(fields) == 2, line
        assert all(field and field == field.strip() for field in fields), line


@pytest.mark.parametrize("split", SPLITS)
def test_no_double_quote(split: str) -> None:
    # A csv reader with its default quoting would swallow the field ends.
    assert not [row.text for row in read_split(split) if '"' in row.text]


@pytest.mark.parametrize("split", SPLITS)
def test_every_label_in_each_split(split: str) -> None:
    counts = Counter(row.intent for row in read_split(split))
    assert set(counts) == LABELS
    assert min(counts.values()) >= 10


def test_enough_distinct_utterances() -> None:
    rows = read_all()
    assert len({row.text.lower() for row in rows}) == len(rows)
    assert len(rows) >= 1200


def test_split_shares() -> None:
    counts = Counter(row.split for row in read_all())
    total = sum(counts.values())
    assert counts["train"] / total == pytest.approx(0.70, abs=0.02)
    assert counts["validation"] / total == pytest.approx(0.15, abs=0.02)
    assert counts["test"] / total == pytest.approx(0.15, abs=0.02)


def test_no_near_duplicates_within_or_across_splits() -> None:
    assert near_pairs([row.text for row in read_all()]) == []


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Wake me at half past six!", "wake me at half past seven"),
        ("set a timer for 10 minutes", "Set a timer for twenty-five minutes."),
        ("is it going to rain in Oslo", "is it going to rain in Lima"),
        ("turn off the kitchen light", "turn off the kitchen lights"),
    ],
)
def test_check_catches_near_duplicates(a: str, b: str) -> None:
    assert near_pairs(["play some jazz", a, "I'm lost", b]) == [(a, b)]


def test_check_passes_different_sentences() -> None:
    texts = ["wake me at six", "get me up at six, no snooze", "what is a call option"]
    assert near_pairs(texts) == []


def test_normalise() -> None:
    assert normalise("Don't wake me at 7:15, Zoë!") == "dont wake me at # zoë"
    assert normalise("twenty-five often") == "# often"
