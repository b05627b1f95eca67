"""Writes into a folder what Python makes of texts, for the JVM tests to compare: `write_side.py FOLDER [SHARED]`.

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

from kbert.tokenizer import BertTokenizer

VOCABULARIES = {"uncased": True, "cased": False, "multilingual-cased": False, "chinese": True}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["good", "bad", "film", "day", "##s", "the", "a", "was", ".", ",", "!", "ad", "##ad", "é", "中", "3"]


def main() -> None:
    folder = Path(sys.argv[1])
    texts = random_texts(RANDOM_TEXTS)
    vocabulary = spelling_vocabulary()
    write_vocabulary(folder / "vocab.txt", vocabulary)
    every = every_code_point()
    for number, (lowercase, strip_accents, split_chinese) in enumerate(SETTINGS):
        tokenizer = BertTokenizer(vocabulary, lowercase, strip_accents=strip_accents, split_chinese=split_chinese)
        write_parity(folder / f"tokens-{number}.jsonl", tokenizer, folder / "vocab.txt", texts[number::4])
        write_parity(folder / f"every-{number}.jsonl", tokenizer, folder / "vocab.txt", every if number == 0 else every[number::4])
    write_words(folder / "words-random.jsonl", texts)
    write_words(folder / "words-every.jsonl", every[:1200])
    small = BertTokenizer([*dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS), *WORDS])])
    for name, model in models(small):
        place = folder / "exports" / name
        files = {"onnx/model.onnx": "onnx"}
        write_export(place, model, files | ({"model.tflite": "tflite"} if name == "text-classification" else {}))
        write_answers(folder / f"answers-{name}.json", place, "onnx/model.onnx", inputs_of(model, [*TEXTS, *texts[:60]]))
    (folder / "tiny.tflite").write_bytes((folder / "exports/text-classification/model.tflite").read_bytes())
    if len(sys.argv) > 2:
        shared = Path(sys.argv[2])
        for number, (name, lowercase) in enumerate(VOCABULARIES.items()):
            path = shared / "data" / "vocabs" / f"bert-base-{name}.vocab.txt"
            write_parity(folder / f"google-{name}.jsonl", BertTokenizer(path, lowercase), path, texts[number::4])
        write_polarity(folder, shared)


if __name__ == "__main__":
    main()
