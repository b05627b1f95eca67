import numpy as np
import pytest

from kbert.data.column_names import ColumnNames
from kbert.errors import InputError
from kbert.problems.kinds import make_problem
from kbert.problems.regression import Regression

SCORES = [0.0, 1.0, 5.0, 4.0]
ANSWERS = [np.array([score], "float32") for score in (0.5, 1.5, 4.5, 4.5)]


def read(tmp_path, scores=SCORES):
    path = tmp_path / "data.tsv"
    path.write_text("text\tscore\n" + "".join(f"t{i}\t{score}\n" for i, score in enumerate(scores)), "utf-8")
    return Regression.read(path, ColumnNames())


@pytest.fixture
def problem(tiny_tokenizer):
    return make_problem("regression", ("score",), tiny_tokenizer, 16, {"low": 0.0, "high": 5.0})


def test_label_and_range_come_from_the_data(tmp_path):
    assert Regression.labels_of(read(tmp_path)) == ["score"]
    assert Regression.settings_of(read(tmp_path)) == {"low": 0.0, "high": 5.0}


def test_targets_are_in_the_units_of_the_data(problem, tmp_path):
    targets = problem.encode_examples(read(tmp_path)).targets["logits"]
    assert targets.dtype == "float32"
    np.testing.assert_array_equal(targets, [[0.0], [1.0], [5.0], [4.0]])


def test_scores_worked_by_hand(problem, tmp_path):
    scores = problem.score(ANSWERS, read(tmp_path))
    assert set(scores) == {"pearson", "spearman", "mse", "mae"}
    # Less their means 2.5 and 2.75: (-2.5, -1.5, 2.5, 1.5) and (-2.25, -1.25, 1.75, 1.75).
    product, squares = 5.625 + 1.875 + 4.375 + 2.625, (17.0, 5.0625 + 1.5625 + 2 * 3.0625)
    assert scores["pearson"] == pytest.approx(product / np.sqrt(squares[0] * squares[1]))
    assert scores["mse"] == pytest.approx(0.25)
    assert scores["mae"] == pytest.approx(0.5)
    # Ranks 1, 2, 4, 3 and 1, 2, 3.5, 3.5.
    assert scores["spearman"] == pytest.approx(4.5 / np.sqrt(5.0 * 4.5))


def test_counts_make_the_metric_of_any_sample(problem, tmp_path):
    data = read(tmp_path)
    counts = problem.counts(ANSWERS, data)
    chosen = [0, 1, 1, 2]
    expected = np.corrcoef([SCORES[i] for i in chosen], [ANSWERS[i][0] for i in chosen])[0, 1]
    assert float(problem.main_from_counts(counts[chosen].sum(axis=0))) == pytest.approx(expected)


def test_answers_that_are_all_the_same_score_zero(problem, tmp_path):
    data, answers = read(tmp_path), [problem.nothing(answer) for answer in ANSWERS]
    assert [float(answer[0]) for answer in answers] == [2.5] * 4
    assert float(problem.main_from_counts(problem.counts(answers, data).sum(axis=0))) == 0.0
    scores = problem.score(answers, data)
    assert (scores["pearson"], scores["spearman"]) == (0.0, 0.0)
    assert scores["mse"] == pytest.approx((6.25 + 2.25 + 6.25 + 2.25) / 4)


def test_what_is_printed(problem):
    assert problem.to_dict("a text", ANSWERS[0]) == {"text": "a text", "score": 0.5}
    assert problem.to_dict(("one", "two"), ANSWERS[1]) == {"text": "one", "text_b": "two", "score": 1.5}


def test_answers_compared(problem, tmp_path):
    assert problem.same(np.array([1.0]), np.array([1.04]))  # 1 % of 0 to 5 is 0.05
    assert not problem.same(np.array([1.0]), np.array([1.06]))
    assert problem.shift(np.array([4.0]), np.array([1.5])) == pytest.approx(0.5)
    assert problem.say(np.array([3.14159])) == "3.142"
    assert problem.expected(read(tmp_path), 2) == "5"
    assert problem.confidence(ANSWERS[0], ANSWERS[0]) is None
    assert not problem.is_sound(np.array([np.inf]))


def test_scores_that_are_all_the_same(problem, tmp_path):
    data = read(tmp_path, [3, 3.0, "3.00"])
    for use in (Regression.labels_of, problem.check, problem.encode_examples):
        with pytest.raises(InputError, match=r"data.tsv: expected scores that differ, all 3 rows have 3: nothing can"):
            use(data)


@pytest.mark.parametrize("score", ["", "high", "nan", "inf", "1,5", "1e999", "1_000"])
def test_scores_that_are_no_numbers(tmp_path, score):
    with pytest.raises(InputError, match=r"data.tsv:3: expected a finite number such as 3.5 in column 'score', got '"):
        read(tmp_path, [1, score])


@pytest.mark.parametrize(
    ("labels", "settings", "message"),
    [
        (("a", "b"), {}, "a regression has one score, got 2 labels: a, b"),
        (("score",), {"low": 1.0, "high": 1.0}, "low must be below high, which is 1.0. Received: 1.0"),
    ],
)
def test_what_no_model_can_have(labels, settings, message):
    with pytest.raises(InputError, match=message):
        make_problem("regression", labels, None, 16, settings)


@pytest.mark.parametrize(
    ("names", "header", "expected"),
    [
        (ColumnNames(), "text\ttext_b\n", [("a", "b")]),
        (ColumnNames(), "premise\thypothesis\n", [("a", "b")]),
        (ColumnNames(text="text"), "text\ttext_b\n", ["a"]),
        (ColumnNames(names=("sentence1", "sentence2")), "", [("a", "b")]),
        (ColumnNames(text="one", text_b="two"), "two\tone\n", [("b", "a")]),
        (ColumnNames(), "text\tother\n", ["a"]),
    ],
)
def test_a_file_of_pairs_is_read_as_in_training(tmp_path, names, header, expected):
    path = tmp_path / "inputs.tsv"
    path.write_text(f"{header}a\tb\n", "utf-8")
    assert Regression.read_inputs(path, names) == expected
