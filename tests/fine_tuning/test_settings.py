"""Options are checked when made, and a command line gives the same."""

import dataclasses

import click
import pytest
from click.testing import CliRunner

from kbert.cli.fine_tuning_options import fine_tuning_options, read_fine_tuning_options
from kbert.errors import InputError
from kbert.fine_tuning.settings import FineTuningOptions


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer_decay": 0.0}, "layer_decay must be above 0 and at most 1. Received: 0.0"),
        ({"layer_decay": 1.1}, "layer_decay must be"),
        (
            {"freeze": "head"},
            "freeze must be embeddings, backbone, or a number of layers of at least 1. Received: head",
        ),
        ({"freeze": 0}, "freeze must be"),
        ({"freeze": True}, "freeze must be"),
        ({"label_smoothing": 1.0}, "label_smoothing must be a share"),
        ({"class_weights": "equal"}, "class_weights must be balanced, or numbers of at least 0. Received: equal"),
        ({"class_weights": (1.0, -1.0)}, "class_weights must be"),
        ({"class_weights": (0.0, 0.0)}, "class_weights must be"),
        ({"focal_gamma": -1.0}, "focal_gamma must be at least 0"),
        ({"r_drop": -1.0}, "r_drop must be at least 0"),
        ({"adversarial": -1.0}, "adversarial must be at least 0"),
        ({"reinitialize_layers": -1}, "reinitialize_layers must be at least 0"),
        ({"ema": 1.0}, "ema must be a share"),
        ({"quantize": "float16"}, "quantize must be one of dynamic_int8, int4. Received: float16"),
        ({"quantize": "eight"}, "quantize must be one of dynamic_int8, int4. Received: eight"),
    ],
)
def test_options_are_checked_when_made(change, message):
    with pytest.raises(InputError, match=message):
        FineTuningOptions(**change)


def test_layers_are_checked_once_their_number_is_known():
    FineTuningOptions(freeze=2, reinitialize_layers=2).check_layers(2)
    FineTuningOptions(freeze="backbone").check_layers(2)
    with pytest.raises(InputError, match="^freeze must be at most 2, the layers of the encoder. Received: 3$"):
        FineTuningOptions(freeze=3).check_layers(2)
    with pytest.raises(InputError, match="^reinitialize_layers must be at most 2"):
        FineTuningOptions(reinitialize_layers=3).check_layers(2)


def test_weights_from_json_are_those_that_were_written():
    assert FineTuningOptions(class_weights=[1.0, 2.0]) == FineTuningOptions(class_weights=(1.0, 2.0))


def parsed(*arguments: str) -> FineTuningOptions:
    made = []

    @click.command()
    @fine_tuning_options
    def command(**settings):
        made.append(FineTuningOptions(**read_fine_tuning_options(settings)))

    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return made[0]


def test_no_flags_are_no_options():
    assert parsed() == FineTuningOptions()


def test_every_option_is_a_flag():
    arguments = {
        "layer_decay": 0.9,
        "freeze": 3,
        "label_smoothing": 0.1,
        "class_weights": (1.0, 2.5),
        "focal_gamma": 2.0,
        "r_drop": 1.0,
        "adversarial": 0.5,
        "reinitialize_layers": 1,
        "ema": 0.99,
        "quantize": "int4",
    }
    assert arguments.keys() == {field.name for field in dataclasses.fields(FineTuningOptions)}
    words = []
    for name, value in arguments.items():
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        words += [f"--{name.replace('_', '-')}", text]
    assert parsed(*words) == FineTuningOptions(**arguments)
    assert parsed("--freeze", "backbone", "--class-weights", "balanced") == FineTuningOptions(
        freeze="backbone", class_weights="balanced"
    )
    with pytest.raises(InputError, match="class_weights must be balanced, or numbers between commas. Received: 1,x"):
        parsed("--class-weights", "1,x")
