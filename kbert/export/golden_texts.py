"""Texts on which tokenizers part ways: the test vectors that go with every export."""

import dataclasses
from typing import Any

from kbert.tokenizer import BertTokenizer

TEXTS = (
    "",
    " ",
    "\t\n",
    "Hello, world!",
    "wake me at half past six",
    "DON'T SHOUT",
    "It's 3.14, isn't it?",
    "don’t – “quoted” … dash—dash",
    "état élève naïve coöperate Ångström",
    "e\u0301te\u0301 decomposed",
    "Straße GROẞ",
    "İstanbul ıslak",
    "你好世界",
    "東京タワー と 한국어",
    "Привет, как дела?",
    "Καλημέρα κόσμε",
    "שלום עולם",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "ไทยไม่มีวรรค",
    "emoji 😀 👩‍👩‍👧 🇳🇴",
    "non\u00a0breaking\u2009thin\u3000ideographic spaces",
    "soft\u00adhyphen zero\u200bwidth joiner\u200d",
    "control\x07bell \ufffd replacement",
    "ﬁne ﬂow ligatures ½ ² ™",
    "user@example.com https://example.com/a?b=c&d=1",
    "C++ C# a_b snake_case camelCase x=y+z",
    "100,000.50 $5 €20 £3 50% #tag @name",
    "[CLS] written out [SEP] and [MASK] too",
    "unaffable antidisestablishmentarianism",
    "a" * 101,
    "ab " * 40,
    "line one\nline two\r\nline three",
    "mixed 中文 and English汉字together",
    "…!!??--()[]{}<>/\\|~`^",
)


def golden_vectors(tokenizer: BertTokenizer, max_length: int) -> dict[str, Any]:
    """`tokenizer_golden.json`: what a device's tokenizer must give for each text, special tokens included."""
    rows = [dataclasses.asdict(encoding) for encoding in tokenizer.encode_batch(TEXTS, max_length=max_length)]
    kept = ("token_ids", "tokens", "offsets")
    vectors = [{"text": text, **{name: row[name] for name in kept}} for text, row in zip(TEXTS, rows, strict=True)]
    return {"lowercase": tokenizer.lowercase, "max_length": max_length, "vectors": vectors}
