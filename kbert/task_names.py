"""The names of the tasks on the command line."""

TASKS = (
    "text-classification",
    "multi-label",
    "regression",
    "token-classification",
    "intent-slots",
    "question-answering",
    "embedding",
)
# What an epoch of any task may be chosen by.
METRICS = (
    "accuracy",
    "macro_f1",
    "micro_f1",
    "exact_match",
    "pearson",
    "spearman",
    "entity_f1",
    "both_right",
    "intent_accuracy",
    "slot_f1",
    "f1",
)
