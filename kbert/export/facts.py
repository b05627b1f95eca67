"""What an exported file knows of itself, so that text goes in and a label comes out of the file alone."""

import dataclasses
import functools
import json
from collections.abc import Mapping
from typing import Any

from kbert.errors import InputError
from kbert.problems.kinds import make_problem, problem_class
from kbert.problems.problem import Problem
from kbert.tokenizer import BertTokenizer

FACTS_FILE = "kbert.json"
VOCABULARY_FILE = "vocab.txt"
LABELS_FILE = "labels.txt"
# Of an export directory: what the task needs beyond labels, such as a threshold.
TASK_FILE = "task.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArtefactFacts:
    """Carried inside an exported file: the task, the labels, the tokenizer and the longest text, in tokens.

    `task_settings` are those of the task's problem, such as a threshold.
    """

    task: str
    labels: tuple[str, ...]
    tokenizer: BertTokenizer
    max_length: int
    scheme: str
    kbert_version: str
    task_settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @functools.cached_property  # asked for with every text that is run
    def problem(self) -> Problem:
        """What the file is asked, and what its outputs mean."""
        return make_problem(self.task, self.labels, self.tokenizer, self.max_length, self.task_settings)

    def to_files(self) -> dict[str, bytes]:
        """As the associated files of a TFLite model."""
        settings = {
            "task": self.task,
            "lowercase": self.tokenizer.lowercase,
            "strip_accents": self.tokenizer.strip_accents,
            "split_chinese": self.tokenizer.split_chinese,
            "max_length": self.max_length,
            "scheme": self.scheme,
            "kbert_version": self.kbert_version,
        }
        if self.task_settings:
            settings["task_settings"] = dict(self.task_settings)
        files = {VOCABULARY_FILE: _lines(self.tokenizer.vocabulary), FACTS_FILE: json.dumps(settings).encode()}
        return files | ({LABELS_FILE: _lines(self.labels)} if self.labels else {})

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], source: str) -> "ArtefactFacts":
        """The opposite of `to_files`; `source` names the model in errors.

        Raises:
            InputError: one is missing or unsound: the file was not made by kbert, or was changed since.
        """
        needed = [FACTS_FILE, VOCABULARY_FILE]
        if FACTS_FILE not in files or _has_labels(files[FACTS_FILE]):
            needed.append(LABELS_FILE)
        for name in needed:
            if name not in files:
                raise InputError(f"{source}: expected {name} inside, found none: not a file that kbert exported")
        try:
            settings = json.loads(files[FACTS_FILE])
            tokenizer = BertTokenizer(
                _read_lines(files[VOCABULARY_FILE]),
                lowercase=settings["lowercase"],
                strip_accents=settings["strip_accents"],
                split_chinese=settings["split_chinese"],
            )
            return cls(
                task=settings["task"],
                labels=tuple(_read_lines(files[LABELS_FILE])) if LABELS_FILE in needed else (),
                tokenizer=tokenizer,
                max_length=settings["max_length"],
                scheme=settings["scheme"],
                kbert_version=settings["kbert_version"],
                task_settings=settings.get("task_settings", {}),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{source}: expected the facts that kbert writes, could not read them ({error})") from None


def _has_labels(settings: bytes) -> bool:
    """Whether the task that the settings name has labels; damaged settings are met later."""
    try:
        return problem_class(json.loads(settings)["task"]).has_labels
    except (ValueError, KeyError, TypeError):
        return True


def _lines(values: tuple[str, ...] | list[str]) -> bytes:
    return "".join(f"{value}\n" for value in values).encode()


def _read_lines(data: bytes) -> list[str]:
    return data.decode("utf-8").removesuffix("\n").split("\n")
