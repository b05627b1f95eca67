"""The errors that a user of kbert can cause, told apart from defects of kbert."""


class InputError(ValueError):
    """What the user gave cannot be used: one line says what was expected, what came, and what to do."""


class GateError(Exception):
    """An exported file lost more than `--max-drop` allows; nothing was put in place."""
