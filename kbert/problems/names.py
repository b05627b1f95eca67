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
