"""How to distil, in one immutable object, checked when it is made."""

import dataclasses
import math
import re
from typing import Any

from kbert.distillation.student import spread
from kbert.errors import InputError, check_setting
from kbert.finetune_settings import FinetuneSettings

ANSWERS = ("soft", "labels")
FEATURES = ("hidden", "embeddings", "relations", "cosine")
NAMES = (*ANSWERS, *FEATURES, "mlm")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Objectives:
    """What a student learns, each with its weight; 0 leaves it out.

    `soft` is the teacher's answers at a `temperature` (arXiv:1503.02531), `labels` those of the data; on raw text the
    answers are those of an MLM head, and `mlm` is what stood at the masked places (arXiv:1810.04805). The others are
    read inside the encoders: `hidden` and `embeddings`, the mean squared error of hidden states, through a learned
    projection where widths differ (TinyBERT, arXiv:1909.10351); `relations`, how near the queries, the keys and the
    values of the tokens of a text are to each other in the last layer, for any widths (MiniLM v2, arXiv:2012.15828);
    `cosine`, the direction of the last layer's hidden states (DistilBERT, arXiv:1910.01108).

    Example:
        >>> Objectives.parse("soft=0.9,labels=0.1").soft
        0.9
    """

    soft: float = 0.0
    labels: float = 0.0
    hidden: float = 0.0
    embeddings: float = 0.0
    relations: float = 0.0
    cosine: float = 0.0
    mlm: float = 0.0

    def __post_init__(self) -> None:
        for name, weight in dataclasses.asdict(self).items():
            sound = isinstance(weight, (int, float)) and math.isfinite(weight) and weight >= 0
            check_setting(sound, f"objective {name}", weight, "a weight of at least 0")
        if not any(dataclasses.asdict(self).values()):
            raise InputError("expected an objective with a weight above 0, all are 0: there is nothing to learn")

    @classmethod
    def parse(cls, text: str) -> "Objectives":
        """From what stands on a command line, `soft=0.9,relations`; a name alone weighs 1.

        Raises:
            InputError: a name is unknown or a weight is no number.
        """
        found: dict[str, float] = {}
        for part in text.split(","):
            name, equals, value = part.strip().partition("=")
            if name not in NAMES:
                raise InputError(f"objectives are {', '.join(NAMES)}. Received: {name!r}")
            try:
                found[name] = float(value) if equals else 1.0
            except ValueError:
                raise InputError(f"objective {name} must be a number. Received: {value!r}") from None
        return cls(**found)

    @property
    def reads_answers(self) -> bool:
        return self.soft > 0 or self.labels > 0

    @property
    def reads_masks(self) -> bool:
        """Whether something is learnt at masked places, for which an MLM head is needed."""
        return self.soft > 0 or self.mlm > 0

    @property
    def reads_features(self) -> bool:
        """Whether the teacher must be run beside the student: its hidden states are not kept on disk."""
        return any(getattr(self, name) for name in FEATURES)


def parse_layer_map(text: str) -> tuple[tuple[int, int], ...]:
    """`0:1,1:3` as pairs of a student's layer and a teacher's, both from 0.

    Raises:
        InputError: it is something else.
    """
    if not re.fullmatch(r"\d+:\d+(,\d+:\d+)*", text):
        raise InputError(f"a layer map is pairs of student:teacher, as 0:1,1:3. Received: {text!r}")
    pairs = (part.split(":") for part in text.split(","))
    return tuple((int(ours), int(theirs)) for ours, theirs in pairs)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DistillSettings(FinetuneSettings):
    """How to distil: as `FinetuneSettings`, and what from.

    `objectives` are those of the last stage. With `intermediate_epochs` a stage comes before it with the
    `intermediate` objectives, which need no labels (TinyBERT's two stages, arXiv:1909.10351). `temperature` flattens
    the teacher's probabilities. `layer_map` has pairs of a student's layer and the teacher's that its hidden states are
    to be like, from 0; by default they are spread evenly. `relation_heads` is into how many parts queries, keys and
    values are cut; by default as many as the teacher has heads.

    Raises:
        InputError: a value is out of its range.
    """

    epochs: int = 10
    learning_rate: float = 1e-4
    objectives: Objectives = Objectives(soft=1.0)
    temperature: float = 2.0
    intermediate_epochs: int = 0
    intermediate: Objectives = Objectives(hidden=1.0, relations=1.0)
    layer_map: tuple[tuple[int, int], ...] | None = None
    relation_heads: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_setting(self.temperature > 0, "temperature", self.temperature, "above 0")
        check_setting(self.intermediate_epochs >= 0, "intermediate_epochs", self.intermediate_epochs, "at least 0")
        if self.r_drop or self.adversarial:
            raise InputError("r_drop and adversarial are ways to learn from labels: leave them out of a distillation")
        heads = self.relation_heads
        check_setting(heads is None or heads >= 1, "relation_heads", heads, "at least 1")
        if self.objectives.mlm or self.intermediate.mlm:
            raise InputError("the objective mlm is learnt on raw text (--corpus): leave it out, or give text")
        if self.intermediate_epochs and self.intermediate.reads_answers:
            raise InputError(
                f"the intermediate stage learns {', '.join(FEATURES)}. soft and labels belong to the last one, "
                "--objectives"
            )

    def of_stage(self, *, intermediate: bool) -> "DistillSettings":
        """The settings of one of the two stages, with its epochs and its objectives."""
        if not intermediate:
            return self
        # Without answers there is nothing to choose an epoch by, nor a head to start.
        changes: dict[str, Any] = {"patience": None, "probe_head": False}
        return dataclasses.replace(self, epochs=self.intermediate_epochs, objectives=self.intermediate, **changes)


def spread_layers(student: int, teacher: int) -> tuple[tuple[int, int], ...]:
    """Every layer of the student with one of the teacher's, spread evenly, the last with the last."""
    return tuple(enumerate(spread(student, teacher)))


def check_layer_map(layer_map: tuple[tuple[int, int], ...], student: int, teacher: int) -> None:
    """Raises InputError if a layer of the map is not there."""
    for ours, theirs in layer_map:
        if ours >= student or theirs >= teacher:
            raise InputError(
                f"layer map {ours}:{theirs}: expected layers of the student from 0 to {student - 1} and of the teacher "
                f"from 0 to {teacher - 1}"
            )
