"""A fine-tuned run to the file that a budget allows, by all means that there are."""

from kbert.compression.compress import CompressResult, LadderError, Rung, compress
from kbert.compression.ladder import Step, trained_steps, untaught_steps

__all__ = ["CompressResult", "LadderError", "Rung", "Step", "compress", "trained_steps", "untaught_steps"]
