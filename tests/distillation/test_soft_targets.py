"""Losses of a teacher's answers, by hand."""

import math

import numpy as np
import pytest

from kbert.data.batching import IGNORED
from kbert.distillation.soft_targets import as_logits, mask_unread, soft_loss


def test_probabilities_become_logits_again():
    np.testing.assert_allclose(as_logits(np.array([0.25, 0.75]), "softmax"), [math.log(0.25), math.log(0.75)])
    np.testing.assert_allclose(as_logits(np.array([0.5, 0.75]), "sigmoid"), [0, math.log(3)], atol=1e-6)
    np.testing.assert_array_equal(as_logits(np.array([2.5]), "none"), [2.5])


@pytest.mark.parametrize(("temperature", "p"), [(1.0, 0.75), (2.0, 0.63397)])
def test_labels(temperature, p):
    """The teacher says 3 to 1, flattened to sqrt(3) to 1 at temperature 2; the student knows nothing."""
    teacher, logits = np.array([[math.log(3), 0.0]], "float32"), np.zeros((1, 2), "float32")
    wanted = temperature**2 * (p * math.log(p / 0.5) + (1 - p) * math.log((1 - p) / 0.5))
    assert float(soft_loss("softmax", teacher, logits, temperature)) == pytest.approx(wanted, rel=1e-4)
    assert float(soft_loss("softmax", teacher, teacher + 5, temperature)) == pytest.approx(0, abs=1e-6)


def test_tokens_that_nobody_reads_do_not_count():
    teacher = np.array([[[math.log(3), 0.0], [IGNORED, IGNORED]]], "float32")
    one = float(soft_loss("softmax", teacher[:, :1], np.zeros((1, 1, 2), "float32"), 1.0))
    two = float(soft_loss("softmax", teacher, np.array([[[0, 0], [9, -9]]], "float32"), 1.0))
    assert two == pytest.approx(one)


def test_several_labels():
    teacher, logits = np.array([[math.log(3), 0.0]], "float32"), np.zeros((1, 2), "float32")
    wanted = (0.75 * math.log(1.5) + 0.25 * math.log(0.5)) / 2
    assert float(soft_loss("sigmoid", teacher, logits, 1.0)) == pytest.approx(wanted, rel=1e-4)


def test_scores():
    assert float(soft_loss("values", np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]), 2.0)) == 2.0


def test_places_of_answers():
    """Padding and the question are no places: whatever the student says of them."""
    teacher = np.array([[0.0, IGNORED, math.log(3)]], "float32")
    one = float(soft_loss("positions", teacher, np.array([[0.0, 50.0, 0.0]], "float32"), 1.0))
    assert one == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5), rel=1e-4)


def test_vectors_of_the_same_and_of_another_width():
    teacher = np.array([[1.0, 0.0], [0.0, 1.0]], "float32")
    turned = np.array([[0.0, 2.0], [2.0, 0.0]], "float32")
    assert float(soft_loss("vectors", teacher, turned, 1.0)) == pytest.approx(2.0)
    # Of another width: only the cosines count, which are 0 between the two in both.
    wide = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 3.0]], "float32")
    assert float(soft_loss("vectors", teacher, wide, 1.0)) == pytest.approx(0.0)
    alike = np.ones((2, 3), "float32")
    assert float(soft_loss("vectors", teacher, alike, 1.0)) == pytest.approx(0.5)


def test_unread_tokens_are_masked():
    targets = {"logits/teacher": np.array([[1.0, 2.0], [3.0, 4.0]]), "intent/teacher": np.ones((1, 2))}
    found = mask_unread(targets, np.array([True, False]))
    assert found["logits/teacher"].tolist() == [[1, 2], [IGNORED, IGNORED]]
    assert found["intent/teacher"].tolist() == [[1, 1]]
