"""The example script runs from pairs to a saved run, here on a model small enough for a test."""

import pytest

from kbert.data import read_triplets
from kbert.tasks import TextEmbedder


@pytest.fixture
def example(load_example):
    return load_example("find_questions")


def test_no_question_is_in_both_files(example) -> None:
    train, test = (read_triplets(example.QUESTIONS / f"{split}.tsv") for split in ("train", "test"))
    assert (len(train), len(test)) == (24, 12)
    texts = [text for data in (train, test) for pair in data.inputs for text in pair]
    assert len(set(texts)) == len(texts) == 72


def test_the_script_trains_finds_and_saves(example, shallow_checkpoint, tmp_path) -> None:
    assert 0 <= example.main(str(shallow_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert TextEmbedder.from_checkpoint(tmp_path / "run").max_length == 32
