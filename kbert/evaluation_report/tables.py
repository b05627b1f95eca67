"""A report for the screen. Labels and texts are data: no markup in them is obeyed, and no control character sent."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from kbert.evaluation_report.calibration import Calibration
from kbert.evaluation_report.confusion import Confusion
from kbert.evaluation_report.examples import SlowExample, WrongExample
from kbert.evaluation_report.per_class import ClassScores, shown_classes
from kbert.evaluation_report.report import EvaluationReport

MOST_CLASSES = 20
MOST_CONFUSIONS = 10
# No terminal shows more in a line; a whole book need not be laid out to be cut.
_LONGEST_LINE = 1000
# Letters of Persian and Hindi are joined and kept apart by these two, which do nothing else.
_JOINERS = "\u200c\u200d"


def report_tables(report: EvaluationReport) -> Iterator[RenderableType]:
    """All parts that a report has, to be printed one after the other."""
    if report.classes:
        yield class_table(report.classes)
    if report.confusion is not None:
        yield confusion_lines(report.confusion)
    if report.calibration is not None:
        yield calibration_table(report.calibration)
    if report.worst:
        yield wrong_table(report.worst)
    if report.slowest:
        yield slow_table(report.slowest)


def class_table(scores: Sequence[ClassScores], *, most: int = MOST_CLASSES) -> Table:
    """A row a class, by support; of many classes those of lowest F1, and how many there are beside them."""
    shown = shown_classes(scores, most)
    table = _table("scores by class", ("precision", "recall", "F1", "support"), first="label")
    for row in shown:
        table.add_row(
            printable(row.label), f"{row.precision:.4f}", f"{row.recall:.4f}", f"{row.f1:.4f}", str(row.support)
        )
    if len(shown) < len(scores):
        left_out = len(scores) - len(shown)
        table.caption = f"the {len(shown)} of lowest F1; {left_out} of {len(scores)} left out"
    return table


def confusion_lines(confusion: Confusion, *, most: int = MOST_CONFUSIONS) -> Text:
    """The most frequent confusions, one a line: `expected -> predicted: n`."""
    pairs = confusion.most_frequent(most)
    if not pairs:
        return Text("no confusions")
    lines = [
        Text("  ") + printable(pair.expected) + " -> " + printable(pair.predicted) + f": {pair.count}" for pair in pairs
    ]
    return Text("\n").join([Text("most frequent confusions (expected -> predicted)"), *lines])


def calibration_table(calibration: Calibration) -> Table:
    """A row a bin that holds anything."""
    table = _table("calibration", ("answers", "mean probability", "share right"), first="probability")
    for row in calibration.bins:
        if row.mean_probability is not None and row.share_right is not None:
            between = Text(f"{row.lower:.3f} to {row.upper:.3f}")
            table.add_row(between, str(row.count), f"{row.mean_probability:.4f}", f"{row.share_right:.4f}")
    table.caption = (
        f"expected calibration error {calibration.expected_calibration_error:.4f}\n"
        f"Brier score {calibration.brier_score:.4f}"
    )
    return table


def wrong_table(examples: Sequence[WrongExample]) -> Table:
    """A line an example, its text cut to what the terminal has room for."""
    table = Table(title="most wrong", expand=True)
    table.add_column("probability", justify="right", no_wrap=True)
    # Labels matter here, and are folded; the text takes what they leave.
    table.add_column("predicted", overflow="fold", max_width=28)
    table.add_column("expected", overflow="fold", max_width=28)
    table.add_column("text", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in examples:
        said = "" if row.probability is None else f"{row.probability:.4f}"
        table.add_row(said, printable(row.predicted), printable(row.expected), printable(row.text))
    return table


def slow_table(examples: Sequence[SlowExample]) -> Table:
    """A line an example, its text cut to what the terminal has room for."""
    table = Table(title="slowest", expand=True)
    table.add_column("latency", justify="right", no_wrap=True)
    table.add_column("characters", justify="right", no_wrap=True)
    table.add_column("text", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in examples:
        table.add_row(f"{row.latency_ms:.2f} ms", str(row.characters), printable(row.text))
    return table


def printable(text: str) -> Text:
    """A text as one line without markup: spaces for line breaks, other control characters as escapes."""
    line = " ".join(text[:_LONGEST_LINE].split())
    return Text("".join(c if c.isprintable() or c in _JOINERS else ascii(c)[1:-1] for c in line))


def _table(title: str, numbers: Sequence[str], *, first: str) -> Table:
    table = Table(title=title)
    table.add_column(first, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table
