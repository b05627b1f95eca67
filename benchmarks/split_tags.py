"""Splits a file of tagged sentences in two, and says how far the most frequent tag of each word goes.

python benchmarks/split_tags.py FILE OUTPUT [--share 0.8] [--seed 0]

Writes OUTPUT/train.conll and OUTPUT/test.conll: whole sentences, in an order drawn from the seed. The baseline gives
each word of the second the tag that it has most often in the first, and words not seen there the most frequent tag.
"""

import argparse
import random
from collections import Counter, defaultdict
from pathlib import Path

from kbert.data import TaggedTexts, read_tagged_texts
from kbert.problems.entity_metrics import entity_counts, entity_metrics, tag_accuracy, tag_counts

Sentence = tuple[list[str], list[str]]


def sentences_of(data: TaggedTexts) -> list[Sentence]:
    """The words and the tags of each text."""
    rows = zip(data.texts, data.words, data.tags, strict=True)
    return [([text[start:end] for start, end in words], tags) for text, words, tags in rows]


def baseline(train: list[Sentence], test: list[Sentence]) -> list[list[str]]:
    """The tags of `test` by word alone."""
    by_word: dict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in train:
        for word, tag in zip(words, tags, strict=True):
            by_word[word][tag] += 1
    commonest = sum(by_word.values(), Counter()).most_common(1)[0][0]
    return [
        [by_word[word].most_common(1)[0][0] if word in by_word else commonest for word in words] for words, _ in test
    ]


def write(path: Path, sentences: list[Sentence]) -> None:
    lines = ["\n".join(f"{word}\t{tag}" for word, tag in zip(*sentence, strict=True)) for sentence in sentences]
    path.write_text("\n\n".join(lines) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("output", type=Path)
    parser.add_argument("--share", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    data = read_tagged_texts(arguments.file)
    sentences = sentences_of(data)
    random.Random(arguments.seed).shuffle(sentences)
    cut = round(arguments.share * len(sentences))
    train, test = sentences[:cut], sentences[cut:]
    arguments.output.mkdir(parents=True, exist_ok=True)
    write(arguments.output / "train.conll", train)
    write(arguments.output / "test.conll", test)
    expected, predicted = [tags for _, tags in test], baseline(train, test)
    print(f"{len(train)} and {len(test)} sentences")
    print(f"most frequent tag of each word: accuracy {tag_accuracy(tag_counts(expected, predicted).sum(axis=0)):.4f}")
    if data.scheme == "BIO":
        print(f"entity F1 {entity_metrics(entity_counts(expected, predicted))['entity_f1']:.4f}")


if __name__ == "__main__":
    main()
