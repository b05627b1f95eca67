"""Pretraining from raw text: settings, the step, the loop, and what a run leaves behind."""

from kbert.pretraining.run import PretrainResult, pretrain
from kbert.pretraining.settings import PretrainSettings
from kbert.pretraining.text_source import TextSource

__all__ = ["PretrainResult", "PretrainSettings", "TextSource", "pretrain"]
