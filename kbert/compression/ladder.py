"""The steps by which a model is made smaller, the cheapest first."""

import dataclasses

from kbert.config import BertConfig
from kbert.distillation.student import TASK_VOCABULARY, StudentSpec

EIGHT_BITS, FOUR_BITS = "dynamic_int8", "int4"
# The steps that need no training: what they cost is accuracy, not hours.
WHOLE, TRIMMED = "whole", "vocabulary of the task"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One way to a file: a student, taught or as it is cut out, in one format of numbers.

    `student` is None for the run itself. Steps with the same `run` share one.
    """

    run: str
    scheme: str
    student: StudentSpec | None = None
    is_taught: bool = False

    @property
    def name(self) -> str:
        return f"{self.run}, {self.scheme}"


def untaught_steps(*, by_size: bool) -> tuple[Step, ...]:
    """The steps that need no training, the cheapest first; a trimmed vocabulary changes no text whose tokens stay.

    Args:
        by_size: whether 4 bits are of use: they make a file smaller, and slower.
    """
    trimmed = StudentSpec(vocabulary=TASK_VOCABULARY)
    return tuple(
        Step(run=run, scheme=scheme, student=student)
        for run, student in ((WHOLE, None), (TRIMMED, trimmed))
        for scheme in _schemes(by_size)
    )


def taught_steps(config: BertConfig, *, by_size: bool, vocabulary: str) -> tuple[Step, ...]:
    """Students, the largest first: feed-forwards of half the width, then half, a third and a sixth of the layers.

    Args:
        config: of the run.
        by_size: whether 4 bits are of use.
        vocabulary: `task` or `whole`. Few texts do not have the words of others: to leave a student their tokens alone
            costs it what it cost the run, as it does not learn of the others.
    """
    depths = list(dict.fromkeys(-(-config.num_layers // share) for share in (1, 2, 3, 6)))
    half = config.intermediate_dim // 2
    steps = []
    for depth in depths:
        for width in (config.intermediate_dim, half):
            if (depth, width) == (config.num_layers, config.intermediate_dim):
                continue
            narrow = None if width == config.intermediate_dim else width
            spec = StudentSpec(layers=str(depth), intermediate=narrow, vocabulary=vocabulary)
            name = f"{depth} layer{'s' * (depth > 1)}, {width} neurons, {vocabulary} vocabulary"
            steps += [Step(run=name, scheme=scheme, student=spec, is_taught=True) for scheme in _schemes(by_size)]
    return tuple(steps)


def _schemes(by_size: bool) -> tuple[str, ...]:
    return (EIGHT_BITS, FOUR_BITS) if by_size else (EIGHT_BITS,)
