import dataclasses
import json
import math
import re
import resource

import numpy as np
import pytest

from kbert.data import read_questions
from kbert.data.column_names import ColumnNames
from kbert.errors import InputError
from kbert.problems.answer_spans import Answer, Span
from kbert.problems.kinds import make_problem
from kbert.problems.problem import subset
from kbert.tokenizer import BertTokenizer

TASK = "question-answering"


@pytest.fixture
def problem(tiny_tokenizer):
    return make_problem(TASK, (), tiny_tokenizer, 16, {"stride": 4})


def perfect(problem, data) -> list[Answer]:
    """The answers of a network that gives what it is to learn."""
    tokens = problem.encode_examples(data)
    outputs = []
    for i in range(len(tokens)):
        row = slice(tokens.starts[i], tokens.starts[i + 1])
        outputs.append({name: np.where(values[row] == 1, 20.0, 0.0) for name, values in tokens.targets.items()})
    return problem.decode(data.inputs, tokens, outputs)


def answer(text="day", start=0, probability=0.75, nothing=0.25, margin=-1.0) -> Answer:
    span = Span(text=text, start=start, end=start + len(text), probability=probability)
    return Answer(spans=(span,), no_answer_probability=nothing, no_answer_margin=margin)


def test_what_the_model_learns_is_what_it_is_scored_by(problem, squad_file):
    rows = [
        ("the film was good . the day was bad !", "film", ["good"]),
        # It crosses the end of the first window, and stands whole in the second.
        ("the film was good . the day was a bad film , the day was good .", "day", ["film , the day"]),
        ("a song .", "a", ["song"]),
    ]
    data = read_questions(squad_file("a.json", rows))
    found = perfect(problem, data)
    assert [problem.say(one) for one in found] == ["good", "film , the day", "song"]
    assert problem.score(found, data) == {"exact_match": 1.0, "f1": 1.0}
    tokens = problem.encode_examples(data)
    assert [len(rows) for rows in tokens.rows_by_owner(3)] == [1, 2, 1]
    # Spread over windows the places stay those of the whole text.
    start = rows[1][0].index("film , the day")
    assert (found[1].spans[0].start, found[1].spans[0].end) == (start, start + len("film , the day"))


@pytest.mark.parametrize(
    ("context", "wanted"),
    [
        ("😀 the 👨\u200d👩\u200d👧 day 😀 was", "day"),
        ("a cafe\u0301 was a", "cafe\u0301"),
        ("the film 北京市 was", "京市"),
        ("the\u00a0film\u3000was\tgood", "good"),
        ("\ufeffthe \u0000film", "film"),
        ("𝒳 the day", "day"),
    ],
)
def test_places_are_exact_in_any_script(tiny_tokenizer, squad_file, context, wanted):
    vocabulary = [*tiny_tokenizer.vocabulary, *"北京市", "##\u0301"]
    problem = make_problem(TASK, (), BertTokenizer(vocabulary), 48, {})
    (found,) = perfect(problem, read_questions(squad_file("a.json", [(context, "the", [wanted])])))
    span = found.spans[0]
    assert span.text == wanted == context[span.start : span.end]


def test_byte_order_mark_and_carriage_returns(problem, squad_file):
    path = squad_file("a.json", [("the film\r\nwas good .", "film", ["good"])])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    data = read_questions(path)
    assert perfect(problem, data)[0].spans[0].start == len("the film\r\nwas ")


def test_a_context_of_50_000_words(problem, squad_file):
    context = "the film was good . " * 10_000 + "a day ."
    data = read_questions(squad_file("a.json", [(context, "was the film", ["day"])]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = perfect(problem, data)[0].spans[0]
    assert (found.text, found.start) == ("day", 200_002)
    # In kilobytes: rows, places and targets of 8,334 windows, and what the tokenizer says of one text.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    assert len(problem.encode_examples(data)) == 8334


def test_unanswered_questions(problem, squad_file):
    data = read_questions(squad_file("a.json", [("the day", "a", ["day"]), ("a film", "a", []), ("b", "a", ["b"])]))
    assert problem.settings_of(data) == {"no_answer_threshold": 0.0}
    assert problem.settings_of(subset(data, [0, 2])) == {"no_answer_threshold": None}
    answers = [answer("day", 4, margin=2.0), answer("film", 2, margin=5.0), answer("b", margin=3.0)]
    assert problem.score(answers, data)["no_answer_accuracy"] == 0
    tuned = problem.tuned(answers, data)
    assert tuned.no_answer_threshold == 4.0
    assert tuned.score(answers, data) == {
        "exact_match": 1.0,
        "f1": 1.0,
        "has_answer_exact_match": 1.0,
        "has_answer_f1": 1.0,
        "no_answer_accuracy": 1.0,
    }
    assert [tuned.say(one) for one in answers] == ["day", "(no answer)", "b"]
    assert tuned.to_dict(("a", "a film"), answers[1]) == {
        "question": "a",
        "answer": "",
        "start": None,
        "end": None,
        "score": 0.25,
        "no_answer_score": 0.25,
    }
    assert make_problem(TASK, (), None, 16, tuned.settings()) == dataclasses.replace(tuned, tokenizer=None)
    # Questions that all have answers tell nothing of when to be silent.
    assert tuned.tuned([answers[0]], subset(data, [0])) is tuned


def test_what_is_printed(problem):
    assert problem.to_dict(("which", "the day"), answer("day", 4, 0.7512345678)) == {
        "question": "which",
        "answer": "day",
        "start": 4,
        "end": 7,
        "score": 0.751235,
        "no_answer_score": 0.25,
    }


def test_counts_make_f1(problem, squad_file):
    data = read_questions(squad_file("a.json", [("bad film", "a", ["bad film"]), ("b c", "a", ["c"])]))
    answers = [answer("film", 4), answer("b", 0)]
    counts = problem.counts(answers, data)
    # One word of two is found: F1 2/3; and nothing.
    np.testing.assert_allclose(counts, [[2 / 3, 1], [0, 1]])
    assert problem.main_from_counts(counts.sum(axis=0)) == pytest.approx(1 / 3)
    assert problem.score(answers, data) == pytest.approx({"f1": 1 / 3, "exact_match": 0.0})
    assert problem.expected(data, 0) == "bad film"


def test_how_far_answers_are_apart(problem):
    one, near, far = answer("day", 4), answer("day", 4, 0.5, 0.5), answer("film", 9)
    assert (problem.same(one, near), problem.same(one, far)) == (True, False)
    assert (problem.shift(one, near), problem.shift(one, far)) == (0.25, 0.75)
    assert (problem.confidence(near, one), problem.confidence(far, one)) == (0.5, 0.0)
    # The same words elsewhere in the text are another answer.
    assert not problem.same(one, answer("day", 9))
    broken = Answer(spans=(), no_answer_probability=math.nan, no_answer_margin=math.nan)
    assert (problem.is_sound(one), problem.is_sound(broken)) == (True, False)
    assert problem.say(problem.nothing(broken)) == "(no answer)"


def test_a_question_longer_than_the_window_is_named(problem, squad_file):
    path = squad_file("a.json", [("b", "a", ["b"]), ("b", "a " * 10, ["b"])])
    data = read_questions(path)
    message = f"{path}:{data.line_numbers[1]}: question 'q1': expected a question of at most 9 tokens, which leaves a "
    for use in (problem.check, problem.encode_examples):
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            use(data)


def test_single_texts_are_no_questions(problem):
    with pytest.raises(InputError, match="^question 2: expected a question and its text, as two strings, got 'b'$"):
        problem.encode([("a", "b"), "b"])


def test_inputs_from_files(problem, squad_file, tmp_path):
    names = ColumnNames()
    assert problem.read_inputs(squad_file("a.json", [("the day", "a", ["day"])]), names) == [("a", "the day")]
    table = tmp_path / "a.jsonl"
    table.write_text(json.dumps({"question": "a", "context": "the day"}) + "\n")
    assert problem.read_inputs(table, names) == [("a", "the day")]
    table.write_text(json.dumps({"q": "a", "c": "the day"}) + "\n")
    assert problem.read_inputs(table, ColumnNames(text="q", text_b="c")) == [("a", "the day")]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stride": -1}, "stride must be a whole number from 0. Received: -1"),
        ({"max_answer_tokens": 0}, "max_answer_tokens must be a whole number from 1. Received: 0"),
        ({"no_answer_threshold": math.nan}, "no_answer_threshold must be a number, or None. Received: nan"),
        ({"no_answer_threshold": "0"}, "no_answer_threshold must be a number, or None. Received: 0"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        make_problem(TASK, (), None, 16, settings)


@pytest.mark.parametrize(("language", "vocabulary", "found"), [("en", "uncased", 1189), ("zh", "chinese", 1189)])
def test_the_answers_of_xquad_come_back_from_tokens(shared, language, vocabulary, found):
    """All but what lies inside a token, or is longer than 60 of them."""
    (path,) = (shared / "data" / "vocabs").glob(f"bert-base-{vocabulary}*.txt")
    problem = make_problem(TASK, (), BertTokenizer.from_vocabulary(path), 384, {"max_answer_tokens": 60})
    data = read_questions(shared / "data" / "xquad" / f"xquad.{language}.json")
    texts = [problem.say(one) for one in perfect(problem, data)]
    assert sum(text == answers[0][1] for text, answers in zip(texts, data.answers, strict=True)) == found
