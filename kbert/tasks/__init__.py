"""One Keras model a task."""

from kbert.tasks.text_classifier import ClassPrediction, TextClassifier
from kbert.tasks.text_embedder import TextEmbedder, TextEmbedding, TextSimilarity

__all__ = ["ClassPrediction", "TextClassifier", "TextEmbedder", "TextEmbedding", "TextSimilarity"]
