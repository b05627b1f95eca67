"""One Keras model a task."""

from kbert.tasks.intent_slot_classifier import IntentSlotClassifier, IntentSlotPrediction
from kbert.tasks.text_classifier import ClassPrediction, TextClassifier
from kbert.tasks.token_classifier import Entity, TaggedWord, TokenClassifier, TokenPrediction

__all__ = [
    "ClassPrediction",
    "Entity",
    "IntentSlotClassifier",
    "IntentSlotPrediction",
    "TaggedWord",
    "TextClassifier",
    "TokenClassifier",
    "TokenPrediction",
]
