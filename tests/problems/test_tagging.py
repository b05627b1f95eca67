"""Tagging without a network: what is printed, and scores by hand."""

import numpy as np
import pytest

from kbert.data import read_tagged_texts
from kbert.data.column_names import ColumnNames
from kbert.data.words import words_of
from kbert.errors import InputError
from kbert.problems.kinds import make_problem, problem_class
from kbert.problems.word_answers import WordAnswer

TASK = "token-classification"
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
CONLL = "Anna\tB-PER\nLee\tI-PER\nin\tO\nRome\tB-LOC\n\nno\tO\none\tO\n"


@pytest.fixture
def problem(tiny_tokenizer):
    return make_problem(TASK, LABELS, tiny_tokenizer, 16)


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.conll"
    path.write_text(CONLL, "utf-8")
    return read_tagged_texts(path)


def said(text, tags, labels=LABELS, sure=1.0) -> WordAnswer:
    words = words_of(text)
    probabilities = np.full((len(words), len(labels)), (1 - sure) / (len(labels) - 1), "float32")
    probabilities[np.arange(len(words)), [labels.index(tag) for tag in tags]] = sure
    return WordAnswer(text=text, words=words, probabilities=probabilities, shared=np.zeros(len(words), bool))


def test_what_the_data_decides(data, tmp_path):
    problem = problem_class(TASK)
    assert problem.labels_of(data) == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    assert (problem.settings_of(data), problem.metrics_of(data)) == ({"scheme": "BIO"}, ("entity_f1", "accuracy"))
    path = tmp_path / "plain.tsv"
    path.write_text("a\tDET\nfilm\tNOUN\n", "utf-8")
    plain = problem.read(path, ColumnNames())
    assert problem.labels_of(plain) == ["DET", "NOUN"]
    assert (problem.settings_of(plain), problem.metrics_of(plain)) == ({"scheme": "none"}, ("accuracy",))


def test_settings(problem):
    assert problem.settings() == {"scheme": "BIO", "stride": 4}
    assert make_problem(TASK, LABELS, None, 16, {"stride": 2}).settings() == {"scheme": "BIO", "stride": 2}
    assert make_problem(TASK, LABELS, None, 16, {"stride": 100}).overlap == 8
    assert make_problem(TASK, ["DET", "NOUN"], None, 16).settings() == {"scheme": "none", "stride": 4}
    assert make_problem(TASK, ["DET", "NOUN"], None, 16).main_metric == "accuracy"
    with pytest.raises(InputError, match="stride must be 0 tokens or more. Received: -1"):
        make_problem(TASK, LABELS, None, 16, {"stride": -1})


def test_what_is_printed(problem):
    answer = said("Zoë Lee: Rome!", ["B-PER", "I-PER", "O", "B-LOC", "O"], sure=0.6)
    assert problem.to_dict("Zoë Lee: Rome!", answer) == {
        "text": "Zoë Lee: Rome!",
        "entities": [
            {"text": "Zoë Lee", "label": "PER", "start": 0, "end": 7, "score": 0.7},
            {"text": "Rome", "label": "LOC", "start": 9, "end": 13, "score": 0.7},
        ],
    }
    labels = ["DET", "NOUN"]
    plain = make_problem(TASK, labels, None, 16)
    assert plain.to_dict("a film", said("a film", ["DET", "NOUN"], labels, sure=0.75)) == {
        "text": "a film",
        "tags": [
            {"text": "a", "tag": "DET", "start": 0, "end": 1, "score": 0.75},
            {"text": "film", "tag": "NOUN", "start": 2, "end": 6, "score": 0.75},
        ],
    }
    assert plain.to_dict("", said("", [], labels)) == {"text": "", "tags": []}


def test_scores_of_entities(problem, data):
    # The person is right; the place has the wrong label; in the second text there is one too many.
    answers = [
        said("Anna Lee in Rome", ["B-PER", "I-PER", "O", "B-PER"]),
        said("no one", ["O", "I-PER"]),
    ]
    scores = problem.score(answers, data)
    assert scores == pytest.approx(
        {"entity_f1": 0.4, "entity_precision": 1 / 3, "entity_recall": 0.5, "accuracy": 4 / 6}
    )
    counts = problem.counts(answers, data)
    assert counts.tolist() == [[1, 2, 2], [0, 1, 0]]
    assert problem.main_from_counts(counts.sum(axis=0)) == pytest.approx(0.4)
    assert problem.main_metric == "entity_f1"


def test_scores_of_plain_tags(tmp_path):
    path = tmp_path / "plain.conll"
    path.write_text("a\tDET\nfilm\tNOUN\nwas\tAUX\n", "utf-8")
    problem = make_problem(TASK, ["AUX", "DET", "NOUN"], None, 16)
    data = read_tagged_texts(path)
    answers = [said("a film was", ["DET", "NOUN", "NOUN"], list(problem.labels))]
    assert problem.score(answers, data) == pytest.approx({"accuracy": 2 / 3})
    assert problem.main_from_counts(problem.counts(answers, data).sum(axis=0)) == pytest.approx(2 / 3)
    assert problem.say(answers[0]) == "a/DET film/NOUN was/NOUN"
    assert problem.expected(data, 0) == "a/DET film/NOUN was/AUX"


def test_two_answers_side_by_side(problem, data):
    one, other = said("a b", ["O", "B-LOC"], sure=0.6), said("a b", ["O", "B-LOC"], sure=0.8)
    assert problem.same(one, other)
    assert not problem.same(one, said("a b", ["O", "B-PER"]))
    assert problem.shift(one, other) == pytest.approx(0.2)
    assert problem.confidence(other, one) == pytest.approx(0.8)
    assert (problem.say(one), problem.say(said("a b", ["O", "O"]))) == ("b (LOC)", "no entities")
    assert problem.expected(data, 0) == "Anna Lee (PER), Rome (LOC)"
    broken = WordAnswer(text="a b", words=one.words, probabilities=one.probabilities * np.nan, shared=one.shared)
    assert problem.is_sound(one)
    assert not problem.is_sound(broken)
    assert problem.say(problem.nothing(broken)) == "no entities"
    empty = said("", [])
    assert (problem.shift(empty, empty), problem.confidence(empty, empty), problem.say(empty)) == (0, 1, "no entities")


def test_examples_are_read_with_their_own_words(problem, data):
    tokens = problem.encode_examples(data)
    assert tokens.truncated == 0
    # "Anna" is a ##n ##n ##a, "Lee" l ##e ##e.
    assert [label for label in tokens.targets["logits"].tolist() if label != -100] == [1, 2, 0, 3, 0, 0]
    assert tokens.targets["logits"][:7].tolist() == [-100, 1, -100, -100, -100, 2, -100]


def test_bad_input(problem, data, tmp_path):
    with pytest.raises(InputError, match="text 1 must be one string. Received: tuple"):
        problem.encode(["a", ("a", "b")])
    with pytest.raises(InputError, match="token-classification reads one text at a time, not pairs"):
        problem.read_inputs(tmp_path / "x.tsv", ColumnNames(), pairs=True)
    with pytest.raises(InputError, match="expected at least two tags to tell apart, got 1: O"):
        make_problem(TASK, ["O"], None, 16)
    few = make_problem(TASK, ["O", "B-PER", "I-PER"], None, 16)
    with pytest.raises(InputError, match=r"data.conll:1: label 'B-LOC' is unknown to the model. Expected one of: O, "):
        few.check(data)
    path = tmp_path / "outside.conll"
    path.write_text("a\tO\nb\tO\n", "utf-8")
    with pytest.raises(InputError, match="outside.conll: expected at least two tags to tell apart, every word has 'O'"):
        problem.labels_of(read_tagged_texts(path))
