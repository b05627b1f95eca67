"""Writes the Unicode tables of the Android tokenizer, from what the libraries behind kbert's own do.

    python examples/android/unicode_tables.py

Android's Unicode version is that of the phone, the one behind `kbert.tokenizer` that of the `tokenizers` library. So
the device asks no `Character` what a code point is, but tables that were made by asking `tokenizers`, Python and
`regex` about every one of them. A test makes them anew and compares.
"""

import textwrap
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import regex
from tokenizers.normalizers import NFD, BertNormalizer

from kbert.data import words
from kbert.export.unicode_rules import CODE_POINTS, changed, combining_classes, kinds_of

TARGET = Path(__file__).parent / "kbert-device/src/main/kotlin/org/kbert/device/UnicodeTables.kt"
# Bits of the first table; the combining class stands above them.
DROPPED, CLEANED_TO_SPACE, SPACE, ALONE, IDEOGRAPH, ACCENT, DECOMPOSES, LOWERS = (1 << bit for bit in range(8))
CLASS_SHIFT = 8
# Bits of the second: what `kbert.data.words` takes for white space and punctuation.
WORD_SPACE, WORD_PUNCTUATION = 1, 2
# Numbers of the third, as Graphemes.kt knows them.
BREAKS = ("CR", "LF", "Control", "Extend", "ZWJ", "RI", "Prepend", "SpacingMark", "L", "V", "T", "LV", "LVT")
PICTOGRAPHIC, CONJUNCT_SHIFT = 16, 5
CONJUNCTS = ("Consonant", "Linker", "Extend")
HANGUL = range(0xAC00, 0xD7A4)  # taken apart by arithmetic
SURROGATES = range(0xD800, 0xE000)

Numbers = dict[int, int]


def tokenizer_tables() -> tuple[Numbers, dict[int, str], dict[int, str]]:
    """The bits of each code point, its canonical decomposition, and its lower case."""
    clean = changed(_bert(clean_text=True))
    apart = changed(NFD().normalize_str)
    stripped = changed(_bert(strip_accents=True))
    lower = changed(_bert(lowercase=True))
    unknown = {code: text for code, text in clean.items() if text not in ("", " ")}
    if unknown:
        raise ValueError(f"cleaning made something else than nothing or a space: {unknown}")
    bits: Numbers = dict.fromkeys(range(CODE_POINTS), 0)
    for code in bits:
        bits[code] |= DROPPED * (clean.get(code) == "") | CLEANED_TO_SPACE * (clean.get(code) == " ")
        bits[code] |= ACCENT * (code not in apart and stripped.get(code) == "")
        bits[code] |= DECOMPOSES * (code in apart) | LOWERS * (code in lower)
    for code, kind in kinds_of(split_chinese=False).items():
        bits[code] |= (0, SPACE, ALONE)[kind]
    for code in changed(_bert(handle_chinese_chars=True)):
        bits[code] |= IDEOGRAPH
    for code, combining_class in combining_classes().items():
        bits[code] |= combining_class << CLASS_SHIFT
    for code in SURROGATES:  # half a pair counts as U+FFFD
        bits[code] = DROPPED
    return bits, {code: text for code, text in apart.items() if code not in HANGUL}, lower


def word_table() -> Numbers:
    """White space and punctuation as `kbert.data.words` has them; its ideographs are those of the tokenizer."""
    ideographs = set(changed(_bert(handle_chinese_chars=True)))
    found = {}
    for code in range(CODE_POINTS):
        character = chr(code)
        if words._is_ideograph(character) != (code in ideographs):
            raise ValueError(f"U+{code:04X}: an ideograph to one of the tokenizer and kbert.data.words only")
        found[code] = WORD_SPACE * words._is_space(character) | WORD_PUNCTUATION * words._is_punctuation(character)
    return found


def grapheme_table() -> Numbers:
    """What decides where characters end (UAX #29), as the `regex` package knows it."""
    found = dict.fromkeys(range(CODE_POINTS), 0)
    everything = "".join(map(chr, range(CODE_POINTS)))
    parts = [(f"GCB={name}", number + 1) for number, name in enumerate(BREAKS)]
    parts += [("Extended_Pictographic", PICTOGRAPHIC)]
    parts += [(f"InCB={name}", number + 1 << CONJUNCT_SHIFT) for number, name in enumerate(CONJUNCTS)]
    for name, value in parts:
        for match in regex.finditer(rf"\p{{{name}}}", everything):
            found[match.start()] |= value
    return found


def to_kotlin() -> str:
    """The whole file."""
    bits, apart, lower = tokenizer_tables()
    constants = {
        "TOKENIZER": _runs(bits),
        "DECOMPOSED": _texts(apart),
        "LOWER": _texts(lower),
        "WORDS": _runs(word_table()),
        "GRAPHEMES": _runs(grapheme_table()),
    }
    parts = "\n".join(f'    const val {name} = """\n{_wrapped(numbers)}\n"""\n' for name, numbers in constants.items())
    version = unicodedata.unidata_version
    return f"""\
// Made by unicode_tables.py: run it again rather than edit this file.
package org.kbert.device

/**
 * What each code point is to kbert's tokenizer, whatever Unicode version the phone has: Python's {version}
 * in [WORDS], that of the `regex` package in [GRAPHEMES], that of the `tokenizers` library in the others.
 *
 * Numbers to base 36. Runs of code points: how many to leave out, how many, their value. Texts: how many code points to
 * leave out, how many follow, which.
 */
internal object UnicodeTables {{
{parts}}}
"""


def main() -> None:
    TARGET.write_text(to_kotlin(), "utf-8")
    print(TARGET)


def _bert(
    *,
    clean_text: bool = False,
    handle_chinese_chars: bool = False,
    strip_accents: bool = False,
    lowercase: bool = False,
):
    return BertNormalizer(
        clean_text=clean_text,
        handle_chinese_chars=handle_chinese_chars,
        strip_accents=strip_accents,
        lowercase=lowercase,
    ).normalize_str


def _runs(values: Mapping[int, int]) -> list[int]:
    """(code points left out, length, value) of each run that is not 0, end to end."""
    found, end, code = [], 0, 0
    while code < CODE_POINTS:
        start, value = code, values[code]
        while code < CODE_POINTS and values[code] == value:
            code += 1
        if value:
            found += [start - end, code - start, value]
            end = code
    return found


def _texts(texts: Mapping[int, str]) -> list[int]:
    """(code points left out, length, code points) of each text, end to end."""
    found, end = [], 0
    for code, text in sorted(texts.items()):
        found += [code - end, len(text), *map(ord, text)]
        end = code + 1
    return found


def _wrapped(numbers: list[int]) -> str:
    return textwrap.fill(" ".join(map(_base_36, numbers)), 120)


def _base_36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


if __name__ == "__main__":
    main()
