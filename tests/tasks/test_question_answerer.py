import dataclasses
import json
import warnings

import keras
import numpy as np
import pytest

import kbert
from kbert.backbone import BertBackbone
from kbert.cli.main import main
from kbert.data import read_questions
from kbert.data.batching import IGNORED
from kbert.errors import InputError
from kbert.tasks import AnswerPrediction, QuestionAnswerer
from kbert.tasks.question_answerer import AnswerPositionLoss


@pytest.fixture
def answerer(tiny_config, tiny_tokenizer) -> QuestionAnswerer:
    keras.utils.set_random_seed(7)
    config = dataclasses.replace(tiny_config, num_layers=1, dropout=0.0, attention_dropout=0.0)
    return QuestionAnswerer(BertBackbone(config), tiny_tokenizer, max_length=16, stride=4)


@pytest.fixture
def opinions(squad_file, opinion_rows):
    return read_questions(squad_file("opinions.json", opinion_rows))


def run(capsys, *arguments) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return (int(stopped.value.code or 0), *capsys.readouterr())


def test_the_loss_by_hand():
    # Three places may be chosen, with the probabilities 1/6, 1/3 and 1/2 of the logs of 1, 2 and 3.
    logits = np.log([[1.0, 100.0, 2.0, 3.0, 100.0]])
    targets = np.array([[0, IGNORED, 0, 1, IGNORED]])
    loss = AnswerPositionLoss()
    assert float(loss(targets, logits)) == pytest.approx(np.log(2), abs=1e-6)
    # Padding changes nothing, and neither does a row without a place to find, but for the mean over two.
    padded = np.array([[0, IGNORED, 0, 1, IGNORED, IGNORED], [IGNORED] * 6])
    wider = np.concatenate([np.pad(logits, ((0, 0), (0, 1)), constant_values=50.0), np.zeros((1, 6))])
    assert float(loss(padded, wider)) == pytest.approx(np.log(2) / 2, abs=1e-6)


def test_outputs(answerer):
    ones = np.ones((2, 5), "int32")
    outputs = answerer({"token_ids": ones, "segment_ids": 0 * ones, "padding_mask": ones})
    assert {name: (value.shape, value.dtype.name) for name, value in outputs.items()} == {
        "start_logits": ((2, 5), "float32"),
        "end_logits": ((2, 5), "float32"),
    }


def test_it_learns_and_answers(answerer, opinions):
    answerer.compile(keras.optimizers.Adam(1e-2), loss=answerer.default_loss())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = answerer.fit(
            opinions.inputs,
            opinions.answers,
            batch_size=10,
            epochs=15,
            verbose=0,
            validation_data=(opinions.inputs, opinions.answers),
        ).history
    assert history["loss"][-1] < 0.1 < history["loss"][0]
    assert history["val_loss"][-1] < 0.1
    scores = answerer.problem.score(answerer.answer(opinions.inputs), opinions)
    assert scores == {"exact_match": 1.0, "f1": 1.0}
    # A word among many windows of others.
    text = "the day . " * 50 + "bad " + "the film . " * 50
    (found,) = answerer.predict([("was the day", text)])
    assert isinstance(found, AnswerPrediction)
    assert (found.text, found.start, found.end, found.question) == ("bad", 500, 503, "was the day")
    assert found.score > 0.5 > found.no_answer_score


def test_no_answer(answerer):
    rows = [("was it", "the film was good"), ("was it", "the film was a day")]
    answerer.compile(keras.optimizers.Adam(1e-2), loss=answerer.default_loss())
    answerer.fit(rows * 10, [[(13, "good")], []] * 10, batch_size=4, epochs=15, verbose=0)
    answerer.problem = dataclasses.replace(answerer.problem, no_answer_threshold=0.0)
    found = answerer.predict(rows)
    assert [(one.text, one.start) for one in found] == [("good", 13), ("", None)]
    assert found[1].score == found[1].no_answer_score > 0.5


def test_fit_wants_an_answer_that_is_there(answerer):
    answerer.compile("adam", loss=answerer.default_loss())
    with pytest.raises(InputError, match="^question 1: expected the answer 'day' at 0 of its text$"):
        answerer.fit([("a", "the day")], [[(0, "day")]])
    with pytest.raises(InputError, match="Received: 1 questions and 2 lists of answers"):
        answerer.fit([("a", "the day")], [[], []])


def test_tensors_go_as_to_keras(answerer, opinions):
    answerer.compile(keras.optimizers.Adam(1e-3), loss=answerer.default_loss())
    batches = answerer.batches(opinions.inputs, opinions.answers, batch_size=8)
    assert answerer.evaluate(batches, verbose=0) == answerer.evaluate(batches, verbose=0)
    answerer.fit(batches, verbose=0)
    features, targets = next(iter(batches))
    assert answerer.predict(features)["start_logits"].shape == targets["start_logits"].shape


def test_keras_and_checkpoint_give_it_back(answerer, tmp_path):
    rows = [("was the film", "the film was good ."), ("a", "the day . " * 20)]
    before = answerer.predict(rows)
    answerer.problem = dataclasses.replace(answerer.problem, no_answer_threshold=-3.5)
    answerer.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.problem.settings() == {"stride": 4, "max_answer_tokens": 30, "no_answer_threshold": -3.5}
    again = QuestionAnswerer.from_checkpoint(answerer.save_checkpoint(tmp_path / "run"), no_answer_threshold=None)
    assert (again.max_length, again.problem.settings()["stride"]) == (16, 4)
    assert again.predict(rows) == before
    with pytest.raises(InputError, match="stride must be a whole number from 0. Received: -1"):
        QuestionAnswerer.from_checkpoint(tmp_path / "run", stride=-1)


def test_the_commands(capsys, squad_file, opinion_rows, shallow_checkpoint, tmp_path):
    train = squad_file("train.json", opinion_rows)
    held_out = squad_file("validation.json", [*opinion_rows[:8], ("the day .", "was the day", [])])
    options = ["--task", "question-answering", "--max-length", 16, "--epochs", 12, "--batch-size", 8]
    code, out, err = run(
        capsys, "finetune", *options, "--learning-rate", 1e-2, "--checkpoint", shallow_checkpoint, "--train", train,
        "--validation", held_out, "--output", tmp_path / "run",
    )  # fmt: skip
    assert code == 0, err
    assert f"{train}: 40 questions on 40 contexts" in err
    noted = json.loads((tmp_path / "run" / "kbert.json").read_text())
    assert noted["metrics"]["f1"] > 0.9
    assert isinstance(noted["task_settings"]["no_answer_threshold"], float)
    code, out, _ = run(capsys, "evaluate", tmp_path / "run", "--data", held_out, "--json")
    assert (code, json.loads(out)["examples"]) == (0, 9)
    assert json.loads(out)["metrics"]["f1"] == noted["metrics"]["f1"]
    code, out, _ = run(capsys, "predict", tmp_path / "run", "was the cat", "the cat was bad .")
    assert {"question": "was the cat", "answer": "bad", "start": 12, "end": 15}.items() <= json.loads(out).items()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text.replace('"answer_start": 13', '"answer_start": 14'), "q0': expected the answer 'good' at"),
        (lambda text: text.replace('"the song was bad ."', '" "'), ": expected a text in 'context', it is empty"),
        (lambda text: text.replace("was the dog", "was the dog " * 9), "'q36': expected a question of at most 9"),
    ],
)
def test_bad_files_in_one_line(capsys, squad_file, opinion_rows, shallow_checkpoint, tmp_path, damage, message):
    path = squad_file("train.json", opinion_rows)
    path.write_text(damage(path.read_text("utf-8")), "utf-8")
    code, _, err = run(
        capsys, "finetune", "--task", "question-answering", "--max-length", 16, "--checkpoint", shallow_checkpoint,
        "--train", path, "--output", tmp_path / "run",
    )  # fmt: skip
    last = err.strip().splitlines()[-1]
    assert code == 1
    assert last.startswith(f"error: {path}:")
    assert message in last
    assert not (tmp_path / "run").exists()


def test_a_public_name():
    assert kbert.QuestionAnswerer is QuestionAnswerer
