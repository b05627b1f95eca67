"""What answers to questions are worth without understanding: spans drawn from the text by chance.

python benchmarks/question_baseline.py TRAIN.json TEST.json

Lengths in words are drawn from the answers of the training questions, places from the whole text, or from the sentence
that shares most words with the question. Means over 200 draws, in SQuAD's F1 and exact match.
"""

import re
import string
import sys
from collections.abc import Callable

import numpy as np

from kbert.data import read_questions
from kbert.problems.squad_metrics import answer_scores

DRAWS = 200


def main(train_file: str, test_file: str) -> None:
    """Prints a line for each baseline."""
    train, test = read_questions(train_file), read_questions(test_file)
    lengths = [len(answers[0][1].split()) for answers in train.answers if answers]
    right = [[text for _, text in answers] for answers in test.answers]
    sources: dict[str, Callable[[str, str], str]] = {
        "a span of the text": lambda question, context: context,
        "a span of the nearest sentence": nearest_sentence,
    }
    for name, source in sources.items():
        random = np.random.default_rng(0)
        texts = [source(*given).split() for given in test.inputs]
        f1, exact = np.mean(
            [
                (scores.f1.mean(), scores.exact.mean())
                for scores in (
                    answer_scores([draw(words, lengths, random) for words in texts], right) for _ in range(DRAWS)
                )
            ],
            axis=0,
        )
        print(f"{name}: F1 {100 * f1:.2f}, exact match {100 * exact:.2f}")


def draw(words: list[str], lengths: list[int], random: np.random.Generator) -> str:
    """A span of as many words as some answer has, without the punctuation around it."""
    length = min(len(words), int(random.choice(lengths)))
    start = int(random.integers(len(words) - length + 1))
    return " ".join(words[start : start + length]).strip(string.punctuation)


def nearest_sentence(question: str, context: str) -> str:
    """The sentence of a text that has most of a question's words."""
    asked = set(re.findall(r"\w+", question.lower()))
    sentences = re.split(r"(?<=[.!?])\s+", context)
    return max(sentences, key=lambda sentence: len(asked & set(re.findall(r"\w+", sentence.lower()))))


if __name__ == "__main__":
    main(*sys.argv[1:])
