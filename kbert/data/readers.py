"""Every data set and its reader by name; each kind has a module of its own."""

from kbert.data.data_set import DataSet, TextInput
from kbert.data.intent_slots import IntentSlotTexts, read_intent_slots
from kbert.data.label_sets import LabelSets, read_label_sets
from kbert.data.labelled_texts import LabelledTexts, has_pair_columns, read_labelled_texts, read_pairs, read_texts
from kbert.data.questions import Questions, read_questions
from kbert.data.scored_texts import ScoredTexts, read_scored_texts
from kbert.data.tables import read_text_file
from kbert.data.tagged_texts import TaggedTexts, read_tagged_texts
from kbert.data.triplets import Triplets, read_triplets

__all__ = [
    "DataSet",
    "IntentSlotTexts",
    "LabelSets",
    "LabelledTexts",
    "Questions",
    "ScoredTexts",
    "TaggedTexts",
    "TextInput",
    "Triplets",
    "has_pair_columns",
    "read_intent_slots",
    "read_label_sets",
    "read_labelled_texts",
    "read_pairs",
    "read_questions",
    "read_scored_texts",
    "read_tagged_texts",
    "read_text_file",
    "read_texts",
    "read_triplets",
]
