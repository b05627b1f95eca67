"""What an exported file knows of itself, so that text goes in and a label comes out of the file alone."""

import dataclasses
import json
from collections.abc import Mapping

from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer

FACTS_FILE = "kbert.json"
VOCABULARY_FILE = "vocab.txt"
LABELS_FILE = "labels.txt"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArtefactFacts:
    """Carried inside an exported file: the task, the labels, the tokenizer and the longest text, in tokens."""

    task: str
    labels: tuple[str, ...]
    tokenizer: BertTokenizer
    max_length: int
    scheme: str
    kbert_version: str

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
        return {
            VOCABULARY_FILE: _lines(self.tokenizer.vocabulary),
            LABELS_FILE: _lines(self.labels),
            FACTS_FILE: json.dumps(settings).encode(),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], source: str) -> "ArtefactFacts":
        """The opposite of `to_files`; `source` names the model in errors.

        Raises:
            InputError: one is missing or unsound: the file was not made by kbert, or was changed since.
        """
        for name in (FACTS_FILE, VOCABULARY_FILE, LABELS_FILE):
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
                labels=tuple(_read_lines(files[LABELS_FILE])),
                tokenizer=tokenizer,
                max_length=settings["max_length"],
                scheme=settings["scheme"],
                kbert_version=settings["kbert_version"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{source}: expected the facts that kbert writes, could not read them ({error})") from None


def _lines(values: tuple[str, ...] | list[str]) -> bytes:
    return "".join(f"{value}\n" for value in values).encode()


def _read_lines(data: bytes) -> list[str]:
    return data.decode("utf-8").removesuffix("\n").split("\n")
