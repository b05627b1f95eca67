import json
import random

import pytest

from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

VOCABULARIES = {"uncased": True, "cased": False, "multilingual-cased": False, "chinese": True}
SETTINGS = [(True, None, True), (False, None, True), (True, False, False), (False, True, True)]
# One of each kind of character on which tokenizers part ways; the last two are not sorted, as NFD would.
PIECES = [
    "\u0130",
    "ẞ",
    "…",
    "\u00a0",
    "ﬁ",
    "\u00ad",
    "e\u0301",
    "\ufffd",
    "한",
    "\uf900",
    "\u2028",
    "\U0001e944\U0001e94a",
]
PIECES += ["[MASK]", "[mask]", "[SEP", "##", "x" * 100, "x" * 101, "\u0301", " ", "ab", "\U0001e944\u034f\U0001e94a"]


def tokenize(tokenizer: BertTokenizer, max_length: int):
    """The graph as a function of a list of texts."""
    import tensorflow as tf

    from kbert.export.text_graph import TokenizerGraph

    graph = TokenizerGraph(tokenizer, max_length)
    return tf.function(graph.__call__, input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)


@pytest.fixture(scope="module")
def tiny_graph(tiny_tokenizer):
    """The graph of a tiny vocabulary, for at most six tokens."""
    return tokenize(tiny_tokenizer, 6)


def rows_of(encoded) -> list[list[int]]:
    """The token ids without padding."""
    padding = encoded["padding_mask"].numpy()
    return [row[mask == 1].tolist() for row, mask in zip(encoded["token_ids"].numpy(), padding, strict=True)]


def expected(tokenizer: BertTokenizer, texts: list[str], max_length: int) -> list[list[int]]:
    return [encoding.token_ids for encoding in tokenizer.encode_batch(texts, max_length=max_length)]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_golden_text_has_its_ids(golden, shared, name):
    path = golden / "tokenizer" / f"{name}.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(rows) == 469
    vocabulary = shared / "data" / "vocabs" / f"bert-base-{name}.vocab.txt"
    encoded = tokenize(BertTokenizer(vocabulary, VOCABULARIES[name]), 512)([row["text"] for row in rows])
    for row, ids in zip(rows, rows_of(encoded), strict=True):
        assert ids == row["ids"], row["text"]


@pytest.mark.parametrize(("lowercase", "strip_accents", "split_chinese"), SETTINGS[::3])
def test_every_code_point_is_cut_from_its_neighbours_alike(lowercase, strip_accents, split_chinese):
    import tensorflow as tf

    from kbert.export.text_graph import TokenizerGraph

    tokenizer = BertTokenizer(
        [*SPECIAL_TOKENS, "a"], lowercase, strip_accents=strip_accents, split_chinese=split_chinese
    )
    library = tokenizer.library_tokenizer()
    words = tf.function(TokenizerGraph(tokenizer, 1 << 16).words, autograph=False)
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    texts = [" ".join(f"x{chr(code)}x" for code in codes[i : i + 4096]) for i in range(0, len(codes), 4096)]
    for text in [*texts[:48], texts[-1]]:  # the planes in between hold nothing, or CJK, like those before
        normal = library.normalizer.normalize_str(text)
        pieces = [word for word, _ in library.pre_tokenizer.pre_tokenize_str(normal)]
        found = words(tf.constant([text]))[0]
        assert ["".join(map(chr, word)) for word in found.to_list()] == pieces


@pytest.mark.parametrize(("lowercase", "strip_accents", "split_chinese"), SETTINGS)
def test_awkward_pieces_in_any_order(lowercase, strip_accents, split_chinese):
    characters = sorted({character for piece in PIECES for character in piece + piece.lower()} - {"#"})
    letters = [*characters, *(f"##{character}" for character in characters), "##ab", "xx", "##xxx"]
    tokens = [*SPECIAL_TOKENS, *letters, "##\U0001e94a\U0001e944"]
    tokenizer = BertTokenizer(tokens, lowercase, strip_accents=strip_accents, split_chinese=split_chinese)
    random_ = random.Random(1)
    texts = ["".join(random_.choices(PIECES, k=random_.randrange(12))) for _ in range(500)]
    assert rows_of(tokenize(tokenizer, 12)(texts)) == expected(tokenizer, texts, 12)


def test_ids_mask_and_segments_by_hand(tiny_graph, tiny_tokenizer):
    encoded = tiny_graph(["Days!", "", "the [MASK] day was good .", "bad" * 9])
    the, day, s, was, mark = (tiny_tokenizer.token_id(token) for token in ("the", "day", "##s", "was", "!"))
    bad, b, a, d = (tiny_tokenizer.token_id(token) for token in ("bad", "##b", "##a", "##d"))
    assert encoded["token_ids"].numpy().tolist() == [
        [2, day, s, mark, 3, 0],
        [2, 3, 0, 0, 0, 0],
        [2, the, 4, day, was, 3],
        [2, bad, b, a, d, 3],
    ]
    assert encoded["padding_mask"].numpy().tolist() == [[1] * 5 + [0], [1, 1, 0, 0, 0, 0], [1] * 6, [1] * 6]
    assert not encoded["segment_ids"].numpy().any()
    assert {value.dtype.name for value in encoded.values()} == {"int32"}


def test_bytes_that_are_no_text_are_left_out(tiny_graph, tiny_tokenizer):
    broken = [b"\xffgood\xe4\xb8 film", b"ba\xed\xa0\x80d", b"\xf4\x90\x80\x80day\xc3"]
    assert rows_of(tiny_graph(broken)) == expected(tiny_tokenizer, ["good film", "bad", "day"], 6)


def test_texts_do_not_run_into_each_other(tiny_graph, tiny_tokenizer):
    halves = ["go", "od", "[MA", "SK]", "", "e", "\u0301"]
    assert rows_of(tiny_graph(halves)) == expected(tiny_tokenizer, halves, 6)


def test_no_texts_give_no_rows(tiny_graph):
    import tensorflow as tf

    assert tiny_graph(tf.constant([], tf.string))["token_ids"].shape[0] == 0


def test_a_long_text_is_cut(tiny_graph, tiny_tokenizer):
    text = "the films was good . " * 5_000
    assert rows_of(tiny_graph([text])) == expected(tiny_tokenizer, [text], 6)
