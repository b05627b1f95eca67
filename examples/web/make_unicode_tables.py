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
from collections.abc import Callable
from pathlib import Path

from tokenizers import normalizers
from tokenizers.normalizers import BertNormalizer

from kbert.export.unicode_rules import CODE_POINTS, SEPARATOR, changed, combining_classes, kinds_of

TARGET = Path(__file__).parent / "src" / "unicode_tables.json"
HANGUL = range(0xAC00, 0xD7A4)
# As in src/unicode.ts, where SPACE and ALONE are 1 and 2.
DROPPED, BLANK, MARK, IDEOGRAPH = 4, 8, 16, 32


def bert(**steps: bool) -> Callable[[str], str]:
    """One step of BERT's normalizer, by itself."""
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    normalize: Callable[[str], str] = BertNormalizer(**off | steps).normalize_str
    return normalize


def flags() -> list[int]:
    """The flags of every code point."""
    table = [0] * CODE_POINTS
    for code, text in changed(bert(clean_text=True)).items():
        table[code] |= BLANK if text == " " else DROPPED
    for code in changed(bert(handle_chinese_chars=True)):
        table[code] |= IDEOGRAPH
    for code, text in changed(bert(strip_accents=True)).items():
        # What decomposes is looked up by its parts, which do not.
        table[code] |= MARK if not text else 0
    for code, kind in kinds_of(split_chinese=False).items():
        table[code] |= kind  # SPACE or ALONE
    table[ord(SEPARATOR)] = 0
    return table


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
    # What decomposes is put in order by its parts.
    classes = {code: number for code, number in sorted(combining_classes().items()) if code not in decomposed}
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
