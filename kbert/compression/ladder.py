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

    `student` is None for the run itself; with `keep_ffn` that share of its neurons is left (`kbert.pruning`) before the
    vocabulary is the student's. Steps with the same `run` share one.
    """

    run: str
    scheme: str
    student: StudentSpec | None = None
    is_taught: bool = False
    keep_ffn: float | None = None

    @property
    def has_narrow_table(self) -> bool:
        """Whether its tokens alone are narrower than the run's."""
        return self.student is not None and self.student.embedding is not None and self.student.hidden is None

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


def trained_steps(config: BertConfig, *, by_size: bool, vocabulary: str) -> tuple[Step, ...]:
    """A pruned run, then students, the largest first.

    Half of the feed-forward neurons go, by their importance, with one epoch to recover; then they go from a student,
    and half, two thirds and five sixths of the layers. Where size counts, a token table of a third of the width follows
    each depth, in 8 bits. The last student is half as wide.

    Args:
        config: of the run.
        by_size: whether 4 bits are of use.
        vocabulary: `task` or `whole`. Few texts do not have the words of others: to leave a student their tokens alone
            costs it what it cost the run, as it does not learn of the others.
    """
    depths = list(dict.fromkeys(-(-config.num_layers // share) for share in (1, 2, 3, 6)))
    half = config.intermediate_dim // 2
    narrow_table = None if not by_size else -(-config.token_dim // 3)
    pruned = f"half of the neurons pruned, {vocabulary} vocabulary"
    trimmed = StudentSpec(vocabulary=vocabulary)
    steps = [Step(run=pruned, scheme=scheme, student=trimmed, keep_ffn=0.5) for scheme in _schemes(by_size)]
    for depth in depths:
        for width in (config.intermediate_dim, half):
            if (depth, width) == (config.num_layers, config.intermediate_dim):
                continue
            narrow = None if width == config.intermediate_dim else width
            spec = StudentSpec(layers=str(depth), intermediate=narrow, vocabulary=vocabulary)
            steps += [_taught(spec, width, scheme) for scheme in _schemes(by_size)]
        if narrow_table is not None:
            steps.append(_taught(dataclasses.replace(spec, embedding=narrow_table), half, EIGHT_BITS))
    smallest = dataclasses.replace(spec, hidden=config.hidden_dim // 2, embedding=narrow_table)
    return (*steps, *(_taught(smallest, half, scheme) for scheme in _schemes(by_size)))


def _taught(spec: StudentSpec, neurons: int, scheme: str) -> Step:
    parts = [f"{spec.layers} layer{'s' * (spec.layers != '1')}", f"{neurons} neurons"]
    parts += [f"{spec.hidden} wide"] if spec.hidden else []
    parts += [f"tokens {spec.embedding} wide"] if spec.embedding else []
    name = ", ".join([*parts, f"{spec.vocabulary} vocabulary"])
    return Step(run=name, scheme=scheme, student=spec, is_taught=True)


def _schemes(by_size: bool) -> tuple[str, ...]:
    return (EIGHT_BITS, FOUR_BITS) if by_size else (EIGHT_BITS,)
