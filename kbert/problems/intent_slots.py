"""The intent of an utterance and its slots, by one model."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import TokenizedTexts
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import IntentSlotTexts, read_intent_slots
from kbert.errors import InputError
from kbert.problems.entity_metrics import entity_counts, entity_f1
from kbert.problems.problem import Outputs
from kbert.problems.word_answers import WordAnswer, say_entities, token_targets, word_answers
from kbert.problems.word_tags import WordTags

INTENT, SLOTS = "intent_logits", "slot_logits"
INTENT_PROBABILITY, SLOT_PROBABILITY = "intent_probability", "slot_probability"


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class IntentSlotAnswer:
    """The probability of every intent, float32 (intents,), and what is said of the words."""

    intent: np.ndarray
    slots: WordAnswer


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntentSlots(WordTags):
    """An answer is an `IntentSlotAnswer`; `labels` are the tags of the slots."""

    task = "intent-slots"
    metrics = ("both_right", "intent_accuracy", "slot_f1")
    heads = {INTENT: INTENT_PROBABILITY, SLOTS: SLOT_PROBABILITY}
    activations = {INTENT: "softmax", SLOTS: "softmax"}
    onnx_outputs = {INTENT: INTENT, SLOTS: SLOTS}

    intents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "intents", tuple(self.intents))  # JSON has lists only

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "intents": list(self.intents)}

    @classmethod
    def settings_of(cls, data: Any) -> dict[str, Any]:
        intents = data.intent_set()
        if len(intents) < 2:
            raise InputError(f"{data.path}: expected at least two intents to tell apart, every row has {intents[0]!r}")
        return {**super().settings_of(data), "intents": intents}

    def widths(self) -> dict[str, int]:
        return {INTENT_PROBABILITY: len(self.intents), SLOT_PROBABILITY: len(self.labels)}

    # --- data

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> IntentSlotTexts:
        return read_intent_slots(path)

    @classmethod
    def labels_of(cls, data: IntentSlotTexts) -> list[str]:
        found = data.label_set()
        if len(found) < 2:
            raise InputError(
                f"{data.path}: expected slots to find, no row has one. For intents alone there is "
                "--task text-classification"
            )
        return found

    def check_labels(self) -> None:
        super().check_labels()
        if len(self.intents) < 2:
            listed = ", ".join(self.intents) or "none"
            raise InputError(f"expected at least two intents to tell apart, got {len(self.intents)}: {listed}")
        repeated = [intent for intent in self.intents if self.intents.count(intent) > 1]
        if repeated:
            raise InputError(f"expected distinct intents, {repeated[0]!r} stands twice")
        if self.is_plain:
            raise InputError(f"expected tags of slots, O or B-SLOT or I-SLOT, got {', '.join(self.labels[:5])}")

    def check(self, data: IntentSlotTexts) -> None:
        super().check(data)
        data.intent_ids(self.intents)

    # --- tokens

    def encode_examples(self, data: IntentSlotTexts) -> TokenizedTexts:
        tokens = self.encode(data.inputs)
        intents = np.asarray(data.intent_ids(self.intents), "int32")
        targets = {
            INTENT: intents[tokens.owners],  # a long text has its intent in each window
            SLOTS: token_targets(data.inputs, tokens, data.label_ids(self.labels)),
        }
        return dataclasses.replace(tokens, targets=targets)

    # --- answers

    def decode(
        self, inputs: Sequence[Any], tokens: TokenizedTexts, outputs: Sequence[Outputs]
    ) -> list[IntentSlotAnswer]:
        """The intent of a text in several windows is the mean over them."""
        slots = word_answers(inputs, tokens, [output[SLOT_PROBABILITY] for output in outputs], self.labels)
        return [
            IntentSlotAnswer(
                intent=np.mean([outputs[row][INTENT_PROBABILITY] for row in rows], axis=0, dtype="float32"), slots=found
            )
            for rows, found in zip(tokens.rows_by_owner(len(inputs)), slots, strict=True)
        ]

    def intent(self, answer: IntentSlotAnswer) -> str:
        """The likeliest intent."""
        return self.intents[int(answer.intent.argmax())]

    def to_dict(self, given: Any, answer: IntentSlotAnswer) -> dict[str, Any]:
        return {
            "text": str(given),
            "intent": self.intent(answer),
            "probability": round(float(answer.intent.max()), 6),
            "entities": self.entities(answer.slots),
        }

    # --- scores

    def score(self, answers: Sequence[IntentSlotAnswer], data: IntentSlotTexts) -> dict[str, float]:
        predicted = [self.tags(answer.slots) for answer in answers]
        right = np.asarray([self.intent(answer) for answer in answers]) == np.asarray(data.intents)
        return {
            "both_right": float(self.main_from_counts(self.counts(answers, data).sum(axis=0))),
            "intent_accuracy": float(right.mean()),
            "slot_f1": float(entity_f1(entity_counts(data.tags, predicted).sum(axis=0))),
        }

    def counts(self, answers: Sequence[IntentSlotAnswer], data: IntentSlotTexts) -> np.ndarray:
        """Of each utterance, whether the intent and all slots are right, and 1."""
        pairs = zip(answers, data.intents, data.tags, strict=True)
        right = [self.intent(answer) == intent and self.tags(answer.slots) == tags for answer, intent, tags in pairs]
        return np.stack([np.asarray(right, "float64"), np.ones(len(right))], axis=1)

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        return np.asarray(sums[..., 0] / sums[..., 1])

    def same(self, one: IntentSlotAnswer, other: IntentSlotAnswer) -> bool:
        return self.intent(one) == self.intent(other) and self.tags(one.slots) == self.tags(other.slots)

    def shift(self, one: IntentSlotAnswer, other: IntentSlotAnswer) -> float:
        return max(float(np.abs(one.intent - other.intent).max()), one.slots.shift(other.slots))

    def is_sound(self, answer: IntentSlotAnswer) -> bool:
        return bool(np.isfinite(answer.intent).all()) and answer.slots.is_sound()

    def nothing(self, answer: IntentSlotAnswer) -> IntentSlotAnswer:
        return IntentSlotAnswer(intent=np.zeros_like(answer.intent), slots=answer.slots.emptied())

    def say(self, answer: IntentSlotAnswer) -> str:
        slots = answer.slots.entities(self.labels, str(self.scheme))
        return f"{self.intent(answer)}: {say_entities(answer.slots.text, [slot[:3] for slot in slots])}"

    def expected(self, data: IntentSlotTexts, index: int) -> str:
        return f"{data.intents[index]}: {say_entities(data.texts[index], data.spans(index))}"

    def confidence(self, answer: IntentSlotAnswer, of: IntentSlotAnswer) -> float:
        """That of the intent."""
        return float(answer.intent[int(of.intent.argmax())])
