"""The example script runs from questions to a saved run, here on a model small enough for a test."""

from pathlib import Path

import pytest

from kbert.data import read_questions
from kbert.tasks import QuestionAnswerer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def example(load_example):
    return load_example("finetune_question_answerer")


def test_the_data_is_sound() -> None:
    train, validation = (read_questions(EXAMPLES / "questions" / f"{split}.json") for split in ("train", "validation"))
    assert (len(train), len(validation)) == (55, 19)
    assert not set(train.contexts) & set(validation.contexts)
    # A number or word that stands twice would make the place of the answer a guess.
    for data in (train, validation):
        for context, ((start, text),) in zip(data.contexts, data.answers, strict=True):
            assert (context.count(text), context.index(text)) == (1, start)


def test_the_script_trains_predicts_and_saves(
    example, shallow_checkpoint, squad_file, opinion_rows, tmp_path, monkeypatch
) -> None:
    for split in ("train", "validation"):
        squad_file(f"{split}.json", opinion_rows)
    monkeypatch.setattr(example, "QUESTIONS", tmp_path)
    assert 0 <= example.main(str(shallow_checkpoint), "1", str(tmp_path / "run")) <= 1
    assert QuestionAnswerer.from_checkpoint(tmp_path / "run").max_length == 32
