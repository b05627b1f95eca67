import json
import re
import time

import pytest

from kbert.errors import InputError
from kbert.tokenizer import BertTokenizer

VOCABULARIES = {"uncased": True, "cased": False, "multilingual-cased": False, "chinese": True}
SMALL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "film", "##s", "was", "good", "."]
FILES = {"vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}


@pytest.fixture(scope="module")
def tokenizers(shared):
    """Google's four vocabularies, each opened once."""
    folder = shared / "data" / "vocabs"
    return {name: BertTokenizer(folder / f"bert-base-{name}.vocab.txt", lower) for name, lower in VOCABULARIES.items()}


@pytest.fixture
def small() -> BertTokenizer:
    return BertTokenizer(SMALL)


def rows_of(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def pairs_of(offsets) -> list[tuple[int, int]]:
    return [(start, end) for start, end in offsets]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_golden_text_has_its_ids_and_offsets(golden, tokenizers, name):
    rows = rows_of(golden / "tokenizer" / f"{name}.jsonl")
    encodings = tokenizers[name].encode_batch([row["text"] for row in rows])
    assert len(rows) == 469
    for row, encoding in zip(rows, encodings, strict=True):
        assert encoding.token_ids == row["ids"], row["text"]
        assert encoding.offsets == pairs_of(row["offsets"]), row["text"]
        assert encoding.segment_ids == [0] * len(row["ids"])
        assert encoding.padding_mask == [1] * len(row["ids"])
        assert not encoding.truncated


def test_every_golden_pair_is_cut_and_padded_alike(golden, tokenizers):
    rows = rows_of(golden / "tokenizer" / "pairs-uncased.jsonl")
    assert len(rows) == 120
    for row in rows:
        encoding = tokenizers["uncased"].encode(row["text_a"], row["text_b"], row["max_length"], pad=True)
        assert encoding.token_ids == row["ids"]
        assert encoding.segment_ids == row["segment_ids"]
        assert encoding.padding_mask == row["padding_mask"]
        assert encoding.offsets == pairs_of(row["offsets"])
        assert len(encoding) == row["max_length"]


def test_batches_equal_singles(golden, tokenizers):
    texts = [row["text"] for row in rows_of(golden / "tokenizer" / "uncased.jsonl")[:60]]
    seconds = texts[::-1]
    tokenizer = tokenizers["uncased"]
    assert tokenizer.encode_batch(texts) == [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch(texts, max_length=8, pad=True) == [
        tokenizer.encode(text, max_length=8, pad=True) for text in texts
    ]
    assert tokenizer.encode_batch(texts, seconds, 12) == [
        tokenizer.encode(text, second, 12) for text, second in zip(texts, seconds, strict=True)
    ]
    assert tokenizer.encode_batch([]) == []


def test_one_call_leaves_nothing_to_the_next(small):
    whole = small.encode("the films was good .")
    small.encode("the films was good .", max_length=3, pad=True)
    assert small.encode("the films was good .") == whole


def test_ids_tokens_and_offsets_by_hand(small):
    encoding = small.encode("The FILMS.")
    assert encoding.tokens == ["[CLS]", "the", "film", "##s", ".", "[SEP]"]
    assert encoding.token_ids == [2, 5, 6, 7, 10, 3]
    assert encoding.offsets == [(0, 0), (0, 3), (4, 8), (8, 9), (9, 10), (0, 0)]


def test_a_pair_by_hand(small):
    encoding = small.encode("the film", "good .", max_length=9, pad=True)
    assert encoding.token_ids == [2, 5, 6, 3, 9, 10, 3, 0, 0]
    assert encoding.segment_ids == [0, 0, 0, 0, 1, 1, 1, 0, 0]
    assert encoding.padding_mask == [1, 1, 1, 1, 1, 1, 1, 0, 0]
    assert encoding.tokens[-2:] == ["[PAD]", "[PAD]"]


@pytest.mark.parametrize(
    ("first", "second", "max_length", "kept"),
    [
        ("the the the", "good good", 8, (3, 2)),  # all fits
        ("the the the the", "good", 6, (2, 1)),  # the longer one loses first
        ("the", "good good good good", 6, (1, 2)),
        ("the the the", "good good good", 8, (2, 3)),  # alike: the odd place goes to the second
        ("the the the the", "good good good", 8, (3, 2)),  # … or to the one that was longer
        ("", "good good good", 5, (0, 2)),
    ],
)
def test_of_a_pair_the_longer_text_loses_first(small, first, second, max_length, kept):
    encoding = small.encode(first, second, max_length)
    assert (encoding.tokens.count("the"), encoding.tokens.count("good")) == kept
    assert encoding.truncated == (sum(kept) < len(f"{first} {second}".split()))


def test_special_tokens_inside_a_text_are_taken_as_such(small):
    encoding = small.encode("the [MASK].[SEP] film")
    assert encoding.tokens == ["[CLS]", "the", "[MASK]", ".", "[SEP]", "film", "[SEP]"]
    assert encoding.offsets[2] == (4, 10)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("the\u00a0film\u200b\u00ad", ["the", "film"]),  # no-break space; what is invisible goes
        ("g\u00f6od", ["good"]),  # lower-casing takes accents along
        ("unknown", ["[UNK]"]),
        ("good" * 30, ["[UNK]"]),  # a word of more than 100 characters
    ],
)
def test_edges_of_text(small, text, tokens):
    assert small.encode(text).tokens == ["[CLS]", *tokens, "[SEP]"]


def test_options_of_the_normalizer():
    tokens = [*SMALL, "\u00e9", "e", "A", "a", "\u4e2d", "\u4e2d\u56fd", "\u56fd"]
    assert BertTokenizer(tokens, lowercase=False).encode("A \u00e9").tokens[1:-1] == ["A", "\u00e9"]
    assert BertTokenizer(tokens, lowercase=True).encode("A \u00e9").tokens[1:-1] == ["a", "e"]
    assert BertTokenizer(tokens, lowercase=True, strip_accents=False).encode("\u00c9").tokens[1:-1] == ["\u00e9"]
    assert BertTokenizer(tokens).encode("\u4e2d\u56fd").tokens[1:-1] == ["\u4e2d", "\u56fd"]
    assert BertTokenizer(tokens, split_chinese=False).encode("\u4e2d\u56fd").tokens[1:-1] == ["\u4e2d\u56fd"]


def test_token_id(small):
    assert small.token_id("film") == 6
    assert small.token_id("no such token") == 1
    assert small.vocabulary_size == 11


@pytest.mark.parametrize("name", VOCABULARIES)
def test_saved_and_read_back_it_gives_the_same(golden, tokenizers, tmp_path, name):
    texts = [row["text"] for row in rows_of(golden / "tokenizer" / f"{name}.jsonl")]
    tokenizer = tokenizers[name]
    tokenizer.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    copy = BertTokenizer.from_directory(tmp_path)
    assert copy.vocabulary == tokenizer.vocabulary
    assert copy.encode_batch(texts) == tokenizer.encode_batch(texts)


def options_of(tokenizer: BertTokenizer) -> tuple:
    return tokenizer.vocabulary, tokenizer.lowercase, tokenizer.strip_accents, tokenizer.split_chinese


@pytest.mark.parametrize("kept", [{"tokenizer.json"}, {"vocab.txt", "tokenizer_config.json"}])
def test_either_kind_of_file_is_enough(tmp_path, kept):
    tokenizer = BertTokenizer(SMALL, lowercase=False, strip_accents=True, split_chinese=False)
    tokenizer.save(tmp_path)
    for name in FILES - kept:
        (tmp_path / name).unlink()
    assert options_of(BertTokenizer.from_directory(tmp_path)) == options_of(tokenizer)


@pytest.mark.parametrize(
    ("tokens", "lowercase"), [(SMALL, True), ([*SMALL, "Film"], False), ([*SMALL, "[ENT]", "[unusedA]"], True)]
)
def test_a_lone_vocabulary_with_capitals_is_cased(tmp_path, tokens, lowercase):
    (tmp_path / "vocab.txt").write_text("\n".join(tokens), "utf-8")
    assert BertTokenizer.from_directory(tmp_path).lowercase is lowercase


def test_only_a_line_feed_ends_a_line_of_a_vocabulary(tmp_path):
    (tmp_path / "vocab.txt").write_bytes("\r\n".join([*SMALL, "\u2028", "a\u0085b"]).encode() + b"\r\n")
    assert BertTokenizer(tmp_path / "vocab.txt").vocabulary == [*SMALL, "\u2028", "a\u0085b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected a vocabulary file (one token a line), found no such file"),
        (b"", "expected one token a line, the file is empty"),
        (b"[PAD]\ncaf\xe9\n", "expected UTF-8, byte 9 is not. Save the vocabulary as UTF-8"),
        (
            b"[PAD]\n[UNK]\n[CLS]\n[SEP]\nthe\n",
            "expected the special tokens [PAD] [UNK] [CLS] [SEP] [MASK], [MASK] is missing",
        ),
    ],
)
def test_bad_vocabularies(tmp_path, content, message):
    path = tmp_path / "vocab.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"{path}: {message}")):
        BertTokenizer(path)


def test_a_list_of_tokens_needs_the_special_ones_too():
    with pytest.raises(InputError, match=re.escape("the vocabulary: expected the special tokens")):
        BertTokenizer(["the", "film"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "expected the JSON of a WordPiece tokenizer, could not read it"),
        (b"[]", "expected the JSON of a WordPiece tokenizer, could not read it"),
        (b"\xff\xfe", "expected UTF-8, byte 0 is not"),
        (b'{"model": {"type": "BPE"}, "normalizer": null}', "got BPE with None: not a BERT tokenizer"),
        (
            b'{"model": {"type": "WordPiece"}, "normalizer": {"type": "Lowercase"}}',
            "got WordPiece with Lowercase: not a BERT tokenizer",
        ),
        (
            b'{"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 2}}, "normalizer": {"type": "BertNormalizer"}}',
            "expected the ids of the vocabulary to count from 0 without gaps",
        ),
    ],
)
def test_bad_tokenizer_json(tmp_path, content, message):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"{re.escape(str(path))}: .*{re.escape(message)}"):
        BertTokenizer.from_directory(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_bad_tokenizer_config(small, tmp_path, content):
    small.save(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "tokenizer_config.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match=re.escape(f"{tmp_path / 'tokenizer_config.json'}: expected")):
        BertTokenizer.from_directory(tmp_path)


def test_a_folder_without_tokenizer(tmp_path):
    with pytest.raises(InputError, match=re.escape(f"{tmp_path}: expected tokenizer.json or vocab.txt, found neither")):
        BertTokenizer.from_directory(tmp_path)


def test_bad_calls(small):
    with pytest.raises(InputError, match=r"max_length must be at least 3 to hold the special tokens. Received: 2"):
        small.encode("the", max_length=2)
    with pytest.raises(InputError, match=r"max_length must be at least 4 to hold the special tokens. Received: 3"):
        small.encode("the", "film", max_length=3)
    with pytest.raises(InputError, match=r"pad=True needs max_length"):
        small.encode("the", pad=True)
    with pytest.raises(InputError, match=r"Received: 2 texts and 1 second texts"):
        small.encode_batch(["the", "film"], ["good"])
    with pytest.raises(InputError, match=r"text 1 must be a string. Received: NoneType"):
        small.encode_batch(["the", None])
    with pytest.raises(InputError, match=r"text 0 must be valid Unicode. Received: '\\ud83d'"):
        small.encode("\ud83d")


def test_a_very_long_text_is_cut_at_once(small):
    text = "the films was good . " * 5_000
    assert len(text) == 105_000
    started = time.perf_counter()
    encodings = [small.encode(text, max_length=3), small.encode(text, text, max_length=16)]
    assert [len(encoding) for encoding in encodings] == [3, 16]
    assert all(encoding.truncated for encoding in encodings)
    # It takes about 0.2 s; keeping every combination of what is cut off took minutes and all memory.
    assert time.perf_counter() - started < 10


def test_a_token_that_stands_twice(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join([*SMALL, "film"]) + "\n", "utf-8")
    message = f"{path}: expected every token once, 'film' is line 7 and line 12. Rename one of them"
    for read in (BertTokenizer, BertTokenizer.from_vocabulary):
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            read(path)
    with pytest.raises(InputError, match=r"^the vocabulary: expected every token once, 'film' is token 6 and token 11"):
        BertTokenizer([*SMALL, "film"])


def test_one_string_is_no_list_of_texts(small):
    message = r"^expected a list of texts, got one string: put it in brackets. Received: 'the film'$"
    for call in (small.encode_batch, small.token_ids_batch):
        with pytest.raises(InputError, match=message):
            call("the film")
    with pytest.raises(InputError, match=message):
        small.encode_batch(["the film"] * 8, "the film")
