"""Text to sentences, in any script, by what Unicode says of its punctuation."""

import functools
from collections.abc import Iterator
from typing import Any

import regex

# SB is Unicode's Sentence_Break property (UAX #29). V1 is needed for the difference of sets (--).
_SENTENCE_END = r"""(?xV1)
    (?:
        [\p{SB=STerm}\p{SB=ATerm}]++ \p{SB=Close}*+ \s++  # ! ? . with their closing quotes: white space must follow
    |
        # 。 । ؟ and all others outside ASCII: none need follow, and an opening bracket belongs to what comes next
        [\p{SB=STerm}--\p{ASCII}] [\p{SB=STerm}\p{SB=ATerm}]*+ [\p{SB=Close}--[\p{Ps}\p{Pi}]]*+ \s*+
    )
    (?! \p{SB=Close}* [\p{SB=Lower}\p{SB=SContinue}\p{SB=STerm}\p{SB=ATerm}])  # "e.g. the", "Stop! – he", "No ! !"
"""


@functools.cache
def _sentence_end() -> Any:
    return regex.compile(_SENTENCE_END)


def split_sentences(text: str) -> Iterator[str]:
    """The sentences of a paragraph, without the white space around them; none is empty.

    A sentence ends behind `.`, `!`, `?` or another script's terminator, and the closing quotes and brackets after it,
    unless a lower-case letter, a comma, a colon, a dash or one more terminator comes next. The terminators of ASCII
    need white space behind them ("3.14" is no end), the others do not. Abbreviations are not known: "Mr. Bennet" is
    cut in two.

    Example:
        >>> list(split_sentences("It cost 3.14 dollars. “Why?” he asked. 好。很好！"))
        ['It cost 3.14 dollars.', '“Why?” he asked.', '好。', '很好！']
    """
    start = 0
    for end in _sentence_end().finditer(text):
        sentence = text[start : end.end()].strip()
        start = end.end()
        if sentence:
            yield sentence
    rest = text[start:].strip()
    if rest:
        yield rest
