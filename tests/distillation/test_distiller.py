"""`Distiller` in a script."""

import keras
import numpy as np
import pytest

from kbert import Distiller, Objectives
from kbert.backbone import BertBackbone
from kbert.distillation import student_of
from kbert.errors import InputError
from kbert.tasks import TextClassifier

TEXTS = ["the film was good", "the film was bad", "good days", "bad days"]


def test_a_student_comes_near_to_its_teacher(tiny_classifier, tmp_path):
    weights = [20 * weight for weight in tiny_classifier.classifier.get_weights()]
    tiny_classifier.classifier.set_weights(weights)
    student = student_of(tiny_classifier.save_checkpoint(tmp_path / "teacher"), "layers=1")
    student.classifier.set_weights([-weight for weight in weights])  # it has everything to learn
    before = np.abs(student.predict_proba(TEXTS) - tiny_classifier.predict_proba(TEXTS)).max()
    distiller = Distiller(tiny_classifier, student, objectives=Objectives(soft=1.0, hidden=0.1), temperature=1.0)
    distiller.compile(keras.optimizers.AdamW(1e-2))
    history = distiller.fit(TEXTS, epochs=30, batch_size=4, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    after = np.abs(student.predict_proba(TEXTS) - tiny_classifier.predict_proba(TEXTS)).max()
    assert after < before / 2


def test_labels_count_where_there_are_any(tiny_classifier, sentiment_file, tmp_path):
    student = student_of(tiny_classifier.save_checkpoint(tmp_path / "teacher"), "layers=1")
    distiller = Distiller(tiny_classifier, student, objectives=Objectives(labels=1.0))
    with pytest.raises(InputError, match="^compile the distiller before fit$"):
        distiller.fit(TEXTS)
    distiller.compile(keras.optimizers.AdamW(3e-3))
    with pytest.raises(InputError, match="^the objective labels needs labelled data. Received: inputs alone$"):
        distiller.fit(TEXTS)
    train = student.problem.read(sentiment_file)
    distiller.fit(train, epochs=6, batch_size=8, verbose=0)
    assert student.predict(["the dog was good"])[0].label == "good"


def test_what_does_not_fit_is_said(tiny_classifier, tiny_config, tiny_tokenizer, tiny_checkpoint):
    other = TextClassifier(BertBackbone(tiny_config), ["no", "yes"], tiny_tokenizer)
    with pytest.raises(InputError, match="^expected a student for the teacher's task and labels: the teacher has 2"):
        Distiller(tiny_classifier, other)
    with pytest.raises(InputError, match="expected a fine-tuned teacher, it has no head"):
        student_of(tiny_checkpoint, "layers=1")
