"""A fine-tuned run to the file that a budget allows, by all means that there are."""

from kbert.compression.compress import CompressResult, LadderError, compress
from kbert.compression.ladder import Step, trained_steps, untaught_steps
from kbert.compression.workshop import Rung

__all__ = ["CompressResult", "LadderError", "Rung", "Step", "compress", "trained_steps", "untaught_steps"]
