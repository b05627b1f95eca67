"""SQuAD's scores, worked out by hand from their definition."""

import json

import numpy as np
import pytest

from kbert.errors import InputError
from kbert.problems.squad_metrics import answer_f1, answer_scores, answer_words, exact_match, normalize_answer


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("The  U.S., an Army!", "us army"),
        ("a\tB\nc", "b c"),
        ("theory of another's anthem", "theory of anothers anthem"),
        # Punctuation goes first: what it leaves behind is an article.
        ("A.N. Other", "other"),
        # The dash is not ASCII: it stays, and separates the article from its neighbours.
        ("x–the–y", "x– –y"),
        ("The", ""),
        ("«Été»", "«été»"),
    ],
)
def test_normalization(text, normalized):
    assert normalize_answer(text) == normalized


def test_exact_match_takes_any_of_the_answers():
    assert exact_match("the Denver Broncos.", ["Panthers", "denver broncos"])
    assert not exact_match("Denver", ["Denver Broncos", "Panthers"])


@pytest.mark.parametrize(
    ("prediction", "answers", "f1"),
    [
        # cat sat on mats | cat sat: 2 in common, of 4 and 2.
        ("the cat sat on mats", ["a cat sat"], 2 / 3),
        # The second "new" has no partner: 2 in common, of 3 and 2.
        ("new new york", ["New York"], 4 / 5),
        # The nearest counts: 1 of 1 and 2 (2/3), not 1 of 1 and 4 (2/5).
        ("Denver", ["the city of Denver Colorado", "Denver, Colorado"], 2 / 3),
        ("York", ["Denver"], 0.0),
        ("", ["Denver"], 0.0),
    ],
)
def test_f1_by_hand(prediction, answers, f1):
    assert answer_f1(prediction, answers) == pytest.approx(f1)


@pytest.mark.parametrize(("prediction", "score"), [("", 1.0), ("the", 1.0), ("Denver", 0.0)])
def test_an_unanswerable_question_is_answered_by_nothing(prediction, score):
    assert answer_f1(prediction, []) == score
    assert exact_match(prediction, []) == bool(score)
    # An answer of which nothing is left is none.
    assert answer_f1(prediction, ["The"]) == score


def test_beside_a_real_answer_one_of_which_nothing_is_left_counts_for_nothing():
    assert not exact_match("", ["the", "The Who"])
    assert answer_f1("", ["the", "The Who"]) == 0.0


def test_chinese_is_one_word_by_squad_and_characters_by_mlqa():
    assert answer_words("北京 大学。") == ["北京", "大学。"]
    assert answer_words("在2008年，北京 Beijing。", split_cjk=True) == ["在", "2008", "年", "北", "京", "beijing"]
    assert answer_f1("北京大学", ["北京"]) == 0.0
    assert answer_f1("北京大学", ["北京"], split_cjk=True) == pytest.approx(2 * 2 / 6)
    assert answer_f1("北京。", ["北京"]) == 0.0
    assert answer_f1("北京。", ["北京"], split_cjk=True) == 1.0


def test_scores_of_all_questions_and_of_both_kinds():
    scores = answer_scores(["cat sat", "", "dog", "cat", ""], [["the cat"], [], [], ["cat", "dog"], ["dog"]])
    assert scores.exact.tolist() == [0, 1, 0, 1, 0]
    assert scores.f1.tolist() == pytest.approx([2 / 3, 1, 0, 1, 0])
    assert scores.has_answer.tolist() == [True, False, False, True, True]
    assert scores.metrics() == pytest.approx(
        {
            "exact_match": 2 / 5,
            "f1": (2 / 3 + 2) / 5,
            "has_answer_exact_match": 1 / 3,
            "has_answer_f1": (2 / 3 + 1) / 3,
            "no_answer_accuracy": 1 / 2,
        }
    )


def test_questions_that_all_have_an_answer_have_two_metrics():
    assert answer_scores(["cat"], [["cat"]]).metrics() == {"exact_match": 1.0, "f1": 1.0}


def test_predictions_must_fit_the_questions():
    with pytest.raises(InputError, match="a prediction for each of 2 questions, got 1"):
        answer_scores(["x"], [["x"], ["y"]])
    with pytest.raises(InputError, match="at least one question"):
        answer_scores([], [])


@pytest.mark.parametrize("split_cjk", [False, True])
@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "hi", "ru", "zh"])
def test_the_right_answers_of_xquad_are_right(shared, language, split_cjk):
    articles = json.loads((shared / "data" / "xquad" / f"xquad.{language}.json").read_text("utf-8"))["data"]
    questions = [
        question for article in articles for paragraph in article["paragraphs"] for question in paragraph["qas"]
    ]
    answers = [[answer["text"] for answer in question["answers"]] for question in questions]
    scores = answer_scores([several[0] for several in answers], answers, split_cjk=split_cjk)
    assert len(scores.f1) == 1190
    assert np.all(scores.f1 == 1.0)
    assert scores.metrics()["exact_match"] == 1.0
