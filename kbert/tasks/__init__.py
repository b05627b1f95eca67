"""One Keras model a task."""

from kbert.tasks.intent_slot_classifier import IntentSlotClassifier, IntentSlotPrediction
from kbert.tasks.question_answerer import AnswerPrediction, QuestionAnswerer
from kbert.tasks.text_classifier import ClassPrediction, TextClassifier
from kbert.tasks.text_embedder import TextEmbedder, TextEmbedding, TextSimilarity
from kbert.tasks.token_classifier import Entity, TaggedWord, TokenClassifier, TokenPrediction

__all__ = [
    "AnswerPrediction",
    "ClassPrediction",
    "Entity",
    "IntentSlotClassifier",
    "IntentSlotPrediction",
    "QuestionAnswerer",
    "TaggedWord",
    "TextClassifier",
    "TextEmbedder",
    "TextEmbedding",
    "TextSimilarity",
    "TokenClassifier",
    "TokenPrediction",
]
