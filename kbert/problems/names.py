"""The names of the tasks on the command line."""

TASKS = ("text-classification",)
