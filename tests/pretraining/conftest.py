"""A corpus, shards of two lengths and sizes so small that a step takes milliseconds."""

import pytest

# Twelve documents that a tiny model learns by heart: three words each, said in turn.
CORPUS = "\n\n".join(
    " ".join(f"The {a} was {b}. A {c} day!" for _ in range(4))
    for a, b, c in [("film", "good", "bad"), ("day", "bad", "good"), ("a", "b", "c"), ("x", "y", "z")] * 3
)
SIZES = {"num_layers": 1, "hidden_dim": 16, "num_heads": 2, "intermediate_dim": 32, "max_sequence_length": 32}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    path.write_text(CORPUS, "utf-8")
    return path


@pytest.fixture(scope="session")
def make_shards(tmp_path_factory, corpus, tiny_tokenizer):
    """Shards of the corpus for a length and an objective, made once."""
    from kbert.data.prepare import prepare_shards

    folder = tmp_path_factory.mktemp("shards")

    def make(max_length: int = 16, sentence_objective: str = "nsp"):
        place = folder / f"{max_length}-{sentence_objective}"
        return prepare_shards(
            [corpus], tiny_tokenizer, place, max_length=max_length, sentence_objective=sentence_objective
        )

    return make
