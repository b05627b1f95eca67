"""The errors that a user of kbert can cause, told apart from defects of kbert."""

from typing import Any


class InputError(ValueError):
    """What the user gave cannot be used: one line says what was expected, what came, and what to do."""


class GateError(Exception):
    """An exported file lost more than `max_drop` allows; nothing was put in place. `report` holds the numbers."""

    def __init__(self, message: str, report: Any) -> None:
        super().__init__(message)
        self.report = report
