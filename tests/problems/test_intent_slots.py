"""Intents with slots without a network: what is printed, and scores by hand."""

import numpy as np
import pytest

from kbert.data import read_intent_slots
from kbert.data.words import words_of
from kbert.errors import InputError
from kbert.problems.intent_slots import IntentSlotAnswer
from kbert.problems.kinds import make_problem, problem_class
from kbert.problems.word_answers import WordAnswer

TASK = "intent-slots"
LABELS = ["O", "B-city", "I-city"]
INTENTS = ["book", "rain"]
ROWS = (
    '{"text": "rain in New York", "intent": "rain", "slots": [[8, 16, "city"]]}\n'
    '{"text": "book it", "intent": "book", "slots": []}\n'
    '{"text": "in Rome", "intent": "rain", "slots": [[3, 7, "city"]]}\n'
)


@pytest.fixture
def problem(tiny_tokenizer):
    return make_problem(TASK, LABELS, tiny_tokenizer, 16, {"intents": INTENTS})


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(ROWS, "utf-8")
    return read_intent_slots(path)


def said(text, intent, tags) -> IntentSlotAnswer:
    words = words_of(text)
    probabilities = np.full((len(words), 3), 0.1, "float32")
    probabilities[np.arange(len(words)), [LABELS.index(tag) for tag in tags]] = 0.8
    slots = WordAnswer(text=text, words=words, probabilities=probabilities, shared=np.zeros(len(words), bool))
    intents = np.asarray([0.75 if name == intent else 0.25 for name in INTENTS], "float32")
    return IntentSlotAnswer(intent=intents, slots=slots)


def test_what_the_data_decides(data):
    problem = problem_class(TASK)
    assert problem.labels_of(data) == LABELS
    assert problem.settings_of(data) == {"scheme": "BIO", "intents": INTENTS}
    assert problem.metrics_of(data) == ("both_right", "intent_accuracy", "slot_f1")


def test_settings(problem):
    assert problem.settings() == {"scheme": "BIO", "stride": 4, "intents": INTENTS}
    assert make_problem(TASK, LABELS, None, 16, problem.settings()).intents == ("book", "rain")
    assert problem.widths() == {"intent_probability": 2, "slot_probability": 3}


def test_what_is_printed(problem):
    assert problem.to_dict("to New York", said("to New York", "book", ["O", "B-city", "I-city"])) == {
        "text": "to New York",
        "intent": "book",
        "probability": 0.75,
        "entities": [{"text": "New York", "label": "city", "start": 3, "end": 11, "score": 0.9}],
    }


def test_scores(problem, data):
    answers = [
        said("rain in New York", "rain", ["O", "O", "B-city", "I-city"]),  # all right
        said("book it", "book", ["O", "B-city"]),  # a slot too many
        said("in Rome", "book", ["O", "B-city"]),  # the wrong intent
    ]
    assert problem.score(answers, data) == pytest.approx(
        {"both_right": 1 / 3, "intent_accuracy": 2 / 3, "slot_f1": 0.8}
    )
    counts = problem.counts(answers, data)
    assert counts.tolist() == [[1, 1], [0, 1], [0, 1]]
    assert problem.main_from_counts(counts.sum(axis=0)) == pytest.approx(1 / 3)


def test_two_answers_side_by_side(problem, data):
    one, other = said("in Rome", "rain", ["O", "B-city"]), said("in Rome", "book", ["O", "B-city"])
    assert problem.same(one, one)
    assert not problem.same(one, other)
    assert not problem.same(one, said("in Rome", "rain", ["O", "O"]))
    assert problem.shift(one, other) == pytest.approx(0.5)
    assert problem.shift(one, said("in Rome", "rain", ["O", "O"])) == pytest.approx(0.7)
    assert (problem.confidence(one, one), problem.confidence(other, one)) == (0.75, 0.25)
    assert (problem.say(one), problem.expected(data, 2)) == ("rain: Rome (city)", "rain: Rome (city)")
    broken = IntentSlotAnswer(intent=one.intent * np.nan, slots=one.slots)
    assert problem.is_sound(one)
    assert not problem.is_sound(broken)
    assert problem.say(problem.nothing(broken)) == "book: no entities"


def test_a_long_text_has_its_intent_in_every_window(problem, data, tmp_path):
    path = tmp_path / "long.jsonl"
    text = "rain in Rome " * 5
    path.write_text(f'{{"text": "{text}", "intent": "rain", "slots": [[8, 12, "city"]]}}\n', "utf-8")
    tokens = problem.encode_examples(read_intent_slots(path))
    assert len(tokens) > 2
    assert tokens.targets["intent_logits"].tolist() == [1] * len(tokens)
    assert sorted(set(tokens.targets["slot_logits"].tolist())) == [-100, 0, 1]
    outputs = [
        {
            "intent_probability": np.asarray([row == 0, row != 0], "float32"),
            "slot_probability": np.eye(3, dtype="float32")[[0] * int(tokens.lengths[row])],
        }
        for row in range(len(tokens))
    ]
    (answer,) = problem.decode([text], tokens, outputs)
    assert answer.intent.tolist() == pytest.approx([1 / len(tokens), 1 - 1 / len(tokens)])


def test_bad_input(problem, data, tmp_path):
    for intents, message in (
        (["rain"], "expected at least two intents to tell apart, got 1: rain"),
        (["rain", "rain"], "expected distinct intents, 'rain' stands twice"),
    ):
        with pytest.raises(InputError, match=message):
            make_problem(TASK, LABELS, None, 16, {"intents": intents})
    with pytest.raises(InputError, match="expected tags of slots, O or B-SLOT or I-SLOT, got DET, NOUN"):
        make_problem(TASK, ["DET", "NOUN"], None, 16, {"intents": INTENTS})
    with pytest.raises(
        InputError, match=r"data.jsonl:1: label 'rain' is unknown to the model. Expected one of: book, b"
    ):
        make_problem(TASK, LABELS, None, 16, {"intents": ["book", "buy"]}).check(data)
    path = tmp_path / "one.jsonl"
    path.write_text('{"text": "a", "intent": "x", "slots": []}\n{"text": "b", "intent": "x", "slots": []}\n', "utf-8")
    one = read_intent_slots(path)
    with pytest.raises(InputError, match="one.jsonl: expected slots to find, no row has one. For intents alone"):
        problem.labels_of(one)
    with pytest.raises(InputError, match="one.jsonl: expected at least two intents to tell apart, every row has 'x'"):
        problem.settings_of(one)
