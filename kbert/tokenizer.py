"""Text to token ids: BERT's WordPiece on the `tokenizers` library."""

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kbert.errors import InputError
from kbert.files import write_json

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Encoding:
    """One text, or one pair, as the model sees it. All lists have the same length.

    `offsets` are (start, end) in code points of the text that the token came from; special tokens have (0, 0).
    `padding_mask` is 1 for a real token and 0 for [PAD].
    """

    token_ids: list[int]
    segment_ids: list[int]
    padding_mask: list[int]
    offsets: list[tuple[int, int]]
    tokens: list[str]
    truncated: bool

    def __len__(self) -> int:
        return len(self.token_ids)


class BertTokenizer:
    """BERT's tokenizer (arXiv:1810.04805), equal to Hugging Face's fast one.

    Args:
        vocabulary: path of a `vocab.txt` (one token a line; the line number is the id), or the tokens themselves.
        lowercase: fold case, as the uncased vocabularies expect.
        strip_accents: remove accents; by default they go when `lowercase` is set, as in Google's code.
        split_chinese: put spaces around CJK ideographs.

    Raises:
        InputError: the vocabulary file is missing, empty, not UTF-8, lacks one of the five special tokens, or has a
            token twice.

    Example:
        >>> tokenizer = BertTokenizer("vocab.txt", lowercase=True)
        >>> tokenizer.encode("Hello, my name is John.").token_ids
        [101, 7592, 1010, 2026, 2171, 2003, 2198, 1012, 102]
    """

    def __init__(
        self,
        vocabulary: str | os.PathLike[str] | Sequence[str],
        lowercase: bool = True,
        *,
        strip_accents: bool | None = None,
        split_chinese: bool = True,
    ) -> None:
        if isinstance(vocabulary, (str, os.PathLike)):
            source, place, first_place = str(vocabulary), "line", 1
            tokens = read_vocabulary(vocabulary)
        else:
            source, place, first_place = "the vocabulary", "token", 0
            tokens = list(vocabulary)
        missing = [token for token in SPECIAL_TOKENS if token not in set(tokens)]
        if missing:
            raise InputError(
                f"{source}: expected the special tokens {' '.join(SPECIAL_TOKENS)}, {missing[0]} is missing"
            )
        self._ids: dict[str, int] = {}
        for index, token in enumerate(tokens):
            # The JSON form maps tokens to ids: it would lose the first of the two, and have a gap.
            if self._ids.setdefault(token, index) != index:
                raise InputError(
                    f"{source}: expected every token once, {token!r} is {place} {self._ids[token] + first_place} and "
                    f"{place} {index + first_place}. Rename one of them, which keeps the ids of the others"
                )
        self.vocabulary = tokens
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.split_chinese = split_chinese
        self._tokenizer = _build(tokens, lowercase, strip_accents, split_chinese)

    @property
    def vocabulary_size(self) -> int:
        return len(self.vocabulary)

    def token_id(self, token: str) -> int:
        """The id of a token; [UNK]'s for one that is not in the vocabulary."""
        return self._ids.get(token, self._ids["[UNK]"])

    def encode(
        self, text: str, text_b: str | None = None, max_length: int | None = None, *, pad: bool = False
    ) -> Encoding:
        """Encodes one text, or a pair, with [CLS] and [SEP].

        Args:
            text: the text, or the first of the pair.
            text_b: the second of the pair: its tokens have segment id 1.
            max_length: cut to so many tokens, special ones included; of a pair the longer text loses first.
            pad: fill up to `max_length` with [PAD].
        """
        return self.encode_batch([text], None if text_b is None else [text_b], max_length, pad=pad)[0]

    def encode_batch(
        self,
        texts: Sequence[str],
        texts_b: Sequence[str] | None = None,
        max_length: int | None = None,
        *,
        pad: bool = False,
    ) -> list[Encoding]:
        """Encodes many texts, or pairs, in parallel; see `encode`.

        Raises:
            InputError: `texts` and `texts_b` differ in number, `max_length` leaves no room for the special tokens,
                `pad` came without `max_length`, one string came for a list, or a text is no valid Unicode.
        """
        special = 2 if texts_b is None else 3
        if max_length is not None and max_length < special + 1:
            raise InputError(
                f"max_length must be at least {special + 1} to hold the special tokens. Received: {max_length}"
            )
        if pad and max_length is None:
            raise InputError("pad=True needs max_length, the length to pad to. Received: max_length=None")
        if texts_b is not None and len(texts_b) != len(texts):
            raise InputError(f"every text needs its pair. Received: {len(texts)} texts and {len(texts_b)} second texts")
        firsts = self._pieces(texts)
        seconds = [None] * len(firsts) if texts_b is None else self._pieces(texts_b)
        room = None if max_length is None else max_length - special
        length = max_length if pad else None
        return [self._assemble(*pair, room, length) for pair in zip(firsts, seconds, strict=True)]

    def token_ids_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text without [CLS] and [SEP], and without what else `encode_batch` finds: faster.

        Raises:
            InputError: a text is no valid Unicode.
        """
        return [row.ids for row in self._pieces(texts, fast=True)]

    def _pieces(self, texts: Sequence[str], *, fast: bool = False) -> list[Any]:
        """The tokens of each text, without [CLS] and [SEP]; `fast` leaves out their offsets."""
        check_is_list(texts)
        encode = self._tokenizer.encode_batch_fast if fast else self._tokenizer.encode_batch
        try:
            rows: list[Any] = encode(list(texts), add_special_tokens=False)
        except TypeError:
            for position, text in enumerate(texts):
                if not isinstance(text, str):
                    raise InputError(f"text {position} must be a string. Received: {type(text).__name__}") from None
                if not is_unicode(text):
                    raise InputError(f"text {position} must be valid Unicode. Received: {text[:40]!r}") from None
            raise
        return rows

    def _assemble(self, first: Any, second: Any, room: int | None, length: int | None) -> Encoding:
        """Cuts to `room` tokens, adds the special ones and fills up to `length`.

        The library can do the same, but keeps what it cuts off: of a pair, every combination of the rests, which for
        two long texts takes more memory than there is.
        """
        sizes = (len(first), 0 if second is None else len(second))
        kept = sizes if room is None else _longest_first(*sizes, room)
        parts = [(first, kept[0])] if second is None else [(first, kept[0]), (second, kept[1])]
        token_ids, segment_ids, offsets, tokens = [self._ids["[CLS]"]], [0], [(0, 0)], ["[CLS]"]
        for segment, (row, size) in enumerate(parts):
            token_ids += [*row.ids[:size], self._ids["[SEP]"]]
            segment_ids += [segment] * (size + 1)
            offsets += [*row.offsets[:size], (0, 0)]
            tokens += [*row.tokens[:size], "[SEP]"]
        real = len(token_ids)
        padding = max(0, (length or 0) - real)
        return Encoding(
            token_ids=token_ids + [self._ids["[PAD]"]] * padding,
            segment_ids=segment_ids + [0] * padding,
            padding_mask=[1] * real + [0] * padding,
            offsets=offsets + [(0, 0)] * padding,
            tokens=tokens + ["[PAD]"] * padding,
            truncated=kept != sizes,
        )

    def library_tokenizer(self) -> Any:
        """A new `tokenizers.Tokenizer` that does the same, for what this class does not do."""
        return _build(self.vocabulary, self.lowercase, self.strip_accents, self.split_chinese)

    @classmethod
    def from_vocabulary(cls, path: str | os.PathLike[str], *, lowercase: bool | None = None) -> "BertTokenizer":
        """Reads a `vocab.txt` that comes without settings.

        `lowercase` None is for text to be lower-cased unless the vocabulary has capitals.

        Raises:
            InputError: as the constructor.
        """
        if lowercase is None:
            lowercase = not _has_capitals(read_vocabulary(path))
        return cls(path, lowercase=lowercase)

    @classmethod
    def from_directory(cls, directory: str | os.PathLike[str]) -> "BertTokenizer":
        """Reads a Hugging Face checkpoint's tokenizer: `tokenizer.json`, or `vocab.txt` and `tokenizer_config.json`.

        Raises:
            InputError: neither file is there, one cannot be read, or `tokenizer.json` holds something other than BERT's
                WordPiece.
        """
        folder = Path(directory)
        if (folder / "tokenizer.json").is_file():
            return cls.from_tokenizer_json(_read_utf8(folder / "tokenizer.json"), folder / "tokenizer.json")
        if not (folder / "vocab.txt").is_file():
            raise InputError(f"{folder}: expected tokenizer.json or vocab.txt, found neither")
        config: dict[str, Any] = {}
        if (folder / "tokenizer_config.json").is_file():
            config = _read_config(folder / "tokenizer_config.json")
        return cls(
            folder / "vocab.txt",
            # Google's cased folders carry no tokenizer_config.json; their vocabulary has capital letters.
            lowercase=config.get("do_lower_case", not _has_capitals(read_vocabulary(folder / "vocab.txt"))),
            strip_accents=config.get("strip_accents"),
            split_chinese=config.get("tokenize_chinese_chars", True),
        )

    @classmethod
    def from_tokenizer_json(cls, text: str, source: str | os.PathLike[str] = "tokenizer.json") -> "BertTokenizer":
        """Reads the text of a `tokenizer.json`; `source` names it in errors."""
        try:
            state = json.loads(text)
            model, normalizer = state["model"], state["normalizer"] or {}
            kinds = (model["type"], normalizer.get("type"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{source}: expected the JSON of a WordPiece tokenizer, could not read it ({error})"
            ) from None
        if kinds != ("WordPiece", "BertNormalizer"):
            raise InputError(
                f"{source}: expected a WordPiece model with a BertNormalizer, got {kinds[0]} with {kinds[1]}: "
                "not a BERT tokenizer"
            )
        vocabulary = model.get("vocab", {})
        tokens = sorted(vocabulary, key=vocabulary.__getitem__)
        if [vocabulary[token] for token in tokens] != list(range(len(tokens))):
            raise InputError(f"{source}: expected the ids of the vocabulary to count from 0 without gaps")
        return cls(
            tokens,
            lowercase=normalizer.get("lowercase", True),
            strip_accents=normalizer.get("strip_accents"),
            split_chinese=normalizer.get("handle_chinese_chars", True),
        )

    def to_tokenizer_json(self) -> str:
        """The text of a `tokenizer.json` that Hugging Face's libraries load."""
        return str(self._tokenizer.to_str(pretty=True))

    def save(self, directory: str | os.PathLike[str], *, max_length: int = 512) -> None:
        """Writes `vocab.txt`, `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`.

        `max_length` is what Hugging Face's tokenizer cuts to when asked to: the rows of the position table.
        """
        folder = Path(directory)
        (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in self.vocabulary), "utf-8", newline="\n")
        (folder / "tokenizer.json").write_text(self.to_tokenizer_json() + "\n", "utf-8")
        names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
        special = dict(zip(names, SPECIAL_TOKENS, strict=True))
        config = {
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": self.lowercase,
            "strip_accents": self.strip_accents,
            "tokenize_chinese_chars": self.split_chinese,
            "model_max_length": max_length,
            **special,
        }
        write_json(folder / "tokenizer_config.json", config)
        write_json(folder / "special_tokens_map.json", special)


def read_vocabulary(path: str | os.PathLike[str]) -> list[str]:
    """Reads a `vocab.txt`. Only a line feed ends a line: some vocabularies hold other separators as tokens.

    Raises:
        InputError: the file is missing, empty or not UTF-8.
    """
    text = _read_utf8(path)
    tokens = [line.removesuffix("\r") for line in text.split("\n")]
    if tokens and tokens[-1] == "":
        tokens.pop()
    if not tokens:
        raise InputError(f"{path}: expected one token a line, the file is empty")
    return tokens


def _read_utf8(path: str | os.PathLike[str]) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8")
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: expected a vocabulary file (one token a line), found no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8, byte {error.start} is not. Save the vocabulary as UTF-8") from None


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(_read_utf8(path))
    except ValueError as error:
        raise InputError(str(error) if isinstance(error, InputError) else f"{path}: expected JSON ({error})") from None
    if not isinstance(config, dict):
        raise InputError(f"{path}: expected a JSON object, got {type(config).__name__}")
    return config


def check_is_list(texts: Any) -> None:
    """Raises InputError for one string, which would pass for a list of its characters."""
    if isinstance(texts, str):
        raise InputError(f"expected a list of texts, got one string: put it in brackets. Received: {texts[:40]!r}")


def is_unicode(text: str) -> bool:
    """Whether the text can be written as UTF-8: half a surrogate pair, as JSON and arguments may bring, cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _has_capitals(tokens: Sequence[str]) -> bool:
    # [CLS], and what else was reserved in its manner, such as [ENT], says nothing about the text.
    words = (token for token in tokens if not (token.startswith("[") and token.endswith("]")))
    return any(token != token.lower() for token in words)


def _build(tokens: list[str], lowercase: bool, strip_accents: bool | None, split_chinese: bool) -> Any:
    import tokenizers
    from tokenizers import decoders, models, normalizers, pre_tokenizers, processors

    ids = {token: index for index, token in enumerate(tokens)}
    tokenizer = tokenizers.Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    # Special tokens written inside a text are taken as such, before any normalization.
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=split_chinese, strip_accents=strip_accents, lowercase=lowercase
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    return tokenizer


def _longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """How many tokens of each text stay so that both fit: the longer text loses first, then both alike."""
    if first + second <= room:
        return first, second
    shorter = min(first, second)
    if shorter + shorter < room:  # only the longer one is cut
        return (first, room - first) if first <= second else (room - second, second)
    half = room // 2
    return (half, room - half) if first <= second else (room - half, half)
