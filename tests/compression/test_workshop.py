"""What a step's file will weigh at least, before anyone trains for hours."""

import pytest

from kbert.checkpoints import open_checkpoint
from kbert.compression.compress import _that_may_fit
from kbert.compression.ladder import EIGHT_BITS, FOUR_BITS, trained_steps
from kbert.compression.workshop import Rung, Workshop
from kbert.distillation import DistillSettings

WIDTH, NEURONS, ROWS_LEFT_OUT = 16, 32, 10


def parameters(tokens: int, layers: int, neurons: int) -> int:
    """Of a classifier of two labels with 32 positions."""
    layer = 4 * (WIDTH * WIDTH + WIDTH) + 2 * 2 * WIDTH + 2 * WIDTH * neurons + neurons + WIDTH
    embeddings = (tokens + 32 + 2 + 2) * WIDTH  # with types and a LayerNorm
    return embeddings + layers * layer + (WIDTH * WIDTH + WIDTH) + 2 * (WIDTH + 1)


@pytest.fixture
def workshop(tiny_classifier, tmp_path):
    run = tiny_classifier.save_checkpoint(tmp_path / "run")
    return Workshop(
        known=open_checkpoint(run),
        whole=tiny_classifier,
        train=None,
        validation=None,
        unlabelled=(),
        settings=DistillSettings(),
        place=tmp_path,
        show_progress=False,
        say=print,
        command=None,
    )


def rung(name: str, scheme: str, count: int, size: float) -> Rung:
    return Rung(
        name=f"{name}, {scheme}",
        scheme=scheme,
        parameters=count,
        size_bytes=int(size),
        latency_ms=1.0,
        metric=1.0,
        drop=0.0,
        agreement=1.0,
        shift=0.0,
    )


@pytest.fixture
def rungs(tiny_classifier):
    tokens = tiny_classifier.backbone.config.vocabulary_size
    whole, trimmed = (parameters(tokens - rows, 2, NEURONS) for rows in (0, ROWS_LEFT_OUT))
    assert whole == tiny_classifier.count_params()
    return [
        rung("whole", EIGHT_BITS, whole, 2 * whole),
        rung("whole", FOUR_BITS, whole, whole),
        rung("vocabulary of the task", EIGHT_BITS, trimmed, 3 * trimmed),
    ]


def test_a_byte_of_the_run_s_file_is_one_of_its_students(workshop, rungs):
    config = workshop.known.config
    tokens = config.vocabulary_size
    steps = {step.name: step for step in trained_steps(config, by_size=True, vocabulary="task")}
    pruned = steps["half of the neurons pruned, task vocabulary, dynamic_int8"]
    assert workshop.least_bytes(pruned, rungs) == 2 * parameters(tokens - ROWS_LEFT_OUT, 2, NEURONS // 2)
    student = steps["1 layer, 32 neurons, task vocabulary, int4"]
    assert workshop.least_bytes(student, rungs) == parameters(tokens - ROWS_LEFT_OUT, 1, NEURONS)
    assert workshop.least_bytes(student, rungs[:1]) == 0  # no file of 4 bits tells


def test_what_cannot_fit_is_left_out_and_the_smallest_never(workshop, rungs):
    steps = trained_steps(workshop.known.config, by_size=True, vocabulary="whole")
    said = []
    found = list(_that_may_fit(steps, 1e-4, workshop, rungs, said.append))
    assert [step.name for step in found] == [
        "1 layer, 16 neurons, 8 wide, tokens 6 wide, whole vocabulary, dynamic_int8",
        "1 layer, 16 neurons, 8 wide, tokens 6 wide, whole vocabulary, int4",
    ]
    assert len(said) == len(steps) - 2
    assert said[0].startswith(
        "half of the neurons pruned, whole vocabulary, dynamic_int8: left out, it would have about "
    )
    assert list(_that_may_fit(steps, 1.0, workshop, rungs, said.append)) == list(steps)
    assert list(_that_may_fit(steps, None, workshop, rungs, said.append)) == list(steps)
