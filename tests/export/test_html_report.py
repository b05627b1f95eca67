"""`report.html`: what it says, that it needs nothing else, and that texts cannot become markup."""

import dataclasses
import json
import re
import sys
from html.parser import HTMLParser

import pytest

from kbert.export.attribution import TokenAttribution, explain_worst
from kbert.export.contents import file_contents
from kbert.export.html_report import to_html
from kbert.export.measurement import Measurement
from kbert.export.report_texts import coloured, strongest
from kbert.export.runtime import open_artefact
from kbert.export.search_report import Candidate, GroupSensitivity, SearchReport

VOID = {"meta"}


class Page(HTMLParser):
    """Collects tables, words, ids and addresses; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self.marks: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []
        self.changed = 0
        self.style = ""
        self.text = text
        self.feed(text)
        assert not self.open

    @property
    def said(self) -> str:
        return " ".join("".join(self.words).split())

    def table(self, head: str) -> list[list[str]]:
        """The rows, without the first, of the table whose first head starts so."""
        return next(table[1:] for table in self.tables if table[0][0].startswith(head))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        assert len(given) == len(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.addresses += [given[name] for name in ("href", "src", "action", "data") if name in given]
        self.changed += given.get("class") == "changed"
        if tag == "mark":
            self.marks.append((given["class"], ""))
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag == "small":
            self.tables[-1][-1][-1] += "\n"
        if tag in ("p", "li", "h1", "h2", "h3", "dd"):
            self.words.append("\n")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "table" in self.open:
            if "th" in self.open or "td" in self.open:
                self.tables[-1][-1][-1] += data
        elif "style" in self.open:
            self.style += data
        else:
            self.words.append(data)
            if self.open and self.open[-1] == "mark":
                self.marks[-1] = (self.marks[-1][0], data)


@pytest.fixture(scope="module")
def whole(exported):
    """The report with all that a report can have."""
    folder, report = exported
    files = []
    for file in report.files:
        artefact = open_artefact(folder / file.file)
        found = {
            "contents": file_contents(folder / file.file),
            "attributions": explain_worst(artefact, file.verdict),
            "measurement": dataclasses.replace(file.measurement, latency_by_length=((8, 0.25), (16, 0.375))),
        }
        files.append(dataclasses.replace(file, **found))
    search = SearchReport(
        max_drop=0.5,
        target_mb=14.0,
        target_ms=None,
        sensitivities=(
            GroupSensitivity(
                group="head", format="int4/32", saved_bytes=2_000_000, drop_points=0.25, agreement=0.97, shift=0.02
            ),
        ),
        candidates=(
            Candidate(
                formats={"head": "int8"},
                size_bytes=13_000_000,
                latency_ms=1.5,
                drop_points=-0.25,
                agreement=0.98,
                shift=0.01,
            ),
        ),
        chosen=0,
    )
    return dataclasses.replace(
        report,
        files=tuple(files),
        labels=("bad", "good"),
        max_length=16,
        base_model="hf:some/bert",
        full_measurement=Measurement(
            latency_ms=4.0, latency_p95_ms=5.0, cold_start_ms=600.0, memory_mb=700.0, texts=60, threads=2
        ),
        searches={"model.tflite": search},
        machine={"processor": "Abacus 3", "cores": 2},
        seed=11,
        command="kbert export run",
        notes=("a note",),
    )


@pytest.fixture(scope="module")
def page(whole):
    return Page(to_html(whole))


def test_the_page_of_an_export(exported):
    folder, _ = exported
    page = Page((folder / "report.html").read_text("utf-8"))
    assert (
        "All 6 files passed: no accuracy lost (95 % interval of the drop +0.00 to +0.00); 0 were allowed." in page.said
    )
    assert "tried on 60 texts of validation.tsv" in page.said
    assert page.changed == 0


def test_its_numbers_are_those_of_the_json(whole, page):
    report = json.loads(json.dumps(whole.to_dict()))
    full, *rows = page.table("file")
    timed = report["full_measurement"]
    assert full == [
        "full model\nfloat32, Keras",
        f"{report['files'][0]['verdict']['full']:.2%}",
        "",
        "",
        "",
        f"{report['full_size_bytes'] / 1e6:.1f} MB",
        f"{timed['latency_ms']:.2f} ms\n{timed['latency_p95_ms']:.2f} ms",
        "600 ms",
        "700 MB",
    ]
    assert len(rows) == len(report["files"]) == 6
    for row, file in zip(rows, report["files"], strict=True):
        verdict, measured = file["verdict"], file["measurement"]
        low, high = verdict["drop_interval"]
        assert row == [
            f"{file['file']}\n{file['scheme']}, {file['runtime']}",
            f"{verdict['exported']:.2%}",
            f"{verdict['drop_points']:+.2f}\n{low:+.2f} to {high:+.2f}",
            f"{verdict['agreement']:.2%}",
            f"{verdict['largest_shift']:.3f}",
            f"{file['size_bytes'] / 1e6:.1f} MB",
            f"{measured['latency_ms']:.2f} ms\n{measured['latency_p95_ms']:.2f} ms",
            f"{measured['cold_start_ms']:.0f} ms",
            f"{measured['memory_mb']:.0f} MB",
        ]
    first = report["files"][0]["contents"]
    operators = [
        [name, f"{count:,}", str(first["operator_versions"][name])] for name, count in first["operators"].items()
    ]
    assert page.table("operator") == operators
    assert page.table("packed inside") == [[name, f"{size:,}"] for name, size in first["packed"].items()]
    assert page.table("tokens") == [["8", *["0.25"] * 6], ["16", *["0.38"] * 6]]
    assert page.table("group") == [["head", "int4/32", "2.0 MB", "+0.25", "97.00%", "0.0200"]]
    assert page.table("tried") == [["1, chosen", "13.0 MB", "1.50 ms", "-0.25", "98.00%", "0.0100", "int8: head"]]
    example, tokens = report["files"][0]["verdict"]["worst"][0], report["files"][0]["attributions"][0]
    assert f"full model {example['full']} {example['full_probability']:.3f}" in page.said
    best = max(tokens, key=lambda token: token["weight"])
    assert f"for it: {example['text'][best['start'] : best['end']]} {best['weight']:+.3f}" in page.said


def test_it_needs_nothing_else(whole, page):
    # Addresses stand in SVG alone, and lead to parts of the same page.
    assert page.addresses
    assert all(address.startswith("#") and address[1:] in page.ids for address in page.addresses)
    assert len(set(page.ids)) == len(page.ids)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"@import|url\(", page.style)
    assert set(re.findall(r"url\((.)", page.text)) == {"#"}
    assert page.text == to_html(whole)


def test_what_it_was_made_with(page):
    for said in ("hf:some/bert", "processor Abacus 3, cores 2", "seed 11", "kbert export run", "Note: a note."):
        assert said in page.said
    assert "date" not in page.said.split("Made with")[1]


def test_texts_are_no_markup_and_changed_labels_are_told(exported):
    _, report = exported
    file = report.files[0]
    text = "<script>alert(1)</script> & more"
    example = dataclasses.replace(file.verdict.worst[0], text=text, full="good", exported="<b>bad")
    verdict = dataclasses.replace(file.verdict, worst=(example,), drop_points=1.5, max_drop_points=2.0)
    tokens = (TokenAttribution(token="<", start=0, end=1, weight=0.5),)
    odd = dataclasses.replace(file, verdict=verdict, attributions=(tokens,))
    page = Page(to_html(dataclasses.replace(report, files=(odd,), model="<i>m", labels=("<u>", "good"))))
    assert text in page.said
    assert ("for", "<") in page.marks
    assert "exported <b>bad, good 0." in page.said
    assert page.changed == 1
    assert "The file passed: at most 1.50 points of accuracy lost" in page.said


def test_a_refusal_is_told(exported):
    _, report = exported
    verdict = dataclasses.replace(report.files[0].verdict, drop_points=3.0, max_drop_points=0.5)
    file = dataclasses.replace(report.files[0], verdict=verdict)
    page = Page(to_html(dataclasses.replace(report, files=(file, *report.files[1:]))))
    assert "Refused. model.tflite: at most 3.00 points of accuracy lost" in page.said


def test_without_matplotlib_the_page_says_how_to_get_charts(whole, page, monkeypatch):
    assert "svg" in page.tags
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    bare = Page(to_html(whole))
    assert "pip install 'kbert[report]'" in bare.said
    assert "svg" not in bare.tags
    assert bare.table("tokens") == page.table("tokens")


def test_tokens_are_coloured_by_their_share_of_the_largest():
    tokens = (
        TokenAttribution(token="not", start=0, end=3, weight=-0.2),
        TokenAttribution(token="so", start=4, end=6, weight=0.001),
        TokenAttribution(token="bad", start=7, end=10, weight=0.1),
    )
    assert coloured("Not so bad!", tokens) == (
        '<mark class="against" style="--strength:0.60" title="-0.200">Not</mark> so '
        '<mark class="for" style="--strength:0.30" title="+0.100">bad</mark>!'
    )
    assert strongest("Not so bad!", tokens) == "for it: bad +0.100; against it: Not -0.200"
    assert coloured("a < b", ()) == "a &lt; b"
