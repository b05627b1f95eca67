"""A confusion matrix as a picture."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from kbert.evaluation_report.confusion import Confusion
from kbert.extras import require
from kbert.files import explained_disk_errors, new_file

MOST_CLASSES = 25
# With few classes there is room in a cell for the count under the share.
_CLASSES_WITH_COUNTS = 8
_LABEL_LENGTH = 32


def draw_confusion(confusion: Confusion, picture: str | os.PathLike[str], *, most: int = MOST_CLASSES) -> None:
    """Draws the matrix as a PNG: a row an expected class, in shares of that class's examples.

    Of more than `most` classes only those with the most confusions are drawn.

    Raises:
        InputError: matplotlib is not installed (extra `report`); the picture cannot be written.
    """
    require("matplotlib", extra="report")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = confusion.most_confused_classes(most)
    side = 1.2 + max(2.0, len(rows) * (0.7 if len(rows) <= _CLASSES_WITH_COUNTS else 0.38))
    longest = min(_LABEL_LENGTH, max(len(confusion.labels[row]) for row in rows))
    figure = Figure(figsize=(side + 0.09 * longest, side + 0.09 * longest), layout="constrained")
    FigureCanvasAgg(figure)
    _paint(figure.add_subplot(), confusion, rows)
    path = Path(picture)
    with explained_disk_errors(path, "there is no picture"), new_file(path) as temporary:
        figure.savefig(temporary, dpi=100, format="png")


def _paint(axes: Any, confusion: Confusion, rows: np.ndarray) -> None:
    shares = confusion.shares()[np.ix_(rows, rows)]
    counts = confusion.counts[np.ix_(rows, rows)]
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    names = [_short(confusion.labels[row]) for row in rows]
    # Labels are text: a dollar sign in one is no formula.
    axes.set_xticks(range(len(rows)), names, rotation=90, parse_math=False)
    axes.set_yticks(range(len(rows)), names, parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("expected")
    axes.set_title(_title(len(rows), len(confusion.labels)), fontsize=9)
    axes.set_xticks(np.arange(len(rows) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#dddddd", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    for row, column in zip(*np.nonzero(counts), strict=True):
        text = cell_text(float(shares[row, column]), int(counts[row, column]), classes=len(rows))
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)


def cell_text(share: float, count: int, *, classes: int) -> str:
    """What stands in a cell: the share in percent, and the count where there is room."""
    percent = "<1" if share < 0.005 else f"{100 * share:.0f}"
    return f"{percent} %\n{count}" if classes <= _CLASSES_WITH_COUNTS else percent


def _title(shown: int, classes: int) -> str:
    what = "% of each expected class"
    return what if shown == classes else f"{what}; the {shown} of {classes} classes\nwith the most confusions"


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_LENGTH else f"{label[: _LABEL_LENGTH - 1]}…"
