"""The charts: which there are, what their numbers are, and that the SVG fits into a page."""

import dataclasses
import sys
from html.parser import HTMLParser

import pytest

from kbert.export.report_charts import report_charts
from kbert.export.report_svg import has_matplotlib, inline_svg
from kbert.export.search_charts import best_so_far, search_charts
from kbert.export.search_report import Candidate, GroupSensitivity, SearchReport


class Svg(HTMLParser):
    """Collects ids, references, words and colours; fails on tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.words, self.attributes = [], [], [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes.append((tag, dict(attrs)))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value.removeprefix("#"))
            if "url(#" in (value or ""):
                self.links.append(value.split("url(#")[1].split(")")[0])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "text":
            self.words.append(data)


@pytest.fixture
def search():
    def candidate(size, drop, latency=None):
        return Candidate(
            formats={"head": "int8", "embeddings": "int4/32", "positions": "int8"},
            size_bytes=size,
            latency_ms=latency,
            drop_points=drop,
            agreement=0.98,
            shift=0.0123,
        )

    return SearchReport(
        max_drop=0.5,
        target_mb=14.0,
        target_ms=None,
        sensitivities=(
            GroupSensitivity(
                group="embeddings",
                format="int4/32",
                saved_bytes=6_000_000,
                drop_points=0.25,
                agreement=0.97,
                shift=0.02,
            ),
            GroupSensitivity(
                group="head", format="int4/32", saved_bytes=1_000, drop_points=-0.1, agreement=1.0, shift=0.0005
            ),
        ),
        candidates=(candidate(24_000_000, 0.0), candidate(12_000_000, 0.75), candidate(13_500_000, 0.375)),
        chosen=2,
    )


def test_points_that_nothing_beats():
    # (3, 0.2) beats (4, 0.3); (None, …) was not measured.
    assert best_so_far([4.0, 3.0, None, 2.0, 5.0], [0.3, 0.2, 0.0, 0.5, 0.1]) == [3, 1, 4]


def test_the_charts_of_a_search_and_their_numbers(search):
    groups, sizes = search_charts(search, name="search-0")
    assert groups.rows == (
        ("embeddings", "int4/32", "6.0 MB", "+0.25", "97.00%", "0.0200"),
        ("head", "int4/32", "0.0 MB", "-0.10", "100.00%", "0.0005"),
    )
    formats = "int8: head, positions; int4/32: embeddings"
    assert sizes.rows == (
        ("1", "24.0 MB", "", "+0.00", "98.00%", "0.0123", formats),
        ("2", "12.0 MB", "", "+0.75", "98.00%", "0.0123", formats),
        ("3, chosen", "13.5 MB", "", "+0.38", "98.00%", "0.0123", formats),
    )
    drawn = Svg(sizes.svg)
    assert {"chosen", "tried", "drop allowed (0.5)", "size wanted (14 MB)"} <= set(drawn.words)
    assert {"embeddings", "head", "int4/32"} <= set(Svg(groups.svg).words)


def test_the_charts_of_an_export(exported):
    _, report = exported
    size, latency, _ = report_charts(report)
    assert (size.title, latency.title) == ("accuracy against size", "accuracy against latency")
    names = {file.file for file in report.files}
    # The recipe allows no drop, and the full model is right on every text.
    assert names | {"full model", "least allowed (100.00 %)", "size (MB)", "accuracy (%)"} <= set(Svg(size.svg).words)


def test_a_gate_far_below_does_not_press_the_points_together(exported):
    _, report = exported
    recipe = dataclasses.replace(report.recipe, max_drop=100.0)
    size, *_ = report_charts(dataclasses.replace(report, recipe=recipe))
    words = Svg(size.svg).words
    assert not [word for word in words if word.startswith("least allowed")]
    assert "100" in words
    assert "80" not in words


def test_svg_for_a_page():
    def draw(axes):
        axes.plot([0, 1], [1, 2], marker="o", label="<a> & b")

    text = inline_svg(draw, name="one", label='what "it" shows')
    assert text == inline_svg(draw, name="one", label='what "it" shows')
    drawn = Svg(text)
    tag, attributes = drawn.attributes[0]
    assert (tag, attributes["role"], attributes["aria-label"]) == ("svg", "img", 'what "it" shows')
    assert "<a> & b" in drawn.words
    assert drawn.links
    assert set(drawn.links) <= set(drawn.ids)
    assert len(set(drawn.ids)) == len(drawn.ids)
    assert not set(drawn.ids) & set(Svg(inline_svg(draw, name="two", label="")).ids)
    # No address, date or colour of its own: the page has them.
    assert "http" not in text
    assert "#010" not in text
    assert "var(--ink)" in text


def test_without_matplotlib_the_numbers_are_left(monkeypatch, search):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert not has_matplotlib()
    groups, sizes = search_charts(search, name="search")
    assert groups.svg is None
    assert sizes.svg is None
    assert len(sizes.rows) == 3
