"""How to distil on raw text, in one immutable object, checked when it is made."""

import dataclasses

from kbert.distillation.settings import FEATURES, Objectives
from kbert.errors import InputError, check_setting
from kbert.pretraining.settings import PretrainSettings

# With the weights of DistilBERT's training (arXiv:1910.01108): its three losses.
WITH_MLM_HEAD = Objectives(soft=5.0, mlm=2.0, cosine=1.0)
WITHOUT = Objectives(relations=1.0)
# What a pretraining can do besides, and a distillation does not.
FIXED = {"gradient_accumulation": 1, "long_share": 0.0, "start": "random"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class CorpusDistillSettings(PretrainSettings):
    """How to distil on raw text: as `PretrainSettings`, and what from.

    `objectives` are by default, where the teacher has an MLM head, `soft=5,mlm=2,cosine` as for DistilBERT
    (arXiv:1910.01108), and where it has none `relations` alone (MiniLM v2, arXiv:2012.15828). `temperature` flattens
    the teacher's probabilities. `layer_map` and `relation_heads` are those of `DistillSettings`. `dropout` replaces
    the student's two rates, of hidden states and of attention.

    Raises:
        InputError: a value is out of its range.
    """

    batch_size: int = 32
    warmup: float = 0.1
    objectives: Objectives | None = None
    temperature: float = 2.0
    layer_map: tuple[tuple[int, int], ...] | None = None
    relation_heads: int | None = None
    dropout: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in FIXED.items():
            check_setting(getattr(self, name) == value, name, getattr(self, name), f"{value} in a distillation")
        check_setting(self.temperature > 0, "temperature", self.temperature, "above 0")
        heads, dropout = self.relation_heads, self.dropout
        check_setting(heads is None or heads >= 1, "relation_heads", heads, "at least 1")
        check_setting(dropout is None or 0 <= dropout < 1, "dropout", dropout, "at least 0 and below 1")
        if self.objectives is not None and self.objectives.labels:
            raise InputError(
                "the objective labels needs labelled data (--train), raw text has none. Leave it out; mlm learns the "
                "tokens of the text"
            )

    def for_teacher(self, source: str, *, has_mlm_head: bool) -> "CorpusDistillSettings":
        """The same with the objectives that such a teacher has by default, where none are chosen.

        Raises:
            InputError: an objective needs an MLM head that the teacher, called `source`, does not have.
        """
        chosen = self.objectives or (WITH_MLM_HEAD if has_mlm_head else WITHOUT)
        if chosen.reads_masks and not has_mlm_head:
            names = " and ".join(name for name in ("soft", "mlm") if getattr(chosen, name))
            raise InputError(
                f"{source}: expected a teacher with an MLM head for the objective {names}, it has none. Choose among "
                f"{', '.join(FEATURES)}"
            )
        return dataclasses.replace(self, objectives=chosen)
