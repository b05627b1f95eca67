"""More texts out of few, for a teacher to answer: words left out, changed about, or replaced by likely ones.

TinyBERT (arXiv:1909.10351, algorithm 1) replaces words by what a masked language model expects; leaving out and
changing about are those of EDA (arXiv:1901.11196). What the label of such a text is, is for the teacher to say.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kbert.errors import InputError, check_setting

if TYPE_CHECKING:
    from kbert.pretrainer import BertPretrainer

MASK = "[MASK]"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How texts are varied.

    `copies` is how many variants of each text are made; `delete`, `swap` and `replace` are the shares of its words that
    are left out, changed with another, and replaced by one of the `candidates` likeliest words. Replacing needs a
    masked language model.

    Raises:
        InputError: a value is out of its range.
    """

    copies: int = 1
    delete: float = 0.1
    swap: float = 0.1
    replace: float = 0.0
    candidates: int = 10

    def __post_init__(self) -> None:
        for name in ("copies", "candidates"):
            check_setting(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        for name in ("delete", "swap", "replace"):
            check_setting(0 <= getattr(self, name) < 1, name, getattr(self, name), "a share, at least 0 and below 1")


# With a masked language model more words are replaced than left out.
WITH_MODEL = Augmentation(delete=0.05, swap=0.05, replace=0.2)


def augment(texts: Sequence[str], how: Augmentation, *, seed: int, model: "BertPretrainer | None" = None) -> list[str]:
    """Variants of texts, in their order, `copies` for each; those that come out as they went in are left out.

    Args:
        texts: what to vary; words are what white space separates.
        how: see `Augmentation`.
        seed: same seed, same variants.
        model: what replaces words; needed where `replace` is above 0.

    Raises:
        InputError: words are to be replaced and there is no model; or a text is a pair.
    """
    check_setting(not how.replace or model is not None, "replace", how.replace, "0 without a masked language model")
    if any(not isinstance(text, str) for text in texts):
        raise InputError("texts are varied one by one: pairs of texts, and questions, cannot be")
    random = np.random.default_rng(seed)
    originals = [" ".join(text.split()) for text in texts for _ in range(how.copies)]
    varied = [_swapped(_deleted(text.split(), how.delete, random), how.swap, random) for text in originals]
    variants = [" ".join(words) for words in varied]
    if model is not None and how.replace:
        masked = [" ".join(MASK if random.random() < how.replace else word for word in words) for words in varied]
        variants = _filled(variants, masked, how.candidates, random, model)
    return [variant for text, variant in zip(originals, variants, strict=True) if variant != text]


def _deleted(words: list[str], share: float, random: np.random.Generator) -> list[str]:
    kept = random.random(len(words)) >= share
    return [word for word, keep in zip(words, kept, strict=True) if keep] or words


def _swapped(words: list[str], share: float, random: np.random.Generator) -> list[str]:
    words = list(words)
    for place in np.flatnonzero(random.random(len(words)) < share):
        other = int(random.integers(len(words)))
        words[place], words[other] = words[other], words[place]
    return words


def _filled(
    plain: Sequence[str],
    masked: Sequence[str],
    candidates: int,
    random: np.random.Generator,
    model: "BertPretrainer",
) -> list[str]:
    """Each `[MASK]` replaced by a likely whole word, the likelier the more often; long texts stay plain."""
    encodings = model.known_tokenizer().encode_batch(masked, max_length=model.max_length)
    found = list(plain)
    some = [i for i, text in enumerate(masked) if MASK in text and not encodings[i].truncated]
    for i, prediction in zip(some, model.fill_mask([masked[i] for i in some], candidates), strict=True):
        parts, end = [], 0
        for mask in prediction.masks:
            whole = [likely for likely in mask.tokens if not likely.token.startswith("##")] or list(mask.tokens)
            weights = np.array([likely.probability for likely in whole])
            chosen = whole[int(random.choice(len(whole), p=weights / weights.sum()))]
            parts += [prediction.text[end : mask.start], chosen.token]
            end = mask.end
        found[i] = "".join([*parts, prediction.text[end:]])
    return found
