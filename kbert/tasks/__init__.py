"""One Keras model a task."""

from kbert.tasks.question_answerer import AnswerPrediction, QuestionAnswerer
from kbert.tasks.text_classifier import ClassPrediction, TextClassifier

__all__ = ["AnswerPrediction", "ClassPrediction", "QuestionAnswerer", "TextClassifier"]
