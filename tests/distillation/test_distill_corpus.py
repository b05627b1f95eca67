"""From an encoder and raw text to a checkpoint for any task; interruption; what is refused."""

import dataclasses
import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from kbert.checkpoints import open_checkpoint
from kbert.distillation import CorpusDistillSettings, Objectives, StudentSpec, distill_corpus
from kbert.errors import InputError
from kbert.pretrainer import BertPretrainer
from kbert.pretraining import PretrainSettings, TextSource, pretrain
from kbert.problems.kinds import problem_class
from kbert.training import FinetuneSettings, finetune

# Documents that a tiny model learns by heart.
CORPUS = "\n\n".join(
    " ".join(f"The {a} was {b}. A {c} day!" for _ in range(4))
    for a, b, c in [("film", "good", "bad"), ("day", "bad", "good"), ("a", "b", "c"), ("x", "y", "z")] * 3
)
SETTINGS = CorpusDistillSettings(
    steps=8, batch_size=4, learning_rate=5e-3, max_predictions=3, log_every=4, save_every=3, evaluate_every=4, seed=3
)
LAYER = StudentSpec(layers="1")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "text.txt"
    path.write_text(CORPUS, "utf-8")
    return path


def text(corpus):
    return TextSource(corpus=[corpus], max_length=16, sentence_objective="none")


@pytest.fixture(scope="module")
def teacher(tmp_path_factory, corpus, tiny_tokenizer):
    """A masked language model that has learnt the text; trained once."""
    folder = tmp_path_factory.mktemp("teacher")
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("".join(f"{token}\n" for token in tiny_tokenizer.vocabulary), "utf-8")
    sizes = {"num_layers": 2, "hidden_dim": 16, "num_heads": 2, "intermediate_dim": 32, "max_sequence_length": 32}
    sizes |= {"dropout": 0.0, "attention_dropout": 0.0, "initializer_range": 0.1}
    settings = PretrainSettings(steps=400, batch_size=12, learning_rate=1e-2, max_predictions=3, save_every=400)
    result = pretrain("preset:tiny", text(corpus), folder / "run", settings, vocabulary=vocabulary, sizes=sizes)
    return result.run


@pytest.fixture(scope="module")
def encoder(tmp_path_factory, teacher):
    """The same without a head."""
    model = BertPretrainer.from_checkpoint(teacher)
    folder = tmp_path_factory.mktemp("encoder") / "encoder"
    return model.backbone.save_checkpoint(folder, tokenizer=model.tokenizer)


def train_losses(run) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
    return [row["train"]["loss"] for row in rows if "train" in row]


def test_a_student_comes_near_its_teacher(teacher, corpus, tmp_path):
    """By DistilBERT's losses; a narrower one than its teacher, whose MLM head is cut out too."""
    spec = StudentSpec.parse("layers=1,hidden=8,intermediate=16")
    given = {"student": spec, "validation": [corpus]}
    before = distill_corpus(teacher, text(corpus), tmp_path / "before", dataclasses.replace(SETTINGS, steps=1), **given)
    settings = dataclasses.replace(SETTINGS, steps=150, batch_size=12, evaluate_every=50)
    after = distill_corpus(teacher, text(corpus), tmp_path / "after", settings, **given, command="kbert distill")
    assert after.teacher == before.teacher
    wise = after.teacher["masked_accuracy"]
    assert wise > 0.5
    first, last = (wise - result.student["masked_accuracy"] for result in (before, after))
    assert first > 0.2
    assert last < 0.7 * first
    losses = train_losses(after.run)
    assert losses[-1] < 0.5 * losses[0]
    assert (after.steps_done, after.interrupted) == (150, False)
    assert after.parameters < after.teacher_parameters
    student = BertPretrainer.from_checkpoint(after.run)
    assert (student.backbone.config.num_layers, student.backbone.config.hidden_dim) == (1, 8)
    assert not [name for name in open_checkpoint(after.run).weights if "projection" in name]
    facts = json.loads((after.run / "kbert.json").read_text("utf-8"))
    assert (facts["task"], facts["max_length"], facts["finished"]) == ("pretraining", 16, True)
    assert facts["settings"]["objectives"] == {
        **dict.fromkeys(("labels", "hidden", "embeddings", "relations"), 0.0),
        **{"soft": 5.0, "mlm": 2.0, "cosine": 1.0},
    }
    assert facts["distilled"]["teacher_metrics"] == after.teacher
    assert facts["distilled"]["student"]["hidden"] == 8
    assert facts["command"] == "kbert distill"
    assert json.loads((after.run / "config.json").read_text("utf-8"))["architectures"] == ["BertForMaskedLM"]


def test_an_encoder_teaches_relations(encoder, corpus, sentiment_file, tmp_path):
    """What its teacher has no head for the student has none for either; `kbert finetune` starts from it."""
    settings = dataclasses.replace(SETTINGS, steps=60, batch_size=12, evaluate_every=60)
    result = distill_corpus(encoder, text(corpus), tmp_path / "run", settings, student=LAYER, validation=[corpus])
    assert (result.teacher, result.student.keys()) == ({}, {"loss"})
    losses = train_losses(result.run)
    assert losses[-1] < 0.7 * losses[0]
    assert json.loads((result.run / "config.json").read_text("utf-8"))["architectures"] == ["BertModel"]
    weights, theirs = (open_checkpoint(run).weights for run in (result.run, encoder))
    assert weights.keys() == {name for name in theirs if not name.startswith("layers.1.")}
    # What stands behind queries, keys and values has no part in relations: weight decay must not shrink it.
    for name in ("output.kernel", "attention.output.kernel", "intermediate.bias"):
        np.testing.assert_array_equal(weights[f"layers.0.{name}"], theirs[f"layers.1.{name}"], name)
    assert not np.array_equal(weights["layers.0.attention.query.kernel"], theirs["layers.1.attention.query.kernel"])
    train = problem_class("text-classification").read(sentiment_file)
    settings = FinetuneSettings(epochs=1, max_length=16)
    tuned = finetune(result.run, train, tmp_path / "tuned", settings, task="text-classification")
    assert np.isfinite(tuned.metrics["train_loss"])


def test_tokens_that_the_text_does_not_use_go(teacher, tmp_path):
    file = tmp_path / "days.txt"
    file.write_text("The day was good. A day!\n" * 20, "utf-8")
    spec = StudentSpec.parse("layers=1,vocabulary=task")
    settings = dataclasses.replace(SETTINGS, steps=2)
    result = distill_corpus(teacher, text(file), tmp_path / "run", settings, student=spec)
    whole, kept = (open_checkpoint(run).tokenizer().vocabulary for run in (teacher, result.run))
    # Single characters stay whatever the text is, and with `##` before them.
    assert [token for token in whole if token not in kept] == ["bad", "film"]
    assert result.tokens == len(kept)
    facts = json.loads((result.run / "kbert.json").read_text("utf-8"))
    assert facts["trimmed"] == {"from": len(whole), "to": len(kept)}
    assert BertPretrainer.from_checkpoint(result.run).fill_mask(["a [MASK] day"], 1)


def test_an_interrupted_run_goes_on_to_the_same_weights(teacher, corpus, tmp_path, monkeypatch, interrupt_in_step):
    """With dropout and a projection, which are part of the state."""
    objectives = Objectives(soft=1, mlm=1, hidden=1)
    settings = dataclasses.replace(SETTINGS, steps=6, objectives=objectives, dropout=0.1)
    given = {"settings": settings, "student": StudentSpec(layers="1", hidden=8)}
    whole = distill_corpus(teacher, text(corpus), tmp_path / "whole", **given)
    with monkeypatch.context() as patch:
        interrupt_in_step(patch, 4)
        first = distill_corpus(teacher, text(corpus), tmp_path / "parts", **given)
    assert (first.interrupted, first.steps_done) == (True, 4)
    assert json.loads((first.run / "kbert.json").read_text("utf-8"))["finished"] is False
    with pytest.raises(InputError, match="holds a run already. Go on with it by --resume"):
        distill_corpus(teacher, text(corpus), tmp_path / "parts", **given)
    other = {**given, "student": StudentSpec(layers="1", hidden=4)}
    with pytest.raises(InputError, match="cannot resume with another student: hidden was 8, got 4$"):
        distill_corpus(teacher, text(corpus), tmp_path / "parts", **other, resume=True)
    second = distill_corpus(teacher, text(corpus), tmp_path / "parts", **given, resume=True)
    assert (second.interrupted, second.steps_done) == (False, 6)
    ours, theirs = (load_file(run / "model.safetensors") for run in (second.run, whole.run))
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name], name)


def test_a_student_of_random_weights(teacher, corpus, tmp_path, monkeypatch, tiny_config):
    """A preset takes its teacher's vocabulary."""
    monkeypatch.setattr("kbert.checkpoints.preset_config", lambda name: tiny_config.replace(vocabulary_size=5))
    settings = dataclasses.replace(SETTINGS, steps=1)
    result = distill_corpus(teacher, text(corpus), tmp_path / "run", settings, student="preset:tiny")
    assert result.tokens == open_checkpoint(teacher).config.vocabulary_size


def test_what_cannot_be_distilled_is_said(teacher, encoder, corpus, tiny_config, tmp_path):
    def said(*, teacher=teacher, source=None, student=LAYER, **changes):
        source = source or text(corpus)
        with pytest.raises(InputError) as error:
            settings = dataclasses.replace(SETTINGS, **changes)
            distill_corpus(teacher, source, tmp_path / "run", settings, student=student)
        assert not (tmp_path / "run").exists()
        return str(error.value)

    assert said(teacher=encoder, objectives=Objectives(soft=1, mlm=1, relations=1)) == (
        f"{encoder}: expected a teacher with an MLM head for the objective soft and mlm, it has none. Choose among "
        "hidden, embeddings, relations, cosine"
    )
    assert said(objectives=Objectives(labels=1)).startswith("the objective labels needs labelled data (--train), raw")
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n", "utf-8")
    assert said(source=text(empty)) == "empty.txt: expected text, found no sentence. Give other files"
    assert said(teacher="preset:tiny") == "preset:tiny: expected a trained teacher, it has no weights"
    assert said(batch_size=1000).startswith(f"{tmp_path}/run/training/prepared-16: expected at least 1000 windows, one")
    from kbert.backbone import BertBackbone
    from kbert.tokenizer import BertTokenizer

    words = BertTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film"])
    small = BertBackbone(tiny_config.replace(vocabulary_size=6)).save_checkpoint(tmp_path / "s", tokenizer=words)
    assert said(student=small).startswith(f"{small}: expected the teacher's vocabulary, the student has another: they")
    long = TextSource(corpus=[corpus], max_length=64)
    assert said(source=long).startswith(f"texts of 64 tokens are longer than the position table of {teacher}, which")


def test_a_teacher_that_knows_nothing_is_told_of(teacher, corpus, tmp_path):
    """One that says [UNK] everywhere."""
    model = BertPretrainer.from_checkpoint(teacher)
    model.mlm.bias.assign(100.0 * np.eye(len(model.known_tokenizer().vocabulary))[1])
    ignorant = model.save_checkpoint(tmp_path / "ignorant")
    lines = []
    given = {"student": LAYER, "validation": [corpus], "say": lines.append}
    distill_corpus(ignorant, text(corpus), tmp_path / "run", dataclasses.replace(SETTINGS, steps=1), **given)
    (line,) = lines
    assert line.startswith(
        "warning: on held-out text the teacher's masked accuracy is 0.0000, no better than the most frequent token (0."
    )
