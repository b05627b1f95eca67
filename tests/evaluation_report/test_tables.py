"""What the screen shows."""

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from kbert.evaluation_report import ClassScores, SlowExample, WrongExample, class_calibration, count_confusions
from kbert.evaluation_report.tables import (
    calibration_table,
    class_table,
    confusion_lines,
    printable,
    slow_table,
    wrong_table,
)


def shown(renderable: object, width: int = 80) -> str:
    console = Console(width=width, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    lines = capture.get()
    assert max(cell_len(line) for line in lines.splitlines()) <= width
    return lines


def rows_of(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]


def row(label: str, f1: float, support: int) -> ClassScores:
    return ClassScores(label=label, precision=0.25, recall=0.125, f1=f1, support=support)


def test_classes_by_support():
    rows = rows_of(shown(class_table([row("few [b]x[/b]", 0.5, 3), row("many", 0.75, 20)])))
    assert rows == [["many", "0.2500", "0.1250", "0.7500", "20"], ["few [b]x[/b]", "0.2500", "0.1250", "0.5000", "3"]]


def test_many_classes_are_cut_to_the_worst():
    text = shown(class_table([row(f"c{i}", i / 100, 5) for i in range(77)]))
    assert {cells[0] for cells in rows_of(text)} == {f"c{i}" for i in range(20)}
    assert "the 20 of lowest F1; 57 of 77 left out" in text
    assert "left out" not in shown(class_table([row(f"c{i}", i / 100, 5) for i in range(20)]))


def test_confusions_as_lines():
    found = count_confusions(np.array([0, 0, 1]), np.array([1, 1, 0]), ["[red]a", "b"])
    assert shown(confusion_lines(found)).splitlines() == [
        "most frequent confusions (expected -> predicted)",
        "  [red]a -> b: 2",
        "  b -> [red]a: 1",
    ]
    assert shown(confusion_lines(count_confusions(np.array([0]), np.array([0]), ["a", "b"]))) == "no confusions\n"


def test_ten_confusions_and_no_more():
    ends = np.arange(12)
    found = count_confusions(ends, (ends + 1) % 12, [str(i) for i in ends])
    assert len(shown(confusion_lines(found)).splitlines()) == 11


def test_calibration_leaves_out_empty_bins():
    text = shown(calibration_table(class_calibration(np.array([0]), np.array([[0.8, 0.2]]))))
    assert rows_of(text) == [["0.733 to 0.800", "1", "0.8000", "1.0000"]]
    assert [line.strip() for line in text.splitlines()[-2:]] == [
        "expected calibration error 0.2000",
        "Brier score 0.0800",
    ]


WRONG = WrongExample(index=0, text="", expected="card_arrival", predicted="card_delivery_estimate", probability=0.98765)


@pytest.mark.parametrize("width", [50, 80, 120])
@pytest.mark.parametrize("text", ["word " * 5000, "北京" * 500, "[bold]not bold[/bold] \x1b[31mred\nnext"])
def test_a_text_takes_one_line_of_any_terminal(width, text):
    examples = [WrongExample(**{**WRONG.to_dict(), "text": text}), WRONG]
    slow = [SlowExample(index=0, text=text, characters=len(text), latency_ms=1234.5)]
    assert shown(slow_table(slow), width).count("\n") == 6  # the title, four lines of frame and heads, the example
    table = shown(wrong_table(examples), width)
    assert "\x1b" not in table
    assert table.count("0.9877") == 2


def test_labels_are_not_cut():
    cells = rows_of(shown(wrong_table([WRONG]), 80))
    assert cells[0][:3] == ["0.9877", "card_delivery_estimate", "card_arrival"]


def test_markup_and_control_characters_are_shown_not_obeyed():
    assert printable("[bold]a[/bold]\n\tb\x1b[31m\x07").plain == "[bold]a[/bold] b\\x1b[31m\\x07"
    # An override of the writing direction would turn the rest of the line around.
    assert printable("a\u202eb").plain == "a\\u202eb"
    # What joins letters of Persian stays.
    assert printable("می\u200cخواهم").plain == "می\u200cخواهم"
    assert shown(slow_table([SlowExample(index=0, text="[b]x[/b]", characters=8, latency_ms=1)])).count("[b]x[/b]") == 1
