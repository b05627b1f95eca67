"""The order of the steps."""

from kbert.compression import taught_steps, untaught_steps
from kbert.config import BertConfig

SIX_LAYERS = BertConfig(num_layers=6, hidden_dim=384, intermediate_dim=1536)


def test_what_needs_no_training_comes_first():
    assert [step.name for step in untaught_steps(by_size=True)] == [
        "whole, dynamic_int8",
        "whole, int4",
        "vocabulary of the task, dynamic_int8",
        "vocabulary of the task, int4",
    ]
    assert not any(step.is_taught for step in untaught_steps(by_size=True))


def test_students_get_smaller():
    steps = taught_steps(SIX_LAYERS, by_size=False, vocabulary="task")
    assert [step.name for step in steps] == [
        "6 layers, 768 neurons, task vocabulary, dynamic_int8",
        "3 layers, 1536 neurons, task vocabulary, dynamic_int8",
        "3 layers, 768 neurons, task vocabulary, dynamic_int8",
        "2 layers, 1536 neurons, task vocabulary, dynamic_int8",
        "2 layers, 768 neurons, task vocabulary, dynamic_int8",
        "1 layer, 1536 neurons, task vocabulary, dynamic_int8",
        "1 layer, 768 neurons, task vocabulary, dynamic_int8",
    ]
    assert all(step.is_taught for step in steps)


def test_four_bits_follow_eight_of_the_same_student():
    first, second, *_ = taught_steps(SIX_LAYERS, by_size=True, vocabulary="whole")
    assert (first.scheme, second.scheme) == ("dynamic_int8", "int4")
    assert first.run == second.run
    assert first.student == second.student
    assert first.student.vocabulary == "whole"
