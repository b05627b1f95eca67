"""The export's table for the screen, and the lines of a refusal."""

from types import SimpleNamespace

from rich.console import Console

from kbert.export.report import refusal_lines, to_table


def test_brackets_in_names_are_shown(capsys):
    verdict = SimpleNamespace(
        metric="accuracy", examples=60, full=1.0, exported=1.0, drop_points=0.0, agreement=1.0, passed=True
    )
    verdict.drop_interval = (-1.5, 2.0)
    measurement = SimpleNamespace(latency_ms=1.0, cold_start_ms=10.0)
    file = SimpleNamespace(file="model[b].tflite", size_bytes=1000, verdict=verdict, measurement=measurement)
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
    lines = refusal_lines(SimpleNamespace(files=(SimpleNamespace(file="model.tflite", verdict=verdict),)))
    assert lines == [
        "model.tflite: its probabilities of 30 of 60 texts are no numbers",
        "model.tflite: accuracy fell by 50.00 points, from 100.00% to 50.00%; at most 0.5 are allowed",
    ]
