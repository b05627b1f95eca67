"""What long work shows on the screen, and how Ctrl-C stops it between two steps."""

import contextlib
import math
import signal
from collections.abc import Iterator
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Interruption:
    """Set by the first Ctrl-C (or SIGTERM); the second one stops at once."""

    def __init__(self) -> None:
        self.requested = False

    @contextlib.contextmanager
    def watch(self) -> Iterator["Interruption"]:
        """Takes over the signals for a while; outside the main thread, where Python allows none, does nothing."""
        previous: dict[signal.Signals, Any] = {}
        with contextlib.suppress(ValueError):
            for number in (signal.SIGINT, signal.SIGTERM):
                previous[number] = signal.signal(number, self._handle)
        try:
            yield self
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _handle(self, number: int, frame: Any) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


class TrainingProgress:
    """One line: stage (such as the epoch), loss, the last metric, steps done, time taken and time left."""

    def __init__(self, total_steps: int, done_steps: int, *, show: bool) -> None:
        self._bar = Progress(
            TextColumn("{task.fields[stage]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TextColumn("{task.fields[metric]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not show,
        )
        self._task = self._bar.add_task(
            "", total=total_steps, completed=done_steps, stage="training", loss="…", metric=""
        )

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._bar.stop()

    def update(self, *, advance: int = 0, **fields: Any) -> None:
        """Moves on by so many steps; `fields` are `stage`, `loss` and `metric`, as texts."""
        self._bar.update(self._task, advance=advance, **fields)

    def say(self, line: str) -> None:
        """A line that stays, above the moving one."""
        self._bar.console.print(line, highlight=False)


class StepCallback(keras.callbacks.Callback):
    """Moves the progress on and stops training after the step in which an interruption came.

    `must_be_finite` stops it too after a step whose loss is no number.
    """

    def __init__(self, progress: TrainingProgress, interruption: Interruption, *, must_be_finite: bool = False) -> None:
        super().__init__()
        self.must_be_finite = must_be_finite
        self.progress = progress
        self.interruption = interruption
        self.steps = 0
        self.losses: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        # Otherwise the loss in `logs` is the mean over the epoch so far, not that of the batch.
        self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.steps += 1
        loss = float(logs["loss"])
        self.losses.append(loss)
        self.progress.update(advance=1, loss=f"{loss:.4f}")
        if self.interruption.requested or (self.must_be_finite and not math.isfinite(loss)):
            self.model.stop_training = True
