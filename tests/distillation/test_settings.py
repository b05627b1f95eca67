"""Objectives, stages and layer maps, and what is refused."""

import pytest

from kbert.distillation import DistillSettings, Objectives
from kbert.distillation.settings import check_layer_map, parse_layer_map, spread_layers
from kbert.errors import InputError


def test_objectives_are_read():
    assert Objectives.parse("soft=0.9, labels=0.1,relations") == Objectives(soft=0.9, labels=0.1, relations=1.0)
    assert not Objectives(soft=1).reads_features
    assert Objectives(cosine=1).reads_features
    assert not Objectives(cosine=1).reads_answers


def test_layers_are_spread_with_the_last_to_the_last():
    assert spread_layers(3, 6) == ((0, 1), (1, 3), (2, 5))
    assert spread_layers(2, 2) == ((0, 0), (1, 1))
    assert parse_layer_map("0:1,2:5") == ((0, 1), (2, 5))


def test_the_first_stage_has_its_own_epochs_and_objectives():
    settings = DistillSettings(intermediate_epochs=2, patience=1)
    first, last = settings.of_stage(intermediate=True), settings.of_stage(intermediate=False)
    assert (first.epochs, first.objectives, first.patience) == (2, Objectives(hidden=1, relations=1), None)
    assert (last.epochs, last.objectives, last.patience) == (10, Objectives(soft=1), 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Objectives.parse("warmth"), "^objectives are soft, labels, hidden, .*. Received: 'warmth'$"),
        (lambda: Objectives.parse("soft=much"), "^objective soft must be a number. Received: 'much'$"),
        (lambda: Objectives(soft=-1), "^objective soft must be a weight of at least 0. Received: -1$"),
        (lambda: Objectives(), "^expected an objective with a weight above 0, all are 0: there is nothing to learn$"),
        (lambda: DistillSettings(temperature=0), "^temperature must be above 0. Received: 0$"),
        (lambda: DistillSettings(r_drop=1), "^r_drop and adversarial are ways to learn from labels"),
        (
            lambda: DistillSettings(intermediate_epochs=1, intermediate=Objectives(soft=1)),
            "^the intermediate stage learns hidden, .* soft and labels belong to the last one, --objectives$",
        ),
        (lambda: parse_layer_map("0-1"), "^a layer map is pairs of student:teacher, as 0:1,1:3. Received: '0-1'$"),
        (
            lambda: check_layer_map(((2, 1),), 2, 6),
            "^layer map 2:1: expected layers of the student from 0 to 1 and of the teacher from 0 to 5$",
        ),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
