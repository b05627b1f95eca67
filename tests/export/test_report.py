"""The export's table for the screen, the lines of a refusal, and what `report.json` holds."""

import dataclasses
import json
from types import SimpleNamespace

from rich.console import Console

from kbert.export.attribution import TokenAttribution
from kbert.export.html_report import to_html
from kbert.export.model_card import to_model_card
from kbert.export.report import refusal_lines, threads_text, to_table
from kbert.export.search_report import Candidate, SearchReport


def test_brackets_in_names_are_shown(capsys):
    verdict = SimpleNamespace(
        metric="accuracy", examples=60, full=1.0, exported=1.0, drop_points=0.0, agreement=1.0, passed=True
    )
    verdict.drop_interval = (-1.5, 2.0)
    measurement = SimpleNamespace(latency_ms=1.0, cold_start_ms=10.0)
    file = SimpleNamespace(
        file="model[b].tflite", size_bytes=1000, verdict=verdict, measurement=measurement, elsewhere={}
    )
    report = SimpleNamespace(model="run[a]", validation="dev[/bold].tsv", full_size_bytes=4000, files=(file,))
    Console(width=120).print(to_table(report))
    shown = capsys.readouterr().out
    assert "run[a] on dev[/bold].tsv, 60 texts" in shown
    assert "model[b].tflite" in shown
    assert "-1.50 to +2.00" in shown


def test_a_file_whose_probabilities_are_no_numbers_is_told():
    verdict = SimpleNamespace(
        metric="accuracy", examples=60, full=1.0, exported=0.5, drop_points=50.0, max_drop_points=0.5, broken=30
    )
    verdict.passed, verdict.worst = False, ()
    lines = refusal_lines(SimpleNamespace(files=(SimpleNamespace(file="model.tflite", verdict=verdict, elsewhere={}),)))
    assert lines == [
        "model.tflite: its answers to 30 of 60 texts are no numbers",
        "model.tflite: accuracy fell by 50.00 points, from 100.00% to 50.00%; at most 0.5 are allowed",
    ]


def test_the_json_holds_all_of_it(exported):
    _, report = exported
    token = TokenAttribution(token="good", start=13, end=17, weight=0.5)
    measurement = dataclasses.replace(report.files[0].measurement, latency_by_length=((8, 0.25),))
    file = dataclasses.replace(report.files[0], attributions=((token,), ()), measurement=measurement)
    tried = Candidate(
        formats={"head": "int8"}, size_bytes=5, latency_ms=None, drop_points=0.0, agreement=1.0, shift=0.0
    )
    search = SearchReport(max_drop=0.5, target_mb=None, target_ms=None, sensitivities=(), candidates=(tried,), chosen=0)
    whole = dataclasses.replace(report, files=(file,), searches={"model.tflite": search}, labels=("bad", "good"))
    written = json.loads(json.dumps(whole.to_dict(), allow_nan=False))
    assert written["passed"] is True
    assert written["labels"] == ["bad", "good"]
    assert written["seed"] is None
    assert written["files"][0]["attributions"] == [[{"token": "good", "start": 13, "end": 17, "weight": 0.5}], []]
    assert written["files"][0]["measurement"]["latency_by_length"] == [[8, 0.25]]
    assert written["searches"]["model.tflite"]["candidates"][0]["formats"] == {"head": "int8"}


def test_threads_are_counted():
    assert [threads_text(1), threads_text(2)] == ["1 thread", "2 threads"]


def test_a_verdict_of_another_machine_counts_and_is_shown(exported, capsys):
    _, report = exported
    there = dataclasses.replace(report.files[0].verdict, exported=0.5, drop_points=50.0)
    file = dataclasses.replace(report.files[0], elsewhere={"ai-edge-litert 2.3.0, emulated cortex-a76": there})
    whole = dataclasses.replace(report, files=(file,))
    assert (report.passed, file.verdict.passed, whole.passed) == (True, True, False)
    assert whole.to_dict()["files"][0]["elsewhere"]["ai-edge-litert 2.3.0, emulated cortex-a76"]["passed"] is False
    (line, *_) = refusal_lines(whole)
    assert line == (
        "model.tflite on ai-edge-litert 2.3.0, emulated cortex-a76: accuracy fell by 50.00 points, from 100.00% to "
        "50.00%; at most 0 are allowed"
    )
    Console(width=140).print(to_table(whole))
    (row,) = [row for row in capsys.readouterr().out.splitlines() if "emulated cortex-a76" in row]
    assert "refused" in row
    for page in (to_html(whole), to_model_card(whole)):
        assert "emulated cortex-a76" in page
        assert "+50.00" in page
