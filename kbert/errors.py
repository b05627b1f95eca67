"""The errors that a user of kbert can cause, told apart from defects of kbert."""

from typing import Any


class InputError(ValueError):
    """What the user gave cannot be used: one line says what was expected, what came, and what to do."""


def check_setting(condition: bool, name: str, value: Any, expected: str) -> None:
    """Raises InputError unless the condition on a setting's value holds."""
    if not condition:
        raise InputError(f"{name} must be {expected}. Received: {value}")


class GateError(Exception):
    """An exported file lost more than `max_drop` allows; nothing was put in place. `report` holds the numbers."""

    def __init__(self, message: str, report: Any) -> None:
        super().__init__(message)
        self.report = report
