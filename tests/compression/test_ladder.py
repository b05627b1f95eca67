"""The order of the steps."""

from kbert.compression import trained_steps, untaught_steps
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
    pruned, *steps = trained_steps(SIX_LAYERS, by_size=False, vocabulary="task")
    assert pruned.name == "half of the neurons pruned, task vocabulary, dynamic_int8"
    assert (pruned.keep_ffn, pruned.is_taught) == (0.5, False)
    assert [step.name for step in steps] == [
        "6 layers, 768 neurons, task vocabulary, dynamic_int8",
        "3 layers, 1536 neurons, task vocabulary, dynamic_int8",
        "3 layers, 768 neurons, task vocabulary, dynamic_int8",
        "2 layers, 1536 neurons, task vocabulary, dynamic_int8",
        "2 layers, 768 neurons, task vocabulary, dynamic_int8",
        "1 layer, 1536 neurons, task vocabulary, dynamic_int8",
        "1 layer, 768 neurons, task vocabulary, dynamic_int8",
        "1 layer, 768 neurons, 192 wide, task vocabulary, dynamic_int8",
    ]
    assert all(step.is_taught for step in steps)


def test_four_bits_follow_eight_of_the_same_student():
    _, _, first, second, *_ = trained_steps(SIX_LAYERS, by_size=True, vocabulary="whole")
    assert (first.scheme, second.scheme) == ("dynamic_int8", "int4")
    assert first.run == second.run
    assert first.student == second.student
    assert first.student.vocabulary == "whole"


def test_a_narrow_token_table_follows_each_depth_where_size_counts():
    steps = trained_steps(SIX_LAYERS, by_size=True, vocabulary="task")
    narrow = [step for step in steps if step.has_narrow_table]
    assert [step.name for step in narrow] == [
        f"{depth}, 768 neurons, tokens 128 wide, task vocabulary, dynamic_int8"
        for depth in ("6 layers", "3 layers", "2 layers", "1 layer")
    ]
    assert {step.student.embedding for step in narrow} == {128}
    assert [step.scheme for step in steps[-2:]] == ["dynamic_int8", "int4"]
    assert (steps[-1].student.hidden, steps[-1].student.embedding) == (192, 128)
