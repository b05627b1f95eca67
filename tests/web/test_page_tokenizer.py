"""The page's tokenizer gives what Python's gives: ids, offsets, segments and padding, for every text."""

import json
import random

import pytest

from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

VOCABULARIES = {"uncased": True, "cased": False, "multilingual-cased": False, "chinese": True}
RANDOM_TEXTS = 5_000  # for each vocabulary, and different ones
SMALL = [*SPECIAL_TOKENS, "the", "film"]
# Scripts and corners of Unicode that tokenizers part ways on, as ranges; ASCII the more often.
RANGES = [
    *[(0x20, 0x7F)] * 6,
    *[(0x0, 0x20), (0x80, 0x250), (0x250, 0x370), (0x300, 0x370), (0x370, 0x530), (0x530, 0x10A0), (0xF00, 0x1000)],
    *[(0x1100, 0x1200), (0x1DC0, 0x2C00), (0x2000, 0x2070), (0x302A, 0x3030), (0x3000, 0x3100), (0x4E00, 0x9FFF)],
    *[(0xAC00, 0xD7A4), (0xD7B0, 0xD800), (0xE000, 0x10000), (0xF900, 0xFB50), (0x10000, 0x20000)],
    *[(0x1D100, 0x1D200), (0x1F000, 0x1FB00), (0x20000, 0x30000), (0x30000, 0x110000), (0xE0000, 0xE0200)],
]


def rows_of(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def random_texts(count: int, words: list[str], seed: int) -> list[str]:
    """Pieces of many scripts, words of a vocabulary, special tokens and white space, in any order."""
    draw = random.Random(seed)

    def piece() -> str:
        kind = draw.random()
        if kind < 0.15:
            return draw.choice(words)
        if kind < 0.2:
            return draw.choice([*SPECIAL_TOKENS, "[mask]", "##"])
        if kind < 0.4:
            return draw.choice(" \t\n\u00a0\u3000\u200b")
        first, last = draw.choice(RANGES)
        return "".join(chr(draw.randrange(first, last)) for _ in range(draw.randint(1, 12)))

    return ["".join(piece() for _ in range(draw.randint(1, 8))) for _ in range(count)]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_golden_and_random_texts(ask_tokenizer, golden, shared, name):
    vocabulary = shared / "data" / "vocabs" / f"bert-base-{name}.vocab.txt"
    tokenizer = BertTokenizer(vocabulary, VOCABULARIES[name])
    rows = rows_of(golden / "tokenizer" / f"{name}.jsonl")
    texts = random_texts(RANDOM_TEXTS, tokenizer.vocabulary, seed=len(tokenizer.vocabulary))
    found = ask_tokenizer(
        "encode",
        vocabulary=str(vocabulary),
        settings={"lowercase": tokenizer.lowercase},
        rows=[{"text": text} for text in [*(row["text"] for row in rows), *texts]],
    )
    assert len(rows) == 469
    for row, got in zip(rows, found, strict=False):
        assert (got["tokenIds"], got["offsets"]) == (row["ids"], row["offsets"]), row["text"]
    for text, got, expected in zip(texts, found[len(rows) :], tokenizer.encode_batch(texts), strict=True):
        assert got["tokenIds"] == expected.token_ids, text
        assert [tuple(pair) for pair in got["offsets"]] == expected.offsets, text
        assert got["tokens"] == expected.tokens, text


def test_every_golden_pair_is_cut_and_padded_alike(ask_tokenizer, golden, shared):
    rows = rows_of(golden / "tokenizer" / "pairs-uncased.jsonl")
    found = ask_tokenizer(
        "encode",
        vocabulary=str(shared / "data" / "vocabs" / "bert-base-uncased.vocab.txt"),
        settings={"lowercase": True},
        rows=[
            {"text": row["text_a"], "textB": row["text_b"], "maxLength": row["max_length"], "pad": True} for row in rows
        ],
    )
    assert len(rows) == 120
    for row, got in zip(rows, found, strict=True):
        assert got["tokenIds"] == row["ids"]
        assert got["segmentIds"] == row["segment_ids"]
        assert got["paddingMask"] == row["padding_mask"]
        assert got["offsets"] == row["offsets"]


@pytest.mark.parametrize(("lowercase", "strip_accents", "split_chinese"), [(True, None, True), (True, False, False)])
def test_every_code_point_is_normalized_alike(ask_tokenizer, lowercase, strip_accents, split_chinese):
    tokenizer = BertTokenizer(SMALL, lowercase, strip_accents=strip_accents, split_chinese=split_chinese)
    normalize = tokenizer.library_tokenizer().normalizer.normalize_str
    codes = [chr(code) for code in range(0x110000) if code not in range(0xD800, 0xE000)]
    # Letters between, so that no two are put in order; but each has marks behind it that are.
    texts = ["a".join(f"{code}\u0345\u0327" for code in codes[i : i + 500]) for i in range(0, len(codes), 500)]
    settings = {"lowercase": lowercase, "stripAccents": strip_accents, "splitChinese": split_chinese}
    found = ask_tokenizer("normalize", texts=texts, settings=settings)
    for text, got in zip(texts, found, strict=True):
        assert got == normalize(text)


@pytest.mark.parametrize(
    ("first", "second", "max_length", "tokens"),
    [
        ("the [MASK] film", None, None, ["[CLS]", "the", "[MASK]", "film", "[SEP]"]),
        ("the film the film", None, 4, ["[CLS]", "the", "film", "[SEP]"]),
        ("film", "the the", None, ["[CLS]", "film", "[SEP]", "the", "the", "[SEP]"]),
        ("", None, None, ["[CLS]", "[SEP]"]),
    ],
)
def test_by_hand(ask_tokenizer, tmp_path, first, second, max_length, tokens):
    path = tmp_path / "vocab.txt"
    path.write_bytes("\r\n".join(SMALL).encode())
    row = {"text": first, "textB": second, "maxLength": max_length}
    row = {name: value for name, value in row.items() if value is not None}
    (found,) = ask_tokenizer("encode", vocabulary=str(path), settings={}, rows=[row])
    assert found["tokens"] == tokens
    assert found["truncated"] == (max_length is not None)


@pytest.mark.parametrize(
    ("tokens", "text", "message"),
    [
        (SMALL, "the \ud83d", "half a character (U+D83D) stands at position 5. Delete it"),
        (SMALL[1:], "", "expected the special tokens [PAD] [UNK] [CLS] [SEP] [MASK], [PAD] is missing"),
        ([*SMALL, "the"], "", 'expected every token once, "the" is line 6 and line 8'),
    ],
)
def test_what_is_refused(ask_tokenizer, tokens, text, message):
    found = ask_tokenizer("refuse", tokens=tokens, text=text)
    assert found.startswith("InputError: ")
    assert message in found
