"""How to fine-tune, in one immutable object, checked when it is made."""

import dataclasses

from kbert.errors import check_setting
from kbert.fine_tuning.settings import FineTuningOptions

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuneSettings(FineTuningOptions):
    """How to fine-tune. The defaults suit most data (arXiv:1810.04805, A.3).

    `warmup` is the share of all steps in which the learning rate rises. `patience` stops after so many epochs without a
    better validation metric; `metric` and `max_length` are by default the task's own. `dropout` replaces the
    checkpoint's three rates (hidden, attention, head). `gradient_accumulation` adds up so many batches before an
    update. `compact_vocabulary` trains only the rows of the token table that the data touches; the result is the same
    (see `kbert.compact_vocabulary`). `probe_head` fits a new head to the frozen encoder before training (see
    `kbert.head_start`). The others are those of `FineTuningOptions`.

    Raises:
        InputError: a value is out of its range.
    """

    epochs: int = 3
    learning_rate: float = 5e-5
    batch_size: int = 32
    max_length: int | None = None
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    dropout: float | None = None
    gradient_accumulation: int = 1
    metric: str | None = None
    patience: int | None = None
    precision: str = "float32"
    seed: int = 0
    compact_vocabulary: bool = True
    probe_head: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("epochs", "batch_size", "gradient_accumulation"):
            check_setting(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        length = 3 if self.max_length is None else self.max_length
        check_setting(length >= 3, "max_length", length, "at least 3, for [CLS], a token and [SEP]")
        for name in ("learning_rate", "clip_norm"):
            check_setting(getattr(self, name) > 0, name, getattr(self, name), "above 0")
        check_setting(0 <= self.warmup < 1, "warmup", self.warmup, "a share of the steps, at least 0 and below 1")
        check_setting(self.weight_decay >= 0, "weight_decay", self.weight_decay, "at least 0")
        dropout = 0.0 if self.dropout is None else self.dropout
        check_setting(0 <= dropout < 1, "dropout", dropout, "at least 0 and below 1")
        check_setting(self.patience is None or self.patience >= 1, "patience", self.patience, "at least 1")
        check_setting(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")
        whole = self.quantize is None or self.precision == "float32"
        check_setting(whole, "precision", self.precision, "float32 with quantize: half precision blurs the levels")
        check_setting(self.seed >= 0, "seed", self.seed, "at least 0")
