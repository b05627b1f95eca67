"""The shape of a BERT model, and the named sizes of *Well-Read Students Learn Better* (arXiv:1908.08962)."""

import dataclasses
from typing import Any

from kbert.errors import InputError

ACTIVATIONS = ("gelu", "gelu_tanh", "relu")
POSITION_EMBEDDINGS = ("learned", "sinusoidal")
# Those that are `hidden_dim` where nothing is said.
OPTIONAL_WIDTHS = ("attention_dim", "embedding_dim")


@dataclasses.dataclass(frozen=True, kw_only=True)
class BertConfig:
    """Sizes and constants of a BERT encoder. Defaults are BERT base, uncased (arXiv:1810.04805).

    `activation` is `gelu` (exact, with erf), `gelu_tanh` (its tanh approximation) or `relu`. `position_embedding` is
    `learned`, or `sinusoidal` for the fixed table of *Attention Is All You Need* (arXiv:1706.03762).
    `max_sequence_length` is the number of rows of the position table. `attention_dim` is the width of all heads of a
    layer together; None for `hidden_dim`, from which it differs where heads were pruned (`kbert.pruning`).
    `embedding_dim` is the width of the token table; where it is not `hidden_dim` (None), a dense layer brings its rows
    to it, so that many tokens weigh little (the factorized embeddings of ALBERT, arXiv:1909.11942, section 3.1).

    Raises:
        InputError: a value is out of its range, or the heads' width is not a multiple of `num_heads`.
    """

    vocabulary_size: int = 30522
    hidden_dim: int = 768
    num_layers: int = 12
    num_heads: int = 12
    intermediate_dim: int = 3072
    max_sequence_length: int = 512
    num_segments: int = 2
    activation: str = "gelu"
    position_embedding: str = "learned"
    dropout: float = 0.1
    attention_dropout: float = 0.1
    classifier_dropout: float | None = None
    layer_norm_epsilon: float = 1e-12
    initializer_range: float = 0.02
    attention_dim: int | None = None
    embedding_dim: int | None = None

    def __post_init__(self) -> None:
        names = (
            "vocabulary_size",
            "hidden_dim",
            "num_layers",
            "num_heads",
            "intermediate_dim",
            "max_sequence_length",
            "num_segments",
            *(name for name in OPTIONAL_WIDTHS if getattr(self, name) is not None),
        )
        for name in names:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise InputError(f"{name} must be a whole number of at least 1. Received: {value!r}")
        for width in OPTIONAL_WIDTHS:
            if getattr(self, width) == self.hidden_dim:
                object.__setattr__(self, width, None)  # one way to say it, so that equal configs are equal
        name = "hidden_dim" if self.attention_dim is None else "attention_dim"
        if getattr(self, name) % self.num_heads:
            raise InputError(
                f"{name} must be a multiple of num_heads. Received: {name}={getattr(self, name)}, "
                f"num_heads={self.num_heads}"
            )
        if self.activation not in ACTIVATIONS:
            raise InputError(f"activation must be one of {', '.join(ACTIVATIONS)}. Received: {self.activation!r}")
        if self.position_embedding not in POSITION_EMBEDDINGS:
            raise InputError(
                f"position_embedding must be one of {', '.join(POSITION_EMBEDDINGS)}. "
                f"Received: {self.position_embedding!r}"
            )
        for name in ("dropout", "attention_dropout", "classifier_dropout"):
            rate = getattr(self, name)
            if rate is None and name == "classifier_dropout":
                continue
            if not isinstance(rate, (int, float)) or not 0.0 <= rate < 1.0:
                raise InputError(f"{name} must be at least 0 and below 1. Received: {rate!r}")
        for name in ("layer_norm_epsilon", "initializer_range"):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
                raise InputError(f"{name} must be a number above 0. Received: {value!r}")

    @property
    def heads_dim(self) -> int:
        """The width of all heads together: `hidden_dim`, unless heads were pruned."""
        return self.hidden_dim if self.attention_dim is None else self.attention_dim

    @property
    def token_dim(self) -> int:
        """The width of the token table: `hidden_dim`, unless it is factorized."""
        return self.hidden_dim if self.embedding_dim is None else self.embedding_dim

    @property
    def head_dim(self) -> int:
        return self.heads_dim // self.num_heads

    @property
    def head_dropout(self) -> float:
        """The rate before a task's head: `classifier_dropout`, or where there is none the encoder's."""
        return self.dropout if self.classifier_dropout is None else self.classifier_dropout

    def replace(self, **changes: Any) -> "BertConfig":
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The fields; optional widths only where they say something, so that older versions read what they can run."""
        fields = dataclasses.asdict(self)
        return {name: value for name, value in fields.items() if name not in OPTIONAL_WIDTHS or value is not None}


def _sized(num_layers: int, hidden_dim: int) -> BertConfig:
    return BertConfig(
        num_layers=num_layers, hidden_dim=hidden_dim, num_heads=hidden_dim // 64, intermediate_dim=4 * hidden_dim
    )


PRESETS: dict[str, BertConfig] = {
    "tiny": _sized(2, 128),
    "mini": _sized(4, 256),
    "small": _sized(4, 512),
    "medium": _sized(8, 512),
    "base": _sized(12, 768),
    "large": _sized(24, 1024),
}


def preset_config(name: str) -> BertConfig:
    """The sizes called `name`.

    Raises:
        InputError: there is no such preset; lists those that are.
    """
    if name not in PRESETS:
        raise InputError(f"preset {name!r} is unknown. Choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
