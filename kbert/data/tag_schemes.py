"""The schemes by which tags of words mark entities: recognised, repaired, and all turned into one, BIO."""

import dataclasses
import re
from collections.abc import Callable, Sequence

from kbert.errors import InputError

# The letters before the dash. BIOES: end, single. BILOU: last, unit.
_LETTERS = {"BIO": "BI", "BIOES": "BIES", "BILOU": "BILU"}
_PREFIXED = re.compile(r"([A-Za-z])-(.*)", re.DOTALL)
_EXPECTED = (
    "Expected O with B-LABEL and I-LABEL (BIO, IOB1), also E- and S- (BIOES) or L- and U- (BILOU); "
    "or tags without such a prefix, as NOUN"
)

Place = Callable[[int, int], str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Schemed:
    """Tags of sentences in scheme "BIO" for entities, or "none" for tags that mark none, such as parts of speech.

    `found` is the scheme that they came in: BIO, IOB1, BIOES, BILOU or none. `faults` are (sentence, word) of tags that
    broke it.
    """

    tags: list[list[str]]
    scheme: str
    found: str
    faults: list[tuple[int, int]]


def to_bio(
    sentences: Sequence[Sequence[str]],
    place: Place = lambda sentence, word: f"sentence {sentence + 1}, word {word + 1}",
) -> Schemed:
    """Recognises the scheme of tags by all of them together, and turns it into BIO; tags without prefixes stay.

    In BIO the first word of an entity has B-LABEL, the others I-LABEL, words outside of entities O. In IOB1 the first
    has I-LABEL too, unless an entity of the same label ends just before. BIOES and BILOU also mark the last word of an
    entity (E-, L-), and entities of one word (S-, U-).

    A sequence that breaks the scheme is read as conlleval does: what goes on no entity of its label begins one.

    Args:
        sentences: the tags of each sentence.
        place: where a word stands, for messages.

    Raises:
        InputError: a tag belongs to no known scheme, or two to different ones.
    """
    found = _recognise(sentences, place)
    if found == "none":
        return Schemed(tags=[list(tags) for tags in sentences], scheme="none", found="none", faults=[])
    repaired = [_repair(tags, closes=found != "BIO") for tags in sentences]
    faults = [(index, word) for index, (_, words) in enumerate(repaired) for word in words]
    if found == "BIO" and faults and all(_is_iob1(tags) for tags in sentences):
        found, faults = "IOB1", []
    return Schemed(tags=[tags for tags, _ in repaired], scheme="BIO", found=found, faults=faults)


def bio_spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """The entities that BIO tags mark: (first word, word after the last, label).

    Example:
        >>> bio_spans(["B-PER", "I-PER", "O", "B-LOC"])
        [(0, 2, 'PER'), (3, 4, 'LOC')]
    """
    spans: list[tuple[int, int, str]] = []
    start, label = 0, ""  # the entity in hand, if it has a label
    for index, tag in enumerate([*tags, "O"]):
        if label and tag != f"I-{label}":
            spans.append((start, index, label))
            label = ""
        if not label and tag != "O":
            start, label = index, tag[2:]
    return spans


def _recognise(sentences: Sequence[Sequence[str]], place: Place) -> str:
    """BIO (which may be IOB1), BIOES, BILOU or none."""
    letters, plain, prefixed = "", "", ""
    for sentence, tags in enumerate(sentences):
        for word, tag in enumerate(tags):
            match = _PREFIXED.fullmatch(tag)
            if tag == "O":
                continue
            if tag in ("", "B", "I") or (match and not match[2]):
                raise InputError(f"{place(sentence, word)}: tag {tag!r} names no label. {_EXPECTED}")
            if match is None:
                plain = plain or tag
            else:
                prefixed = prefixed or tag
                letters += match[1] if match[1] not in letters else ""
                if not any(set(letters) <= set(known) for known in _LETTERS.values()):
                    what = "belongs to no known scheme" if len(letters) == 1 else f"does not go with {prefixed!r}"
                    raise InputError(f"{place(sentence, word)}: tag {tag!r} {what}. {_EXPECTED}")
            if plain and prefixed:
                other = plain if match else prefixed
                raise InputError(f"{place(sentence, word)}: tag {tag!r} does not go with {other!r}. {_EXPECTED}")
    if plain:
        return "none"
    return next(name for name, known in _LETTERS.items() if set(letters) <= set(known))


def _repair(tags: Sequence[str], *, closes: bool) -> tuple[list[str], list[int]]:
    """The tags as BIO, and the words at which they break their scheme. `closes`: it marks the ends of entities."""
    result: list[str] = []
    faults: list[int] = []
    entity = ""  # the label of the entity that may go on
    for index, tag in enumerate(tags):
        letter, _, label = tag.partition("-")
        continues = letter in "IEL" and label == entity != ""
        unclosed = closes and entity != "" and not continues
        if unclosed or (letter in "IEL" and not continues):
            faults.append(index)
        if tag == "O":
            result.append("O")
            entity = ""
        else:
            result.append(f"{'I' if continues else 'B'}-{label}")
            entity = "" if letter in "ESLU" else label
    if closes and entity and len(tags) - 1 not in faults:
        faults.append(len(tags) - 1)
    return result, faults


def _is_iob1(tags: Sequence[str]) -> bool:
    """Whether B- stands only where an entity of the same label ends just before."""
    return all(
        not tag.startswith("B-") or (index > 0 and tags[index - 1][1:] == tag[1:]) for index, tag in enumerate(tags)
    )
