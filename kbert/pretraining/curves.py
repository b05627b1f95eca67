"""What a run leaves behind of its course: `metrics.jsonl`, TensorBoard's event files, a picture."""

import json
import os
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.files import explained_disk_errors, new_file


class MetricsLog:
    """One JSON object a line: `step` and either `train` or `validation`, an object of numbers."""

    def __init__(self, path: Path, *, first_step: int, tensorboard: str | os.PathLike[str] | None = None) -> None:
        """Opens the log for the steps after `first_step`; what an interrupted run wrote beyond it goes."""
        self.path = path
        self._writer: Any = None
        if tensorboard is not None:
            import tensorflow as tf

            self._writer = tf.summary.create_file_writer(os.fspath(tensorboard))
        kept = [row for row in read_metrics(path) if row["step"] <= first_step] if path.is_file() else []
        with explained_disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with new_file(path) as temporary:
                temporary.write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")

    def write(self, step: int, kind: str, metrics: dict[str, float]) -> None:
        """Appends a line; `kind` is train or validation."""
        with explained_disk_errors(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, kind: metrics}) + "\n")
        if self._writer is not None:
            import tensorflow as tf

            with self._writer.as_default():
                for name, value in metrics.items():
                    tf.summary.scalar(f"{kind}/{name}", value, step)


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The lines of a `metrics.jsonl`; one that a kill cut short is left out."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def draw_curves(metrics: Path, picture: Path) -> bool:
    """Draws loss and accuracy over the steps as a PNG; False where matplotlib is not installed."""
    from kbert.extras import require

    try:
        require("matplotlib", extra="report")
    except InputError:
        return False
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = read_metrics(metrics)
    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = (("loss", "loss (nats)"), ("masked_accuracy", "masked accuracy"))
    for axes, (name, label) in zip(figure.subplots(1, 2), panels, strict=True):
        for kind in ("train", "validation"):
            points = [(row["step"], row[kind][name]) for row in rows if name in row.get(kind, {})]
            if points:
                axes.plot(*zip(*points, strict=True), label=kind, marker="o" if len(points) < 30 else None)
        axes.set_xlabel("step")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend()
    figure.savefig(picture, dpi=120)
    return True
