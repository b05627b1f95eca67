"""The flags of `FineTuningOptions`: off by default, and the same for every task."""

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--layer-decay",
        default=1.0,
        show_default=True,
        help="Factor on the learning rate from a layer to the one below.",
    ),
    click.option("--freeze", help="What does not learn: embeddings, so many lowest layers, or backbone."),
    click.option(
        "--label-smoothing", default=0.0, show_default=True, help="Share of a target that is spread over all labels."
    ),
    click.option("--class-weights", help="balanced, or a weight for each label, in order, between commas."),
    click.option(
        "--focal-gamma", default=0.0, show_default=True, help="How much less an example counts once it is known."
    ),
    click.option(
        "--r-drop", default=0.0, show_default=True, help="Weight of the divergence of two passes with dropout."
    ),
    click.option(
        "--adversarial", default=0.0, show_default=True, help="Length of the step that token embeddings are moved by."
    ),
    click.option(
        "--reinitialize-layers", default=0, show_default=True, help="Top layers that are drawn anew, with the pooler."
    ),
    click.option(
        "--ema", default=0.0, show_default=True, help="Share that a moving average of the weights keeps at each update."
    ),
    click.option("--quantize", help="Train with the rounded weights of a file of this scheme: dynamic_int8 or int4."),
)


def fine_tuning_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds all flags to a command; their values come as keyword arguments with the names of `FineTuningOptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_fine_tuning_options(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings, with the values that a command line can only write as text as `FineTuningOptions` has them.

    Raises:
        InputError: class weights are no numbers.
    """
    from kbert.fine_tuning.settings import parse_class_weights, parse_freeze

    return {
        **settings,
        "freeze": parse_freeze(settings["freeze"]),
        "class_weights": parse_class_weights(settings["class_weights"]),
    }
