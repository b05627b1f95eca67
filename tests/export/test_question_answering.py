"""A question answerer from training to exported files: the same logits, the same answers."""

import dataclasses
import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.cli.main import main
from kbert.data import read_questions
from kbert.errors import GateError
from kbert.export import Recipe, export_model, open_artefact
from kbert.optimizer import make_optimizer
from kbert.tasks import QuestionAnswerer

# Float32 on both sides, but sums in another order.
TOLERANCE = 1e-5
SUBJECTS = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]


def write_squad(path):
    """Where the text says `good` or `bad`, that is the answer; where it says neither, there is none."""
    rows = []
    for number, (subject, answer) in enumerate((s, a) for s in SUBJECTS for a in ("good", "bad", "")):
        context = f"the {subject} was {answer or 'a day'} ."
        answers = [{"text": answer, "answer_start": context.index(answer)}] if answer else []
        asked = {"id": str(number), "question": f"was the {subject}", "answers": answers, "is_impossible": not answer}
        rows.append({"context": context, "qas": [asked]})
    path.write_text(json.dumps({"data": [{"paragraphs": rows}]}), "utf-8")
    return path


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    return read_questions(write_squad(tmp_path_factory.mktemp("data") / "validation.json"))


@pytest.fixture(scope="module")
def answerer(tiny_config, tiny_tokenizer, questions):
    keras.utils.set_random_seed(3)
    config = dataclasses.replace(tiny_config, dropout=0.0, attention_dropout=0.0)
    model = QuestionAnswerer(BertBackbone(config), tiny_tokenizer, 16, stride=4, no_answer_threshold=0.0)
    model.compile(make_optimizer(learning_rate=5e-3, total_steps=120, warmup_steps=10), loss=model.default_loss())
    model.fit(questions.inputs, questions.answers, batch_size=10, epochs=40, verbose=0)
    assert model.problem.score(model.answer(questions.inputs), questions)["f1"] == 1.0
    return model


@pytest.fixture(scope="module")
def exported(answerer, questions, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "exported"
    recipe = Recipe(schemes=("dynamic_int8", "float32"), max_drop=0.0)
    return folder, export_model(answerer, recipe, questions, folder, name="tiny")


@pytest.mark.parametrize("file", ["model_float32.tflite", "onnx/model.onnx"])
def test_the_logits_are_the_models(exported, answerer, file):
    artefact = open_artefact(exported[0] / file)
    tokens = answerer.problem.encode([("was the film", "the film was good ."), ("a", "the day was bad ! " * 6)])
    assert len(tokens) > 3
    for ours, theirs in zip(answerer.run_rows(tokens), artefact.run_rows(tokens), strict=True):
        assert theirs.keys() == ours.keys() == {"start_logits", "end_logits"}
        for name, logits in theirs.items():
            assert logits.shape == ours[name].shape
            np.testing.assert_allclose(logits, ours[name], atol=TOLERANCE)


@pytest.mark.parametrize(
    "file", ["model.tflite", "model_float32.tflite", "onnx/model.onnx", "onnx/model_quantized.onnx"]
)
def test_the_answers_are_the_models(exported, answerer, file):
    artefact = open_artefact(exported[0] / file)
    rows = [("was the cat", "the cat was bad ."), ("was it", "the day . " * 30 + "good" + " a film" * 30), ("a", "it")]
    ours, theirs = (
        [model.problem.to_dict(row, answer) for row, answer in zip(rows, model.answer(rows), strict=True)]
        for model in (answerer, artefact)
    )
    assert [row["answer"] for row in ours] == ["bad", "good", ""]
    for one, other in zip(ours, theirs, strict=True):
        for score in ("score", "no_answer_score"):
            # Weights of 8 bits move logits, and the probabilities of a tiny model with them.
            exact = file in ("model_float32.tflite", "onnx/model.onnx")
            assert one.pop(score) == pytest.approx(other.pop(score), abs=1e-5 if exact else 0.2)
        assert one == other


def test_the_report(exported):
    folder, report = exported
    assert report.passed
    assert [file.verdict.metric for file in report.files] == ["f1"] * 4
    assert [(file.verdict.full, file.verdict.drop_points) for file in report.files] == [(1.0, 0.0)] * 4
    task = json.loads((folder / "task.json").read_text())
    assert task == {
        "task": "question-answering",
        "stride": 4,
        "max_answer_tokens": 30,
        "no_answer_threshold": 0.0,
    }
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["BertForQuestionAnswering"]


def test_names_in_the_onnx_file(exported):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(str(exported[0] / "onnx" / "model.onnx"))
    assert [(value.name, value.shape) for value in session.get_outputs()] == [
        ("start_logits", ["batch_size", "sequence_length"]),
        ("end_logits", ["batch_size", "sequence_length"]),
    ]


def test_the_gate_refuses_a_file_that_answers_otherwise(answerer, questions, tmp_path, monkeypatch):
    """Weights exchanged on the way: start for end."""
    from kbert.export import graph_heads

    right = graph_heads.HEADS["question-answering"]

    def exchanged(graph, inputs, problem):
        outputs = right(graph, inputs, problem)
        return {"start_logits": -outputs["end_logits"], "end_logits": -outputs["start_logits"]}

    monkeypatch.setitem(graph_heads.HEADS, "question-answering", exchanged)
    recipe = Recipe(formats=("tflite",), schemes=("float32",), max_drop=1.0)
    with pytest.raises(GateError, match=r"f1"):
        export_model(answerer, recipe, questions, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_commands_take_the_files(exported, questions, capsys):
    for file in ("model.tflite", "onnx/model_quantized.onnx"):
        for arguments, wanted in (
            (("predict", exported[0] / file, "was the dog", "the dog was good ."), {"answer": "good", "start": 12}),
            (("evaluate", exported[0] / file, "--data", questions.path, "--json"), {"examples": 30}),
        ):
            with pytest.raises(SystemExit) as stopped:
                main([str(argument) for argument in arguments])
            out, err = capsys.readouterr()
            assert not stopped.value.code, err
            assert wanted.items() <= json.loads(out).items()
