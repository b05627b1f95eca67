"""A tag for each word: entities, or plain tags such as parts of speech."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from kbert.data.batching import LOGITS, TokenizedTexts
from kbert.data.column_names import USUAL, ColumnNames
from kbert.data.readers import TaggedTexts, read_tagged_texts
from kbert.errors import InputError
from kbert.evaluation_report import EvaluationReport, entity_report, tag_report
from kbert.problems.classification import PROBABILITY
from kbert.problems.entity_metrics import entity_counts, entity_f1, entity_metrics, tag_accuracy, tag_counts
from kbert.problems.problem import Outputs
from kbert.problems.word_answers import WordAnswer, say_entities, say_tags, token_targets, word_answers
from kbert.problems.word_tags import PLAIN, WordTags


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tagging(WordTags):
    """An answer is a `WordAnswer`."""

    task = "token-classification"
    metrics = ("entity_f1", "accuracy")
    heads = {LOGITS: PROBABILITY}
    activations = {LOGITS: "softmax"}
    onnx_outputs = {LOGITS: "logits"}

    @property
    def main_metric(self) -> str:
        return "accuracy" if self.is_plain else "entity_f1"

    @classmethod
    def metrics_of(cls, data: TaggedTexts) -> tuple[str, ...]:
        return ("accuracy",) if data.scheme == PLAIN else cls.metrics

    @classmethod
    def read(cls, path: str | os.PathLike[str], columns: ColumnNames = USUAL) -> TaggedTexts:
        return read_tagged_texts(path, columns=columns.names)

    @classmethod
    def labels_of(cls, data: TaggedTexts) -> list[str]:
        found = data.label_set()
        if len(found) < 2:
            raise InputError(f"{data.path}: expected at least two tags to tell apart, every word has {found[0]!r}")
        return found

    def encode_examples(self, data: TaggedTexts) -> TokenizedTexts:
        tokens = self.encode(data.inputs)
        targets = token_targets(data.inputs, tokens, data.label_ids(self.labels))
        return dataclasses.replace(tokens, targets={LOGITS: targets})

    def decode(self, inputs: Sequence[Any], tokens: TokenizedTexts, outputs: Sequence[Outputs]) -> list[WordAnswer]:
        return word_answers(inputs, tokens, [output[PROBABILITY] for output in outputs], self.labels)

    def to_dict(self, given: Any, answer: WordAnswer) -> dict[str, Any]:
        if not self.is_plain:
            return {"text": answer.text, "entities": self.entities(answer)}
        rows = zip(answer.words, self.tags(answer), answer.probabilities.max(axis=1), strict=True)
        tags = [
            {"text": answer.text[start:end], "tag": tag, "start": start, "end": end, "score": round(float(score), 6)}
            for (start, end), tag, score in rows
        ]
        return {"text": answer.text, "tags": tags}

    def score(self, answers: Sequence[WordAnswer], data: TaggedTexts) -> dict[str, float]:
        predicted = [self.tags(answer) for answer in answers]
        accuracy = {"accuracy": float(tag_accuracy(tag_counts(data.tags, predicted).sum(axis=0)))}
        return accuracy if self.is_plain else entity_metrics(entity_counts(data.tags, predicted)) | accuracy

    def report(self, answers: Sequence[WordAnswer], data: TaggedTexts, *, worst: int = 0) -> EvaluationReport:
        predicted = [self.tags(answer) for answer in answers]
        plain = self.is_plain
        found = tag_report(data.tags, predicted, self.labels) if plain else entity_report(data.tags, predicted)
        return dataclasses.replace(found, worst=super().report(answers, data, worst=worst).worst)

    def counts(self, answers: Sequence[WordAnswer], data: TaggedTexts) -> np.ndarray:
        count = tag_counts if self.is_plain else entity_counts
        return count(data.tags, [self.tags(answer) for answer in answers]).astype("float64")

    def main_from_counts(self, sums: np.ndarray) -> np.ndarray:
        return tag_accuracy(sums) if self.is_plain else entity_f1(sums)

    def same(self, one: WordAnswer, other: WordAnswer) -> bool:
        return self.tags(one) == self.tags(other)

    def shift(self, one: WordAnswer, other: WordAnswer) -> float:
        return one.shift(other)

    def is_sound(self, answer: WordAnswer) -> bool:
        return answer.is_sound()

    def nothing(self, answer: WordAnswer) -> WordAnswer:
        return answer.emptied()

    def say(self, answer: WordAnswer) -> str:
        if self.is_plain:
            return say_tags(answer.text, answer.words, self.tags(answer))
        return say_entities(answer.text, [entity[:3] for entity in answer.entities(self.labels, str(self.scheme))])

    def expected(self, data: TaggedTexts, index: int) -> str:
        if self.is_plain:
            return say_tags(data.texts[index], data.words[index], data.tags[index])
        return say_entities(data.texts[index], data.spans(index))

    def confidence(self, answer: WordAnswer, of: WordAnswer) -> float:
        """The mean over the words; of a text without words 1."""
        if not len(answer.words):
            return 1.0
        best = of.probabilities.argmax(axis=1)
        return float(answer.probabilities[np.arange(len(best)), best].mean())
