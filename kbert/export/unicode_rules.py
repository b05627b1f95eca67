"""What the `tokenizers` library does to each code point, found out by asking it: nothing about Unicode is written down.

Its tables are older than those of ICU and Python, and what is made of them here goes where the library does not: into
TensorFlow operations, and into the tokenizer of the Android sample.
"""

import functools
import unicodedata
from collections.abc import Callable, Iterator

from tokenizers import normalizers
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

CODE_POINTS = 0x110000
SEPARATOR = "\u2603"  # no normalizer touches it
LETTER, SPACE, ALONE = 0, 1, 2


@functools.cache
def folded(lowercase: bool, strip_accents: bool) -> dict[int, str]:
    # Spaces around ideographs would be three characters for each of them: they are ALONE instead.
    fold = BertNormalizer(handle_chinese_chars=False, lowercase=lowercase, strip_accents=strip_accents)
    return changed(fold.normalize_str)


@functools.cache
def decomposed() -> dict[int, str]:
    # Cleaning comes first: what it takes away must not stand between marks that are put in order.
    clean = BertNormalizer(handle_chinese_chars=False, lowercase=False, strip_accents=False)
    return changed(normalizers.Sequence([clean, NFD()]).normalize_str)


@functools.cache
def combining_classes() -> dict[int, int]:
    # Which characters the library moves ahead of the mark of the highest class. Python knows the classes themselves,
    # which never change once a character has one.
    highest = "\u0345"
    moved = [code for code, text in changed(NFD().normalize_str, before=highest).items() if text.endswith(highest)]
    return {code: unicodedata.combining(chr(code)) for code in [*moved, ord(highest)]}


@functools.cache
def kinds_of(split_chinese: bool) -> dict[int, int]:
    kinds: dict[int, int] = {}
    for codes in all_codes():
        end = 0
        # Letters at the even places, so that a character at an odd one is a piece, a gap between two, or neither.
        text = "".join(f"a{chr(code)}" for code in codes) + "a"
        for _, (start, stop) in BertPreTokenizer().pre_tokenize_str(text):
            kinds |= {codes[place // 2]: SPACE for place in range(end, start)}
            if start % 2:
                kinds[codes[start // 2]] = ALONE
            end = stop
    if split_chinese:
        split = BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
        kinds |= dict.fromkeys(changed(split.normalize_str), ALONE)
    return kinds


def changed(normalize: Callable[[str], str], before: str = "") -> dict[int, str]:
    """What a normalizer makes of each code point behind `before`, as far as it changes anything."""
    found: dict[int, str] = {}
    for codes in all_codes():
        texts = normalize(SEPARATOR.join(before + chr(code) for code in codes)).split(SEPARATOR)
        found |= {code: text for code, text in zip(codes, texts, strict=True) if text != before + chr(code)}
    return found


def all_codes() -> Iterator[list[int]]:
    """Every code point that a text can have but the separator, in portions."""
    codes = [code for code in range(CODE_POINTS) if code not in range(0xD800, 0xE000) and code != ord(SEPARATOR)]
    for first in range(0, len(codes), 1 << 14):
        yield codes[first : first + (1 << 14)]
