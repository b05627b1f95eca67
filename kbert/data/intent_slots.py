"""Utterances with an intent, and slots in the text: for joint classification and tagging."""

import dataclasses
import os
from collections import Counter
from collections.abc import Iterator, Sequence

from kbert.data.data_set import length_prefixed
from kbert.data.labels import LabelIds, describe_imbalance, sorted_labels
from kbert.data.span_rows import read_span_rows
from kbert.data.tables import read_objects, text_field
from kbert.data.tagged_texts import TaggedTexts
from kbert.errors import InputError

INTENT_COLUMNS = ("intent", "label")


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntentSlotTexts(TaggedTexts):
    """Tagged texts (`label_set`, `label_ids` are those of the slots' tags) with an intent each."""

    intents: list[str]

    def intent_counts(self) -> dict[str, int]:
        """How often each intent occurs, in `intent_set` order."""
        counts = Counter(self.intents)
        return {intent: counts[intent] for intent in self.intent_set()}

    def intent_set(self) -> list[str]:
        """The distinct intents, sorted."""
        return sorted_labels(self.intents)

    def intent_ids(self, intents: Sequence[str]) -> list[int]:
        """The intents as positions in `intents`.

        Raises:
            InputError: a text has an intent that is not among them; says which text.
        """
        ids = LabelIds(intents)
        rows = zip(self.intents, self.line_numbers, strict=True)
        return [ids.of(intent, f"{self.path}:{line_number}") for intent, line_number in rows]

    def describe(self) -> str:
        """How many texts, intents and slots there are, and how unequal: one line for a person."""
        slots, intents = self.label_counts(), self.intent_counts()
        line = f"{len(self)} texts, {len(intents)} intents{describe_imbalance(intents)}"
        return f"{line}; {sum(slots.values())} slots of {len(slots)} kinds{describe_imbalance(slots, unit='')}"

    def fingerprint_rows(self) -> Iterator[str]:
        for intent, row in zip(self.intents, super().fingerprint_rows(), strict=True):
            yield f"intent {length_prefixed(intent)}{row}"


def read_intent_slots(path: str | os.PathLike[str]) -> IntentSlotTexts:
    """Reads a `.jsonl` of objects with `text`, `intent` and `slots`: a list of [start, end, label] in code points.

    Raises:
        InputError: as `read_tagged_texts`, or an intent is missing or empty; with file and line number.
    """
    path = os.fspath(path)
    rows = read_objects(path)
    name = next((name for name in INTENT_COLUMNS if name in rows[0][1]), INTENT_COLUMNS[0])
    intents = []
    for line_number, row in rows:
        intent = text_field(path, line_number, row, name)
        if not intent.strip():
            raise InputError(f"{path}:{line_number}: expected an intent in {name!r}, it is empty")
        intents.append(intent)
    spans = read_span_rows(path, rows)
    return IntentSlotTexts(
        path=path,
        texts=spans.texts,
        words=spans.words,
        tags=spans.tags,
        scheme="BIO",
        intents=intents,
        line_numbers=[line_number for line_number, _ in rows],
        warnings=spans.warnings,
    )
