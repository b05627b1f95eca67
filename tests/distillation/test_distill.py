"""From a teacher to a student's run directory, for every task; interruption; what is refused."""

import json

import keras
import numpy as np
import pytest

from kbert.backbone import BertBackbone
from kbert.checkpoints import open_checkpoint
from kbert.distillation import DistillSettings, Objectives, StudentSpec, distill
from kbert.errors import InputError
from kbert.models import open_model
from kbert.problems.kinds import make_problem, problem_class
from kbert.tasks import TextClassifier
from kbert.tasks.kinds import task_of_problem

FAST = {"learning_rate": 5e-3, "batch_size": 8, "dropout": 0.0}
EVERYTHING = Objectives(soft=1, labels=0.5, hidden=1, embeddings=1, relations=1, cosine=1)


@pytest.fixture(scope="module")
def train(write_sentiment, tmp_path_factory):
    return problem_class("text-classification").read(write_sentiment(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory, tiny_config, tiny_tokenizer):
    """A classifier that has learnt that the label is a word of the text; trained once."""
    keras.utils.set_random_seed(7)
    config = tiny_config.replace(dropout=0.0, attention_dropout=0.0)
    model = TextClassifier(BertBackbone(config), ["bad", "good"], tiny_tokenizer, max_length=16)
    subjects = ["film", "day", "song", "meal", "game", "book", "walk", "trip", "cat", "dog"]
    texts = [f"the {s} was {label}{end}" for s in subjects for label in model.labels for end in ("", " .")]
    model.compile(keras.optimizers.AdamW(5e-3), loss=model.default_loss())
    model.fit(texts, ["bad", "bad", "good", "good"] * 10, epochs=30, batch_size=20, verbose=0)
    return model.save_checkpoint(tmp_path_factory.mktemp("distillation") / "teacher")


def test_a_student_learns_what_its_teacher_knows(teacher, train, tmp_path):
    settings = DistillSettings(epochs=12, objectives=Objectives(soft=1, labels=0.1), **FAST)
    spec = StudentSpec.parse("layers=1,intermediate=16,vocabulary=task")
    unlabelled = ["the film was good !", "the zoo was bad"]
    result = distill(
        teacher, train, tmp_path / "student", settings, student=spec, unlabelled=unlabelled, validation=train
    )
    assert result.teacher["accuracy"] == 1.0
    assert result.student["accuracy"] == 1.0
    assert result.parameters < result.teacher_parameters
    student = TextClassifier.from_checkpoint(result.run)
    assert student.predict(["the dog was good"])[0].label == "good"
    assert (student.backbone.config.num_layers, student.backbone.config.intermediate_dim) == (1, 16)
    kept = student.known_tokenizer().vocabulary
    assert result.tokens == len(kept) == student.backbone.config.vocabulary_size
    assert {"film", "good", "z"} <= set(kept)  # the unlabelled texts count too
    assert "a" in kept
    facts = json.loads((result.run / "kbert.json").read_text())
    assert facts["distilled"]["student"]["layers"] == "1"
    assert facts["distilled"]["teacher_metrics"]["accuracy"] == 1.0
    assert facts["trimmed"]["to"] == len(kept)
    assert not (result.run / "training").exists()


@pytest.fixture(scope="module")
def both_stages(train):
    """What `distill` is given, but for the teacher: a narrower student, taught in two stages."""
    settings = DistillSettings(epochs=1, intermediate_epochs=1, objectives=EVERYTHING, **FAST)
    return {"settings": settings, "student": StudentSpec(layers="1", hidden=8), "validation": train}


@pytest.fixture(scope="module")
def whole(teacher, train, both_stages, tmp_path_factory):
    """The result of both stages, which never stopped."""
    return distill(teacher, train, tmp_path_factory.mktemp("whole") / "run", **both_stages)


def test_both_stages_and_every_objective(whole):
    """Projections are learnt and left out of the run."""
    names = open_checkpoint(whole.run).weights
    assert not [name for name in names if "projection" in name]
    assert whole.student.keys() >= {"accuracy", "train_loss"}
    assert np.isfinite(whole.student["train_loss"])


def test_an_interrupted_stage_goes_on_to_the_same_weights(
    teacher, train, both_stages, whole, tmp_path, monkeypatch, interrupt_after
):
    """Forty texts are five steps an epoch: after 3 the first stage is not over, after 4 more the second."""
    for steps, resume in ((3, False), (4, True)):
        with monkeypatch.context() as patch:
            interrupt_after(patch, steps)
            stopped = distill(teacher, train, tmp_path / "parts", **both_stages, resume=resume)
        assert stopped.interrupted
        assert json.loads((stopped.run / "kbert.json").read_text())["finished"] is False
    last = distill(teacher, train, tmp_path / "parts", **both_stages, resume=True)
    assert not last.interrupted
    for name, value in open_checkpoint(whole.run).weights.items():
        np.testing.assert_array_equal(value, open_checkpoint(last.run).weights[name], name)
    with pytest.raises(InputError, match="holds something already"):
        distill(teacher, train, tmp_path / "parts", **both_stages)


TAGGED = "the O\nfilm B-what\nwas O\ngood O\n\nthe O\nday B-what\nwas O\nbad O\n"


@pytest.mark.parametrize("task", ["multi-label", "regression", "token-classification", "intent-slots", "embedding"])
def test_every_task(task, tiny_config, tiny_tokenizer, tmp_path):
    files = {
        "multi-label": ("a.jsonl", '{"text": "good", "labels": ["x"]}\n{"text": "bad", "labels": ["y", "x"]}\n'),
        "regression": ("a.tsv", "text\tscore\ngood\t1\nbad\t3\n"),
        "token-classification": ("a.conll", TAGGED),
        "intent-slots": (
            "a.jsonl",
            '{"text": "the film", "intent": "see", "slots": [[4, 8, "what"]]}\n'
            '{"text": "a day", "intent": "rest", "slots": []}\n',
        ),
        "embedding": ("a.tsv", "text\ttext_b\tscore\ngood\tbad\t1\na day\tthe day\t4\n"),
    }
    name, content = files[task]
    path = tmp_path / name
    path.write_text(content, "utf-8")
    kind = problem_class(task)
    train = kind.read(path)
    problem = make_problem(task, kind.labels_of(train), tiny_tokenizer, 16, kind.settings_of(train))
    keras.utils.set_random_seed(3)
    teacher = task_of_problem(BertBackbone(tiny_config), problem).save_checkpoint(tmp_path / "teacher")
    objectives = Objectives(soft=1, labels=0.5, relations=1)
    if task == "embedding":
        objectives = Objectives(soft=1, relations=1)
    settings = DistillSettings(epochs=1, batch_size=2, objectives=objectives)
    more = ["the film was bad"]
    result = distill(teacher, train, tmp_path / "run", settings, student=StudentSpec(layers="1"), unlabelled=more)
    student = open_model(result.run)
    assert student.problem.task == task
    assert student.problem.settings() == problem.settings()
    assert np.isfinite(result.student["train_loss"])


def test_answers_in_texts(tiny_config, tiny_tokenizer, squad_file, opinion_rows, tmp_path):
    kind = problem_class("question-answering")
    train = kind.read(squad_file("a.json", opinion_rows[:4]))
    problem = make_problem("question-answering", [], tiny_tokenizer, 32, kind.settings_of(train))
    keras.utils.set_random_seed(3)
    teacher = task_of_problem(BertBackbone(tiny_config), problem).save_checkpoint(tmp_path / "teacher")
    settings = DistillSettings(epochs=1, batch_size=2, objectives=Objectives(soft=1, labels=1))
    result = distill(
        teacher,
        train,
        tmp_path / "run",
        settings,
        student=StudentSpec(layers="1"),
        unlabelled=[("was the film bad", "a bad film")],
    )
    assert np.isfinite(result.student["train_loss"])


def test_what_cannot_be_distilled_is_said(teacher, train, tiny_checkpoint, tiny_config, tiny_tokenizer, tmp_path):
    spec, settings = StudentSpec(layers="1"), DistillSettings(epochs=1)
    with pytest.raises(InputError, match="expected a fine-tuned teacher, it has no head. Fine-tune it first, "):
        distill(tiny_checkpoint, train, tmp_path / "run", settings, student=spec)
    others = TextClassifier(BertBackbone(tiny_config), ["good", "bad"], tiny_tokenizer).save_checkpoint(tmp_path / "o")
    with pytest.raises(InputError, match="expected the teacher's 2 labels in the same order, the student has good"):
        distill(teacher, train, tmp_path / "run", settings, student=others)
    from kbert.tokenizer import BertTokenizer

    words = BertTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film"])
    small = BertBackbone(tiny_config.replace(vocabulary_size=6)).save_checkpoint(tmp_path / "s", tokenizer=words)
    with pytest.raises(InputError, match="expected the teacher's vocabulary, the student has another: "):
        distill(teacher, train, tmp_path / "run", settings, student=small)
    assert not (tmp_path / "run").exists()


def test_a_teacher_that_knows_nothing_is_told_of(teacher, train, tmp_path):
    """Its answers turned round, it is always wrong."""
    model = TextClassifier.from_checkpoint(teacher)
    model.classifier.set_weights([-weight for weight in model.classifier.get_weights()])
    wrong = model.save_checkpoint(tmp_path / "wrong")
    said = []
    settings = DistillSettings(epochs=1, batch_size=40)
    distill(wrong, train, tmp_path / "run", settings, student=StudentSpec(layers="1"), say=said.append)
    assert len(said) == 1
    assert said[0].startswith("warning: on sentiment.tsv the teacher's accuracy is 0.0000, no better than an answer")
