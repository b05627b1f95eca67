"""One Keras model a task."""

from kbert.tasks.text_classifier import ClassPrediction, TextClassifier

__all__ = ["ClassPrediction", "TextClassifier"]
