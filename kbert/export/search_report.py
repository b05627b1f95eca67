"""What a search for the best mix of weight formats tried and found."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, kw_only=True)
class GroupSensitivity:
    """What one group of weights, alone in a narrower format, costs and saves.

    `group` is `embeddings`, `positions`, `layer 0 attention`, `layer 0 feed-forward`, … or `head`; `format` as in
    `int4/32`: bits, and how many weights share a scale. `drop_points` is in percentage points of the main metric,
    `agreement` the share of labels equal to the full model's, `shift` the mean over the texts of the largest change of
    any label's probability. All compare with the full model, not with the 8-bit file.
    """

    group: str
    format: str
    saved_bytes: int
    drop_points: float
    agreement: float
    shift: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Candidate:
    """A file that was tried: the format of each group, and what it came to. `latency_ms` is None if not measured."""

    formats: Mapping[str, str]
    size_bytes: int
    latency_ms: float | None
    drop_points: float
    agreement: float
    shift: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchReport:
    """Every point that a search tried, in order; `chosen` is the index of the one that was exported."""

    max_drop: float
    target_mb: float | None
    target_ms: float | None
    sensitivities: tuple[GroupSensitivity, ...]
    candidates: tuple[Candidate, ...]
    chosen: int
