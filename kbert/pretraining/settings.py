"""How to pretrain, in one immutable object, checked when it is made."""

import dataclasses

from kbert.data.masking import MaskingSettings
from kbert.errors import check_setting
from kbert.finetune_settings import PRECISIONS

OPTIMIZERS = ("adamw", "lamb")
STARTS = ("random", "corpus")


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """How to pretrain. The defaults are those of the paper (arXiv:1810.04805, A.2), but for a smaller batch.

    `steps` are updates of the weights; each takes `gradient_accumulation` batches of `batch_size` texts, over all
    workers. The learning rate rises over the share `warmup` of the steps, then falls to 0, linearly or, with another
    `decay_power`, as that power of the way left. The last `long_share` of the steps use texts of the greater length, in
    batches of `long_batch_size`, by default as many tokens as before. `evaluate_every`, `save_every` and `log_every`
    count steps; `keep` is how many states are kept beside the best one. `jit_compile` None is XLA on a GPU only.
    Weights that no checkpoint holds are random, or with `start` "corpus" made from counts of the text, see
    `start_from_corpus`.

    Raises:
        InputError: a value is out of its range.
    """

    steps: int = 10_000
    batch_size: int = 64
    learning_rate: float = 1e-4
    optimizer: str = "adamw"
    warmup: float = 0.05
    decay_power: float = 1.0
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    gradient_accumulation: int = 1
    mask_share: float = 0.15
    max_predictions: int = 20
    whole_words: bool = False
    max_span: int = 1
    long_share: float = 0.0
    long_batch_size: int | None = None
    precision: str = "float32"
    jit_compile: bool | None = None
    log_every: int = 50
    evaluate_every: int = 1000
    save_every: int = 1000
    keep: int = 2
    seed: int = 0
    start: str = "random"

    def __post_init__(self) -> None:
        counts = ("steps", "batch_size", "gradient_accumulation", "log_every", "evaluate_every", "save_every", "keep")
        for name in counts:
            check_setting(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        for name in ("learning_rate", "clip_norm", "decay_power"):
            check_setting(0 < getattr(self, name) < float("inf"), name, getattr(self, name), "above 0")
        for name in ("warmup", "long_share"):
            check_setting(0 <= getattr(self, name) < 1, name, getattr(self, name), "at least 0 and below 1")
        check_setting(self.weight_decay >= 0, "weight_decay", self.weight_decay, "at least 0")
        check_setting(self.seed >= 0, "seed", self.seed, "at least 0")
        check_setting(self.optimizer in OPTIMIZERS, "optimizer", self.optimizer, f"one of {', '.join(OPTIMIZERS)}")
        check_setting(self.precision in PRECISIONS, "precision", self.precision, f"one of {', '.join(PRECISIONS)}")
        check_setting(self.start in STARTS, "start", self.start, f"one of {', '.join(STARTS)}")
        long = self.long_batch_size
        check_setting(long is None or long >= 1, "long_batch_size", long, "at least 1")
        self.masking()

    def masking(self) -> MaskingSettings:
        """The part that says how to mask."""
        return MaskingSettings(
            mask_share=self.mask_share,
            max_predictions=self.max_predictions,
            whole_words=self.whole_words,
            max_span=self.max_span,
        )

    @property
    def long_steps(self) -> int:
        """How many of the last steps use long texts."""
        return round(self.long_share * self.steps)
