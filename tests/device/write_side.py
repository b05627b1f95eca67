"""Writes into a folder what Python makes of texts, for the JVM tests to compare: `write_side.py FOLDER [SHARED]`.

`write_side.py FOLDER export` writes one tiny classifier in both formats and nothing else.

A process of its own, since the tests of a folder cannot import each other.
"""

import sys
from pathlib import Path

from parity import (
    RANDOM_TEXTS,
    SETTINGS,
    every_code_point,
    random_texts,
    spelling_vocabulary,
    write_parity,
    write_vocabulary,
    write_words,
)
from tiny_models import TEXTS, inputs_of, models, write_answers, write_export, write_polarity

from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

VOCABULARIES = {"uncased": True, "cased": False, "multilingual-cased": False, "chinese": True}
# One output of a text, two of which one is of tokens, two of tokens.
IN_TFLITE = ("text-classification", "intent-slots", "question-answering")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["good", "bad", "film", "day", "##s", "the", "a", "was", ".", ",", "!", "ad", "##ad", "é", "中", "3"]


def main() -> None:
    folder = Path(sys.argv[1])
    if sys.argv[2:] == ["export"]:
        _, model = next(models(small_tokenizer()))
        write_export(folder / "exported", model, {"onnx/model.onnx": "onnx", "model.tflite": "tflite"})
        return
    texts = random_texts(RANDOM_TEXTS)
    write_tokens(folder, texts)
    write_models(folder, texts)
    if len(sys.argv) > 2:
        shared = Path(sys.argv[2])
        for number, (name, lowercase) in enumerate(VOCABULARIES.items()):
            path = shared / "data" / "vocabs" / f"bert-base-{name}.vocab.txt"
            write_parity(folder / f"google-{name}.jsonl", BertTokenizer(path, lowercase), path, texts[number::4])
        write_polarity(folder, shared)


def write_tokens(folder: Path, texts: list[str]) -> None:
    path, vocabulary, every = folder / "vocab.txt", spelling_vocabulary(), every_code_point()
    write_vocabulary(path, vocabulary)
    for number, (lowercase, strip_accents, split_chinese) in enumerate(SETTINGS):
        tokenizer = BertTokenizer(vocabulary, lowercase, strip_accents=strip_accents, split_chinese=split_chinese)
        write_parity(folder / f"tokens-{number}.jsonl", tokenizer, path, texts[number::4])
        write_parity(folder / f"every-{number}.jsonl", tokenizer, path, every[number::4] if number else every)
    write_words(folder / "words-random.jsonl", texts)
    write_words(folder / "words-every.jsonl", every[:1200])


def small_tokenizer() -> BertTokenizer:
    return BertTokenizer([*dict.fromkeys([*SPECIAL_TOKENS, *LETTERS, *(f"##{c}" for c in LETTERS), *WORDS])])


def write_models(folder: Path, texts: list[str]) -> None:
    for name, model in models(small_tokenizer()):
        place, file = folder / "exports" / name, "onnx/model.onnx"
        tflite = {"model.tflite": "tflite"} if name in IN_TFLITE else {}
        write_export(place, model, {file: "onnx"} | tflite)
        inputs = inputs_of(model, [*TEXTS, *texts[:60]])
        write_answers(folder / f"answers-{name}.json", place, file, inputs)
        if tflite:
            write_answers(folder / f"lite-{name}.json", place, "model.tflite", inputs)


if __name__ == "__main__":
    main()
