"""What Python makes of texts, written down for the JVM to compare: ids, places, words and characters."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import regex

from kbert.data.words import split_words
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

# lowercase, strip_accents, split_chinese
SETTINGS = [(True, None, True), (False, None, True), (True, False, False), (False, True, True)]
RANDOM_TEXTS = 20_000
SURROGATES = range(0xD800, 0xE000)
# Where tokenizers part ways: marks of many classes, letters that are taken apart, jamo, ideographs, spaces, controls.
BLOCKS = [
    (0x20, 0x7F),
    (0x20, 0x7F),
    (0x20, 0x7F),
    (0x00, 0x250),
    (0x300, 0x370),
    (0x370, 0x600),
    (0x600, 0x900),
    (0x900, 0x1000),
    (0x1000, 0x1200),
    (0x1AB0, 0x1B80),
    (0x1DC0, 0x2070),
    (0x20D0, 0x2400),
    (0x2E80, 0x3100),
    (0x4DB0, 0x4E10),
    (0xA640, 0xAC10),
    (0xAC00, 0xD7FF),
    (0xF900, 0x10000),
    (0x10000, 0x11000),
    (0x11000, 0x12000),
    (0x1D100, 0x1D200),
    (0x1E000, 0x1F000),
    (0x1F1E0, 0x1F900),
    (0x20000, 0x30000),
    (0xE0000, 0xE0200),
    (0, 0x110000),
]
BITS = [*SPECIAL_TOKENS, "[mask]", "##", "x" * 100, "y" * 101, "\u034f", "\u1100\u1161\u11a8", "\u0345\u0301\u0323"]
BITS += [
    "\U0001e944\U0001e94a",
    "👩\u200d👩\u200d👧",
    "🇳🇴🇸🇪🇳",
    "*\ufe0f\u20e3",
    "क\u094d\u200dत",
    "don't",
    "3.5",
    "\r\n",
    " ",
]


def random_texts(count: int, seed: int = 7) -> list[str]:
    """Texts of all kinds of characters."""
    made = random.Random(seed)
    return [_random_text(made) for _ in range(count)]


def every_code_point() -> list[str]:
    """Texts that have every code point once, 128 to a text."""
    codes = [code for code in range(0x110000) if code not in SURROGATES]
    return [" ".join(map(chr, codes[first : first + 128])) for first in range(0, len(codes), 128)]


def spelling_vocabulary() -> list[str]:
    """A vocabulary that spells out nearly everything, so that no [UNK] hides what went wrong before."""
    kept = BertTokenizer([*SPECIAL_TOKENS], lowercase=False).library_tokenizer().normalizer
    letters: dict[str, None] = {}
    for code in range(0x20000):
        if code in SURROGATES or 0x3400 <= code < 0x4DB0 or 0x4E10 <= code < 0xA000 or 0xAC20 <= code < 0xD7A0:
            continue
        if kept.normalize_str(chr(code)).strip():
            letters[chr(code)] = None
    return [*SPECIAL_TOKENS, *letters, *(f"##{letter}" for letter in letters)]


def write_vocabulary(path: Path, tokens: Sequence[str]) -> None:
    path.write_bytes("".join(f"{token}\n" for token in tokens).encode())


def write_parity(path: Path, tokenizer: BertTokenizer, vocabulary: Path, texts: Sequence[str]) -> int:
    """JSON lines: the settings, then a line for each text; some are pairs, and some are cut."""
    settings = {
        "vocabulary": str(vocabulary),
        "lowercase": tokenizer.lowercase,
        "strip_accents": tokenizer.strip_accents,
        "split_chinese": tokenizer.split_chinese,
    }
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(settings) + "\n")
        for number, text in enumerate(texts):
            second = texts[number - 1] if number % 7 == 3 else None
            longest = number % 23 + 4 if number % 3 == 1 else None
            file.write(json.dumps(_row(tokenizer, text, second, longest)) + "\n")
    return len(texts)


def write_words(path: Path, texts: Sequence[str]) -> None:
    """JSON lines: the words of each text and the edges of its characters, in code points."""
    with path.open("w", encoding="utf-8") as file:
        for text in texts:
            words = [place for word in split_words(text) for place in word]
            # `character_edges` takes a short way for ASCII, in which only \r\n is one character.
            edges = [0, *(match.end() for match in regex.finditer(r"\X", text))]
            file.write(json.dumps({"text": text, "words": words, "edges": edges}) + "\n")


def _row(tokenizer: BertTokenizer, text: str, second: str | None, longest: int | None) -> dict[str, Any]:
    encoding = tokenizer.encode(text, second, longest)
    return {
        "text": text,
        "text_b": second,
        "max_length": longest,
        "ids": encoding.token_ids,
        "segments": encoding.segment_ids,
        "offsets": [place for pair in encoding.offsets for place in pair],
        "truncated": encoding.truncated,
    }


def _random_text(made: random.Random) -> str:
    return "".join(_pieces(made))


def _pieces(made: random.Random) -> Iterator[str]:
    for _ in range(made.randrange(24)):
        if made.random() < 0.12:
            yield made.choice(BITS)
            continue
        first, end = made.choice(BLOCKS)
        for _ in range(made.randrange(1, 5)):
            code = made.randrange(first, end)
            if code not in SURROGATES:
                yield chr(code)
