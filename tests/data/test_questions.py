import json
import re

import pytest

from kbert.data import read_questions
from kbert.errors import InputError

CONTEXT = "Café Müller 😀 opened in 1978."


def question(name: str = "q1", **fields) -> dict:
    row = {"id": name, "question": "When?", "answers": [{"answer_start": 24, "text": "1978"}], **fields}
    return {key: value for key, value in row.items() if value is not None}


def squad(*rows: dict, context: object = CONTEXT) -> str:
    return json.dumps({"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": context, "qas": rows}]}]})


def test_answers_lie_in_code_points(write):
    rows = [question(), question("q2", question="Who?", answers=[{"answer_start": 0, "text": "Café Müller"}] * 2)]
    data = read_questions(write("a.json", b"\xef\xbb\xbf" + squad(*rows).encode()))
    assert data.ids == ["q1", "q2"]
    assert data.inputs == [("When?", CONTEXT), ("Who?", CONTEXT)]
    assert data.answers == [((24, "1978"),), ((0, "Café Müller"), (0, "Café Müller"))]
    assert data.answerable == [True, True]
    assert data.describe() == "2 questions on 1 contexts"


def test_questions_without_an_answer(write):
    rows = [
        question("q1", answers=[], is_impossible=True, plausible_answers=[{"answer_start": 0, "text": "Café"}]),
        question("q2", answers=None, is_impossible=True),
        question("q3", is_impossible=False),
    ]
    data = read_questions(write("a.json", squad(*rows)))
    assert data.answers == [(), (), ((24, "1978"),)]
    assert data.answerable == [False, False, True]
    assert data.describe() == "3 questions on 1 contexts, 2 without an answer"


def test_lines(write):
    text = json.dumps(json.loads(squad(question(), question("q2"))), indent=1)
    data = read_questions(write("a.json", text.replace("\n", "\r\n")))
    lines = text.splitlines()
    starts = [next(i for i, line in enumerate(lines, 1) if f'"{name}"' in line) - 1 for name in ("q1", "q2")]
    assert data.line_numbers == starts
    with pytest.raises(
        InputError, match=f"json:{starts[1]}: question 'q1': expected every id once, it is also in line"
    ):
        read_questions(write("b.json", text.replace('"q2"', '"q1"')))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            squad(question(answers=[{"answer_start": 25, "text": "1978"}])),
            ":1: question 'q1': expected the answer '1978' at code point 25 of its context, there stands '978.'",
        ),
        (squad(question(answers=[{"answer_start": -4, "text": "1978"}])), ":1: question 'q1': expected a whole number"),
        (squad(question(answers=[{"answer_start": "0", "text": "C"}])), ":1: question 'q1': expected a whole number"),
        (squad(question(answers=[{"answer_start": 0, "text": ""}])), ":1: expected a text in 'text', it is empty"),
        (squad(question(answers=[])), ":1: question 'q1': expected at least one answer, or is_impossible (SQuAD 2.0)"),
        (squad(question(answers=None)), ":1: question 'q1': expected at least one answer, or is_impossible"),
        (squad(question(is_impossible=True)), ":1: question 'q1': is_impossible is true, and there are answers"),
        (squad(question(is_impossible="no")), ":1: question 'q1': expected true or false in 'is_impossible', got 'no'"),
        (squad(question(), context=" "), ":1: expected a text in 'context', it is empty"),
        (squad(question(), context=5), ":1: expected a string called 'context', as in SQuAD's JSON, got 5"),
        (squad(question(question="")), ":1: expected a text in 'question', it is empty"),
        (squad(question(name=7)), ":1: expected a string called 'id', as in SQuAD's JSON, got 7"),
        (squad(question(), question()), ":1: question 'q1': expected every id once, it is also in line 1"),
        (squad(question(question="\ud83d")), ":1: expected Unicode text in 'question', found half a surrogate pair"),
        (squad(), ": expected questions in 'data', found none"),
        ("[]", ": expected SQuAD's JSON, an object with a list called 'data', got []"),
        ('{"data": [5]}', ":1: expected objects in 'data', as in SQuAD's JSON, got 5"),
        ('{"data":\n[{"title": "t"}]}', ":2: expected a list called 'paragraphs', as in SQuAD's JSON, got None"),
        ('{"data":\n[', ":2: expected JSON, could not read it ("),
        ("", ": expected rows of text, the file is empty"),
    ],
)
def test_bad_files(write, content, message):
    path = write("a.json", content)
    with pytest.raises(InputError, match=f"^{re.escape(path + message)}"):
        read_questions(path)


def test_fingerprints(write):
    data = read_questions(write("a.json", squad(question())))
    assert list(data.fingerprint_rows()) == [f"question 1 2:q15:When?29:{CONTEXT}2:244:1978"]


@pytest.mark.parametrize("language", ["ar", "en", "zh"])
def test_xquad(shared, language):
    data = read_questions(shared / "data" / "xquad" / f"xquad.{language}.json")
    assert (len(data), len(set(data.contexts)), all(data.answerable)) == (1190, 240, True)
    # The reader has looked at every answer; here the last, on its own.
    ((start, text),) = data.answers[-1]
    assert data.contexts[-1][start : start + len(text)] == text
