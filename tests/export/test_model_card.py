"""`README.md` of an export: front matter that the hub reads, Markdown that shows names as they are."""

import dataclasses
import re

import pytest
import yaml
from markdown_it import MarkdownIt

from kbert.export.measurement import Measurement
from kbert.export.model_card import escaped, to_model_card


def split(card):
    """Front matter and text."""
    _, front, text = re.split(r"^---$", card, maxsplit=2, flags=re.MULTILINE)
    return yaml.safe_load(front), text


def shown(markdown):
    """What a reader sees, without the tags."""
    page = MarkdownIt("commonmark").enable("table").render(markdown)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        page = re.sub(r"</?(p|h\d|ul|ol|li|em|strong|code|pre|table|thead|tbody|tr|th|td|hr)\b[^>]*>", "", page)
        page = page.replace(entity, sign)
    return page


@pytest.fixture(scope="module")
def report(exported):
    return dataclasses.replace(
        exported[1],
        labels=("bad", "good"),
        max_length=16,
        language="en",
        base_model="hf:some/bert",
        machine={"processor": "Abacus 3", "cores": 2},
        seed=11,
    )


def test_front_matter(report):
    front, _ = split(to_model_card(report))
    assert front == {
        "base_model": "some/bert",
        "language": "en",
        "library_name": "transformers.js",
        "metrics": ["accuracy"],
        "pipeline_tag": "text-classification",
        "tags": ["kbert", "bert", "tflite", "onnx"],
    }


def test_front_matter_leaves_out_what_is_not_known(report):
    tflite = tuple(file for file in report.files if file.format == "tflite")
    front, _ = split(to_model_card(dataclasses.replace(report, language=None, base_model="a/folder", files=tflite)))
    assert front == {
        "library_name": "tflite",
        "metrics": ["accuracy"],
        "pipeline_tag": "text-classification",
        "tags": ["kbert", "bert", "tflite"],
    }


def test_what_the_card_says(report):
    card = to_model_card(report)
    file = report.files[0]
    for said in (
        "# tiny\n",
        "60 texts of validation.tsv",
        "Labels: bad, good.",
        f"| `model.tflite` | 100.00% | +0.00 | +0.00 to +0.00 | 100.00% | {file.size_bytes / 1e6:.1f} MB |",
        "one changed label of them is worth 1.67 points. At most 0 points were allowed",
        "cut after 16 tokens",
        "- seed: 11",
        "2 threads on Abacus 3",
        "```python\n# pip install 'kbert[tflite]'\n",
    ):
        assert said in card
    assert card == to_model_card(report)
    page = MarkdownIt("commonmark").enable("table").render(split(card)[1])
    # Full against exported: the full model and six files; files: six, and four rows of others.
    assert page.count("<tr>") == 1 + 7 + 1 + 10
    assert page.count("<pre>") == 6


@pytest.mark.parametrize(
    "name",
    [
        "a|b",
        "*bold* _under_ `code`",
        "<b>x</b> &amp; [link](to)",
        "# heading",
        "- item",
        "1. item",
        "2) item",
        "c:\\path",
        "a~~b~~ $x$ !",
        "+ plus = equals",
        "---",
        "===",
    ],
)
def test_names_are_shown_as_they_are(name):
    assert shown(escaped(name)).strip() == name
    assert shown(f"Labels: {escaped(name)}, x.").strip() == f"Labels: {name}, x."
    cells = MarkdownIt("commonmark").enable("table").render(f"| a | b |\n| --- | --- |\n| {escaped(name)} | y |")
    assert cells.count("<td>") == 2


def test_the_full_models_times_are_shown_if_they_are_known(report):
    assert f"| full model | 100.00% |  |  |  | {report.full_size_bytes / 1e6:.1f} MB |  |  |  |" in to_model_card(
        report
    )
    times = Measurement(latency_ms=4.0, latency_p95_ms=5.0, cold_start_ms=600.0, memory_mb=700.0, texts=60, threads=2)
    card = to_model_card(dataclasses.replace(report, full_measurement=times))
    assert "MB | 4.00 ms | 600 ms | 700 MB |" in card


def test_a_label_cannot_end_the_code(report):
    card = to_model_card(dataclasses.replace(report, labels=("```", "good")))
    page = MarkdownIt("commonmark").render(split(card)[1])
    assert page.count("<pre>") == 6
    assert "one of: ```, good" in page
