"""What a search for settings found, for the screen and as a picture."""

from pathlib import Path
from typing import Any

from rich.table import Table

from kbert.errors import InputError
from kbert.extras import require
from kbert.fine_tuning.search import SearchResult


def settings_table(result: SearchResult) -> Table:
    """A row for every trial, the best first and marked."""
    names = list(result.best.values)
    table = Table(title=f"search for settings, {len(result.trials)} trials")
    for name in ("", "trial", result.metric, *names):
        table.add_column(name, justify="right")
    ranked = sorted(result.trials, key=lambda trial: (trial.score is None, -(trial.score or 0.0), trial.number))
    for trial in ranked:
        table.add_row(
            "→" if trial is result.best else "",
            str(trial.number),
            "failed" if trial.score is None else f"{trial.score:.4f}",
            *(f"{trial.values[name]:.3g}" for name in names),
        )
    return table


def draw_search(result: SearchResult, picture: Path) -> bool:
    """Draws the metric over each setting, with the best trial marked, as a PNG; False without matplotlib."""
    try:
        require("matplotlib", extra="search")
    except InputError:
        return False
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(result.best.values)
    scored = [trial for trial in result.trials if trial.score is not None]
    figure = Figure(figsize=(3 * len(names), 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    panels: Any = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        axes.scatter(
            [trial.values[name] for trial in scored],
            [trial.score for trial in scored],
            c=[trial.number for trial in scored],
            cmap="viridis",
        )
        axes.scatter([result.best.values[name]], [result.best.score], s=160, facecolors="none", edgecolors="tab:red")
        if result.space[name].log:
            axes.set_xscale("log")
        axes.set_xlabel(name)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(f"validation {result.metric}")
    figure.savefig(picture, dpi=120)
    return True
