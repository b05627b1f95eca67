"""`report.html`: what it says, that it needs nothing else, and that texts cannot become markup."""

import dataclasses
from html.parser import HTMLParser

from kbert.export.html_report import to_html

VOID = {"meta"}


class Page(HTMLParser):
    """Collects the rows of all tables and the words outside them; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.coloured = 0
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
            self.coloured += ("class", "changed") in attrs
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.open and self.open[-1] != "style":
            self.words.append(data)


def test_the_page_of_an_export(exported):
    folder, report = exported
    page = Page((folder / "report.html").read_text("utf-8"))
    said = " ".join(" ".join(page.words).split())
    assert "Passed. No accuracy lost; 0 were allowed." in said
    assert "tried on 60 texts of validation.tsv" in said
    full, *files = page.rows[1 : 2 + len(report.files)]
    assert full[:2] == ["full model", "100.00%"]
    assert [row[0] for row in files] == [f"{file.file} ({file.scheme})" for file in report.files]
    assert [row[1:5] for row in files] == [["100.00%", "+0.00", "+0.00 to +0.00", "100.00%"]] * len(files)
    assert page.coloured == 0


def test_texts_are_no_markup_and_changed_labels_are_coloured(exported):
    _, report = exported
    file = report.files[0]
    text = "<script>alert(1)</script> & more"
    example = dataclasses.replace(file.verdict.worst[0], text=text, full="good", exported="bad")
    verdict = dataclasses.replace(file.verdict, worst=(example,), drop_points=1.5, max_drop_points=2.0)
    page = Page(to_html(dataclasses.replace(report, files=(dataclasses.replace(file, verdict=verdict),))))
    assert page.rows[-1][0] == text
    assert page.coloured == 1
    assert "At most 1.50 points of accuracy lost" in " ".join(page.words)
