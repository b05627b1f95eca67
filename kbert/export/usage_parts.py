"""What the code that a report shows is made of."""

import dataclasses
import json
from collections.abc import Sequence

from kbert.export.report import ExportReport

SAMPLE = "a text to label"
SECOND_SAMPLE = "a text beside it"
SHOWN_LABELS = 6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Snippet:
    """A piece of code; `language` is the name that Markdown's fences take."""

    title: str
    note: str
    language: str
    code: str


def sample(report: ExportReport) -> str:
    """One text, or the two of a pair, as arguments of a call."""
    return f"{quoted(SAMPLE)}, {quoted(SECOND_SAMPLE)}" if report.pairs else quoted(SAMPLE)


def some_labels(labels: Sequence[str]) -> str:
    """The labels, or the first of them and how many more there are."""
    shown = ", ".join(labels[:SHOWN_LABELS])
    return shown if len(labels) <= SHOWN_LABELS else f"{shown} and {len(labels) - SHOWN_LABELS} more"


def label_comment(report: ExportReport, mark: str) -> str:
    """A comment with the labels; they hold no line feed, as labels.txt has one a line."""
    return f"  {mark} one of: {some_labels(report.labels)}" if report.labels else ""


def longest(report: ExportReport) -> int:
    """The most tokens of a text that the files take; 0 if that is not known."""
    return report.max_length or 0


def quoted(text: str) -> str:
    """A string as Kotlin, JavaScript and Python all read it."""
    return json.dumps(text)
