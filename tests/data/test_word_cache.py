import json

from kbert.data import word_cache
from kbert.data.word_cache import WordCache
from kbert.tokenizer import BertTokenizer


def test_same_ids_as_the_tokenizer(shared):
    for name, vocabulary in (
        ("uncased", "bert-base-uncased"),
        ("cased", "bert-base-cased"),
        ("multilingual-cased", "bert-base-multilingual-cased"),
        ("chinese", "bert-base-chinese"),
    ):
        tokenizer = BertTokenizer.from_vocabulary(shared / "data" / "vocabs" / f"{vocabulary}.vocab.txt")
        rows = (shared / "golden" / "tokenizer" / f"{name}.jsonl").read_text("utf-8").splitlines()
        texts = [json.loads(row)["text"] for row in rows]
        texts += [path.read_text("utf-8") for path in sorted((shared / "data" / "udhr2").glob("*.txt"))]
        texts += ["a[SEP]b [MASK]", "", " ", "  a  b ", "e \u0301a", "a\u00a0b\tc", "#" * 200]
        assert WordCache(tokenizer).token_ids_batch(texts) == tokenizer.token_ids_batch(texts)


def test_words_are_looked_up(tiny_tokenizer, monkeypatch):
    words = WordCache(tiny_tokenizer)
    assert words.token_ids_batch(["a film", "a film a film", ""]) == tiny_tokenizer.token_ids_batch(
        ["a film", "a film a film", ""]
    )
    asked = []
    monkeypatch.setattr(
        words, "tokenizer", type("Spy", (), {"token_ids_batch": lambda _, texts: asked.extend(texts) or []})()
    )
    assert words.token_ids_batch(["film a"]) == tiny_tokenizer.token_ids_batch(["film a"])
    assert asked == []


def test_memory_is_bounded(tiny_tokenizer, monkeypatch):
    monkeypatch.setattr(word_cache, "MAX_WORDS", 3)
    words = WordCache(tiny_tokenizer)
    texts = ["a b c d e", "a" * 33, "f g", "a f"]
    for text in texts:
        assert words.token_ids_batch([text]) == tiny_tokenizer.token_ids_batch([text])
        assert len(words._words) <= 3 + 5
    assert "a" * 33 not in words._words


def test_token_ids_batch_is_encode_without_special_tokens(tiny_tokenizer):
    texts = ["the film was good", "", "days !"]
    encodings = tiny_tokenizer.encode_batch(texts)
    assert tiny_tokenizer.token_ids_batch(texts) == [encoding.token_ids[1:-1] for encoding in encodings]
