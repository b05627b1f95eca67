"""Writes `src/unicode_tables.json`: what the `tokenizers` library takes every code point for.

Browsers know Unicode too, but each its own version of it, and the library behind `kbert.BertTokenizer` an older one. So
nothing is taken from the browser: the library is asked about every code point, once, and the answers go with the page.

    python examples/web/make_unicode_tables.py

The tables are texts of numbers to base 36, as differences:

    flags         length flags, again and again: runs of code points with the same flags, from U+0000 on
    lowercase     gap difference: the next code point that has a lower case, and how far that is from it
    lowercaseMany code point: those that become several
    decomposed    gap code points…; : the next code point that decomposes, into what; no Hangul, which is arithmetic
    classes       gap class: the next code point whose combining class is not 0
"""

import json
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from tokenizers import normalizers
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

TARGET = Path(__file__).parent / "src" / "unicode_tables.json"
LIMIT = 0x110000
SURROGATES = range(0xD800, 0xE000)
HANGUL = range(0xAC00, 0xD7A4)
SEPARATOR = "\u2603"  # no normalizer touches it
# As in src/unicode.ts.
SPACE, ALONE, DROPPED, BLANK, MARK, IDEOGRAPH = 1, 2, 4, 8, 16, 32


def bert(**steps: bool) -> Callable[[str], str]:
    """One step of BERT's normalizer, by itself."""
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    normalize: Callable[[str], str] = BertNormalizer(**off | steps).normalize_str
    return normalize


def changed(normalize: Callable[[str], str], before: str = "") -> dict[int, str]:
    """What a normalizer makes of each code point behind `before`, as far as it changes anything."""
    found: dict[int, str] = {}
    for codes in portions():
        texts = normalize(SEPARATOR.join(before + chr(code) for code in codes)).split(SEPARATOR)
        found |= {code: text for code, text in zip(codes, texts, strict=True) if text != before + chr(code)}
    return found


def portions() -> Iterator[list[int]]:
    """Every code point that a text can have but the separator, in portions."""
    codes = [code for code in range(LIMIT) if code not in SURROGATES and code != ord(SEPARATOR)]
    for first in range(0, len(codes), 1 << 14):
        yield codes[first : first + (1 << 14)]


def flags() -> list[int]:
    """The flags of every code point."""
    table = [0] * LIMIT
    for code, text in changed(bert(clean_text=True)).items():
        table[code] |= BLANK if text == " " else DROPPED
    for code in changed(bert(handle_chinese_chars=True)):
        table[code] |= IDEOGRAPH
    for code, text in changed(bert(strip_accents=True)).items():
        # What decomposes is looked up by its parts, which do not.
        table[code] |= MARK if not text else 0
    for codes in portions():
        end = 0
        # Letters at the even places, so that a character at an odd one is a piece, a gap between two, or neither.
        text = "".join(f"a{chr(code)}" for code in codes) + "a"
        for _, (start, stop) in BertPreTokenizer().pre_tokenize_str(text):
            for place in range(end, start):
                table[codes[place // 2]] |= SPACE
            if start % 2:
                table[codes[start // 2]] |= ALONE
            end = stop
    table[ord(SEPARATOR)] = 0
    return table


def combining_classes(decomposed: dict[int, str]) -> dict[int, int]:
    """The combining class of the code points that the library puts in order."""
    # It moves ahead of the mark of the highest class those of a lower one. Python knows the classes themselves, which
    # never change once a character has one.
    highest = "\u0345"
    moved = [
        code
        for code, text in changed(normalizers.NFD().normalize_str, before=highest).items()
        if code not in decomposed and text.endswith(highest)
    ]
    return {code: unicodedata.combining(chr(code)) for code in sorted([*moved, ord(highest)])}


def base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    rest = abs(number)
    while rest or not text:
        rest, digit = divmod(rest, 36)
        text = digits[digit] + text
    return f"-{text}" if number < 0 else text


def numbers(values: list[int]) -> str:
    return " ".join(map(base36, values))


def gaps(codes: list[int]) -> list[int]:
    return [code - before for before, code in zip([0, *codes], codes, strict=False)]


def runs(table: list[int]) -> list[int]:
    """(length, value) of each run, one after the other; the last run is left out where its value is 0."""
    found: list[list[int]] = []
    for value in table:
        if found and found[-1][1] == value:
            found[-1][0] += 1
        else:
            found.append([1, value])
    if found[-1][1] == 0:
        found.pop()
    return [number for run in found for number in run]


def main() -> None:
    lower = changed(normalizers.Lowercase().normalize_str)
    single = {code: ord(text) for code, text in lower.items() if len(text) == 1}
    decomposed = {code: text for code, text in changed(normalizers.NFD().normalize_str).items() if code not in HANGUL}
    classes = combining_classes(decomposed)
    tables = {
        "flags": numbers(runs(flags())),
        "lowercase": numbers(
            [n for gap, code in zip(gaps(list(single)), single, strict=True) for n in (gap, single[code] - code)]
        ),
        "lowercaseMany": {base36(code): numbers([*map(ord, text)]) for code, text in lower.items() if len(text) > 1},
        "decomposed": ";".join(
            numbers([gap, *map(ord, text)])
            for gap, text in zip(gaps(list(decomposed)), decomposed.values(), strict=True)
        ),
        "classes": numbers([n for gap, c in zip(gaps(list(classes)), classes.values(), strict=True) for n in (gap, c)]),
    }
    TARGET.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
