"""The order of the steps."""

from kbert.compression import ladder
from kbert.config import BertConfig

SIX_LAYERS = BertConfig(num_layers=6, hidden_dim=384, intermediate_dim=1536)


def test_the_cheapest_come_first():
    names = [step.name for step in ladder(SIX_LAYERS, by_size=False)]
    assert names == [
        "whole, dynamic_int8",
        "vocabulary of the task, dynamic_int8",
        "6 layers, 768 neurons, dynamic_int8",
        "3 layers, 1536 neurons, dynamic_int8",
        "3 layers, 768 neurons, dynamic_int8",
        "2 layers, 1536 neurons, dynamic_int8",
        "2 layers, 768 neurons, dynamic_int8",
        "1 layer, 1536 neurons, dynamic_int8",
        "1 layer, 768 neurons, dynamic_int8",
    ]


def test_four_bits_follow_eight_of_the_same_run():
    steps = ladder(SIX_LAYERS, by_size=True)
    assert [step.scheme for step in steps[:5]] == ["dynamic_int8", "dynamic_int8", "int4", "dynamic_int8", "int4"]
    assert steps[3].run == steps[4].run
    assert steps[3].student == steps[4].student
    assert not steps[2].is_taught
    assert steps[3].is_taught
