import numpy as np
import pytest

from kbert.data.column_names import ColumnNames
from kbert.errors import InputError
from kbert.problems.kinds import make_problem
from kbert.problems.multi_label import MultiLabel

LABELS = ("card", "lost", "pin")
# Given at 0.5: card and lost; none; pin. The file below has card and lost; lost; pin and card.
ANSWERS = [np.array(row, "float32") for row in ([0.9, 0.6, 0.1], [0.2, 0.4, 0.3], [0.3, 0.1, 0.8])]
ROWS = '{"text": "a", "labels": ["lost", "card"]}\n{"text": "b", "labels": ["lost"]}\n'
ROWS += '{"text": "c", "labels": ["pin", "card"]}\n'


def read(tmp_path, rows=ROWS, **columns):
    path = tmp_path / "data.jsonl"
    path.write_text(rows, "utf-8")
    return MultiLabel.read(path, ColumnNames(**columns))


@pytest.fixture
def problem(tiny_tokenizer):
    return make_problem("multi-label", LABELS, tiny_tokenizer, 16)


def test_the_labels_are_those_of_all_rows(tmp_path):
    assert MultiLabel.labels_of(read(tmp_path)) == ["card", "lost", "pin"]


def test_targets_are_a_number_for_each_label(problem, tmp_path):
    data = read(tmp_path, ROWS + '{"text": "d", "labels": []}\n')
    targets = problem.encode_examples(data).targets["logits"]
    assert targets.dtype == "float32"
    np.testing.assert_array_equal(targets, [[1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 0]])


def test_scores_worked_by_hand(problem, tmp_path):
    data = read(tmp_path)
    np.testing.assert_array_equal(problem.counts(ANSWERS, data), [[2, 0, 0], [0, 0, 1], [1, 0, 1]])
    scores = problem.score(ANSWERS, data)
    assert scores["micro_f1"] == pytest.approx(6 / 8)  # 3 found, none too many, 2 missed
    # card: 1 of 2, lost: 1 of 2, pin: 1 of 1.
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert scores["exact_match"] == pytest.approx(1 / 3)
    right = [0.9, 0.6, 0.9, 0.8, 0.4, 0.7, 0.3, 0.9, 0.8]
    assert scores["loss"] == pytest.approx(-np.mean(np.log(right)), abs=1e-6)


def test_scores_are_those_of_sklearn(problem, tmp_path):
    from sklearn.metrics import f1_score

    expected, given = [[1, 1, 0], [0, 1, 0], [1, 0, 1]], [row >= 0.5 for row in ANSWERS]
    scores = problem.score(ANSWERS, read(tmp_path))
    for average in ("micro", "macro"):
        assert scores[f"{average}_f1"] == pytest.approx(f1_score(expected, given, average=average))


def test_a_label_that_nobody_has_is_not_in_the_mean(tiny_tokenizer, tmp_path):
    problem = make_problem("multi-label", (*LABELS, "never"), tiny_tokenizer, 16)
    answers = [np.append(answer, 0.1) for answer in ANSWERS]
    assert problem.score(answers, read(tmp_path))["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    answers[0][3] = 0.9  # now it is wrong once
    assert problem.score(answers, read(tmp_path))["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 4)


def test_nothing_given_scores_zero(problem, tmp_path):
    nothing = [problem.nothing(answer) for answer in ANSWERS]
    assert problem.score(nothing, read(tmp_path))["micro_f1"] == 0.0
    assert float(problem.main_from_counts(np.zeros(3))) == 0.0


def test_the_threshold_is_tuned_and_kept(problem, tmp_path):
    tuned = problem.tuned(ANSWERS, read(tmp_path))
    # Above 0.2 and up to 0.3: all five labels are found and one is too many (pin of b is 0.3, as card of c is).
    assert 0.2 < tuned.threshold <= 0.3
    assert tuned.score(ANSWERS, read(tmp_path))["micro_f1"] == pytest.approx(10 / 11)
    assert tuned.settings() == {"threshold": tuned.threshold}
    assert make_problem("multi-label", LABELS, None, 16, tuned.settings()).threshold == tuned.threshold


def test_what_is_printed(problem):
    assert problem.to_dict("a text", ANSWERS[0]) == {
        "text": "a text",
        "labels": ["card", "lost"],
        "probabilities": {"card": 0.9, "lost": 0.6, "pin": 0.1},
        "threshold": 0.5,
    }
    assert problem.to_dict(("one", "two"), ANSWERS[1])["labels"] == []
    assert list(problem.to_dict(("one", "two"), ANSWERS[1]))[:2] == ["text", "text_b"]


def test_answers_compared(problem, tmp_path):
    assert problem.same(ANSWERS[0], np.array([0.5, 0.51, 0.49]))
    assert not problem.same(ANSWERS[0], ANSWERS[2])
    assert problem.shift(ANSWERS[0], ANSWERS[2]) == pytest.approx(0.7)
    assert [problem.say(answer) for answer in ANSWERS] == ["card, lost", "none", "pin"]
    assert [problem.expected(read(tmp_path), i) for i in range(3)] == ["card, lost", "lost", "card, pin"]
    assert problem.confidence(ANSWERS[1], ANSWERS[0]) == pytest.approx(0.2 * 0.4 * 0.7)
    assert problem.is_sound(ANSWERS[0])
    assert not problem.is_sound(np.array([0.1, np.nan, 0.2]))


def test_a_label_only_in_the_test(problem, tmp_path):
    data = read(tmp_path, ROWS + '{"text": "d", "labels": ["card", "loan"]}\n')
    for use in (problem.check, problem.encode_examples):
        with pytest.raises(InputError, match=r"data.jsonl:4: label 'loan' is unknown to the model. Expected one of: c"):
            use(data)


def test_data_without_any_label(problem, tmp_path):
    data = read(tmp_path, '{"text": "a", "labels": []}\n{"text": "b", "labels": ""}\n')
    message = r"data.jsonl: expected labels in some rows, all 2 rows have none"
    for use in (MultiLabel.labels_of, problem.check, problem.encode_examples):
        with pytest.raises(InputError, match=message):
            use(data)


@pytest.mark.parametrize(
    ("labels", "settings", "message"),
    [
        ((), {}, "expected at least one label to learn, got none"),
        (("a", "a"), {}, "expected distinct labels, 'a' stands twice"),
        (("a",), {"threshold": 0.0}, "threshold must be above 0 and below 1. Received: 0.0"),
        (("a",), {"threshold": 1.0}, "threshold must be above 0 and below 1. Received: 1.0"),
    ],
)
def test_what_no_model_can_have(labels, settings, message):
    with pytest.raises(InputError, match=message):
        make_problem("multi-label", labels, None, 16, settings)
