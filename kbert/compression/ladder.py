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


def ladder(config: BertConfig, *, by_size: bool) -> tuple[Step, ...]:
    """The steps for a model of these sizes, the cheapest first.

    A trimmed vocabulary changes no answer whose tokens stay; then feed-forwards of half the width; then half, a third
    and a sixth of the layers, each with whole and with half feed-forwards.

    Args:
        config: of the run.
        by_size: whether 4 bits are of use: they make a file smaller, and slower.
    """
    schemes = (EIGHT_BITS, FOUR_BITS) if by_size else (EIGHT_BITS,)
    steps = [Step(run=WHOLE, scheme=EIGHT_BITS)]
    for scheme in schemes:
        steps.append(Step(run=TRIMMED, scheme=scheme, student=StudentSpec(vocabulary=TASK_VOCABULARY)))
    half = config.intermediate_dim // 2
    depths = list(dict.fromkeys(-(-config.num_layers // share) for share in (1, 2, 3, 6)))
    for depth in depths:
        for width in (config.intermediate_dim, half):
            if (depth, width) == (config.num_layers, config.intermediate_dim):
                continue
            narrow = None if width == config.intermediate_dim else width
            spec = StudentSpec(layers=str(depth), intermediate=narrow, vocabulary=TASK_VOCABULARY)
            name = f"{depth} layer{'s' * (depth > 1)}, {width} neurons"
            steps += [Step(run=name, scheme=scheme, student=spec, is_taught=True) for scheme in schemes]
    return tuple(steps)
