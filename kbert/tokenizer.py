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
        InputError: the vocabulary file is missing, empty, not UTF-8, or lacks one of the five special tokens.

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
            source = str(vocabulary)
            tokens = read_vocabulary(vocabulary)
        else:
            source = "the vocabulary"
            tokens = list(vocabulary)
        missing = [token for token in SPECIAL_TOKENS if token not in set(tokens)]
        if missing:
            raise InputError(f"{source}: expected the special tokens {' '.join(SPECIAL_TOKENS)}, {missing[0]} is missing")
        self.vocabulary = tokens
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.split_chinese = split_chinese
        self._tokenizer = _build(tokens, lowercase, strip_accents, split_chinese)
        self._ids = {token: index for index, token in enumerate(tokens)}

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
                or `pad` came without `max_length`.
        """
        special = 2 if texts_b is None else 3
        if max_length is not None and max_length < special + 1:
            raise InputError(f"max_length must be at least {special + 1} to hold the special tokens. Received: {max_length}")
        if pad and max_length is None:
            raise InputError("pad=True needs max_length, the length to pad to. Received: max_length=None")
        if texts_b is not None and len(texts_b) != len(texts):
            raise InputError(f"every text needs its pair. Received: {len(texts)} texts and {len(texts_b)} second texts")
        self._set_lengths(max_length, pad)
        inputs: list[Any] = list(texts) if texts_b is None else list(zip(texts, texts_b, strict=True))
        return [_to_encoding(row) for row in self._tokenizer.encode_batch(inputs)]

    def _set_lengths(self, max_length: int | None, pad: bool) -> None:
        if max_length is None:
            self._tokenizer.no_truncation()
        else:
            self._tokenizer.enable_truncation(max_length, strategy="longest_first")
        if pad:
            self._tokenizer.enable_padding(pad_id=self._ids["[PAD]"], pad_token="[PAD]", length=max_length)
        else:
            self._tokenizer.no_padding()

    @classmethod
    def from_directory(cls, directory: str | os.PathLike[str]) -> "BertTokenizer":
        """Reads the tokenizer of a Hugging Face checkpoint: `tokenizer.json`, or `vocab.txt` and `tokenizer_config.json`.

        Raises:
            InputError: neither file is there, or `tokenizer.json` holds something other than BERT's WordPiece.
        """
        folder = Path(directory)
        if (folder / "tokenizer.json").is_file():
            return cls.from_tokenizer_json((folder / "tokenizer.json").read_text("utf-8"), folder / "tokenizer.json")
        if not (folder / "vocab.txt").is_file():
            raise InputError(f"{folder}: expected tokenizer.json or vocab.txt, found neither")
        config: dict[str, Any] = {}
        if (folder / "tokenizer_config.json").is_file():
            config = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
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
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{source}: expected the JSON of a WordPiece tokenizer, could not read it ({error})") from None
        if kinds != ("WordPiece", "BertNormalizer"):
            raise InputError(
                f"{source}: expected a WordPiece model with a BertNormalizer, got {kinds[0]} with {kinds[1]}: "
                "not a BERT tokenizer"
            )
        return cls(
            sorted(model["vocab"], key=model["vocab"].__getitem__),
            lowercase=normalizer["lowercase"],
            strip_accents=normalizer["strip_accents"],
            split_chinese=normalizer["handle_chinese_chars"],
        )

    def to_tokenizer_json(self) -> str:
        """The text of a `tokenizer.json` that Hugging Face's libraries load."""
        self._set_lengths(None, pad=False)
        return str(self._tokenizer.to_str(pretty=True))

    def save(self, directory: str | os.PathLike[str]) -> None:
        """Writes `vocab.txt`, `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`."""
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
            "model_max_length": 512,
            **special,
        }
        write_json(folder / "tokenizer_config.json", config)
        write_json(folder / "special_tokens_map.json", special)


def read_vocabulary(path: str | os.PathLike[str]) -> list[str]:
    """Reads a `vocab.txt`. Only a line feed ends a line: some vocabularies hold other separators as tokens.

    Raises:
        InputError: the file is missing, empty or not UTF-8.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: expected a vocabulary file (one token a line), found no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected UTF-8, byte {error.start} is not. Save the vocabulary as UTF-8") from None
    tokens = [line.removesuffix("\r") for line in text.split("\n")]
    if tokens and tokens[-1] == "":
        tokens.pop()
    if not tokens:
        raise InputError(f"{path}: expected one token a line, the file is empty")
    return tokens


def _has_capitals(tokens: Sequence[str]) -> bool:
    return any(token != token.lower() for token in tokens if token not in SPECIAL_TOKENS)


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


def _to_encoding(row: Any) -> Encoding:
    return Encoding(
        token_ids=row.ids,
        segment_ids=row.type_ids,
        padding_mask=row.attention_mask,
        offsets=row.offsets,
        tokens=row.tokens,
        truncated=bool(row.overflowing),
    )
