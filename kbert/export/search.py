"""A mix of weight formats that meets a budget of size or latency at the least loss of accuracy.

First the sensitivity of each group of weights: it alone is made narrower in an otherwise 8-bit file, which is run on
validation texts. Then the groups are made narrower one after the other, those first that cost least for the bytes they
save, and the files on this path are tried where the budget begins to be met.
"""

import dataclasses
from collections.abc import Callable, Sequence

from kbert.errors import GateError
from kbert.export.mixed_weights import FLOAT, WeightMixer, levels
from kbert.export.search_report import Candidate, GroupSensitivity, SearchReport
from kbert.export.verify import Verdict

Mix = dict[str, str]
Say = Callable[[str], None]

# Files that meet the budget tried beyond the first: the next narrower ones may lose less by chance of the texts.
TRIED_BEYOND = 3
BASE = "int8"


class BudgetError(GateError):
    """No mix meets the budget; `report` holds every point that was tried, its `chosen` the nearest."""

    report: SearchReport


@dataclasses.dataclass(frozen=True, kw_only=True)
class Budget:
    """The limits: size in MB (millions of bytes), mean latency in milliseconds, drop in points of the main metric."""

    max_drop: float
    target_mb: float | None = None
    target_ms: float | None = None

    def excess(self, candidate: Candidate) -> dict[str, float]:
        """By how much a file goes beyond each limit that it breaks, as a share of the limit (points for the drop)."""
        found = {
            "drop": candidate.drop_points - self.max_drop - 1e-9,
            "size": _over(candidate.size_bytes / 1e6, self.target_mb),
            "latency": _over(candidate.latency_ms, self.target_ms),
        }
        return {name: value for name, value in found.items() if value > 0}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """How to try the bytes of a model.

    `score` runs it on every validation text, `sample` on some of them, `latency` gives mean milliseconds a text, `size`
    what the file weighs with all that goes into it.
    """

    score: Callable[[bytes], Verdict]
    sample: Callable[[bytes], Verdict]
    latency: Callable[[bytes], float]
    size: Callable[[bytes], int]


def search(mixer: WeightMixer, budget: Budget, trial: Trial, say: Say = lambda line: None) -> tuple[Mix, SearchReport]:
    """Finds the mix that meets the budget at the least drop.

    Returns:
        The format of each group, and a report of every point tried.

    Raises:
        BudgetError: no mix that was tried meets it; says which limit is in the way, and offers the nearest two.
    """
    base = dict.fromkeys(mixer.groups, BASE)
    say("sensitivity: the 8-bit file to compare with")
    whole = mixer.file(base)
    base_shift = trial.sample(whole).mean_shift
    sensitivities = _sensitivities(mixer, base, trial.size(whole), trial, say)
    candidates: list[Candidate] = []

    def try_mix(mix: Mix) -> Candidate:
        say(f"file {len(candidates) + 1} of the search: running the validation texts")
        model = mixer.file(mix)
        verdict = trial.score(model)
        candidate = Candidate(
            formats=dict(mix),
            size_bytes=trial.size(model),
            latency_ms=trial.latency(model),
            drop_points=verdict.drop_points,
            agreement=verdict.agreement,
            shift=verdict.mean_shift,
        )
        candidates.append(candidate)
        return candidate

    start = try_mix(base)
    broken = budget.excess(start)
    narrower = _narrower_path(base, sensitivities, start.size_bytes, base_shift)
    if "size" in broken:
        _try_narrower(narrower, budget, try_mix)
    elif "drop" in broken:
        _try_wider(_wider_path(base, sensitivities), budget, try_mix)
    elif "latency" in broken:
        for mix, _ in narrower[-1:]:
            try_mix(mix)
    order = ranked(candidates, budget)
    report = SearchReport(
        max_drop=budget.max_drop,
        target_mb=budget.target_mb,
        target_ms=budget.target_ms,
        sensitivities=tuple(sensitivities),
        candidates=tuple(candidates),
        chosen=order[0],
    )
    if budget.excess(candidates[order[0]]):
        raise BudgetError(unmet(budget, candidates, what="no mix of formats", describe=describe), report)
    return dict(candidates[order[0]].formats), report


def _sensitivities(mixer: WeightMixer, base: Mix, size: int, trial: Trial, say: Say) -> list[GroupSensitivity]:
    found = []
    for group in base:
        for format_ in _narrower(group):
            say(f"sensitivity of {group} at {format_}")
            model = mixer.file({**base, group: format_})
            verdict = trial.sample(model)
            found.append(
                GroupSensitivity(
                    group=group,
                    format=format_,
                    saved_bytes=size - trial.size(model),
                    drop_points=verdict.drop_points,
                    agreement=verdict.agreement,
                    shift=verdict.mean_shift,
                )
            )
    return found


def _narrower(group: str) -> tuple[str, ...]:
    known = levels(group)
    return known[known.index(BASE) + 1 :]


def _narrower_path(
    base: Mix, sensitivities: Sequence[GroupSensitivity], size: int, base_shift: float
) -> list[tuple[Mix, int]]:
    """Mixes from the base to the narrowest with their sizes in bytes, each step the cheapest for what it saves.

    Empty if no group can save anything: no weight of a very small model is rounded at all.
    """
    left = {
        group: [entry for entry in sensitivities if entry.group == group and entry.saved_bytes > 0] for group in base
    }
    # Shift and saved bytes of the format that a group has. The 8-bit file's own shift is in every entry: charged to a
    # group, it would make each first step look dear, above all those that save little.
    now = dict.fromkeys(base, (base_shift, 0))
    mix = dict(base)
    path: list[tuple[Mix, int]] = []

    def price(entry: GroupSensitivity) -> float:
        shift, saved = now[entry.group]
        return (entry.shift - shift) / max(entry.saved_bytes - saved, 1)

    while any(left.values()):
        step = min((entry for entries in left.values() for entry in entries), key=price)
        left[step.group] = [entry for entry in left[step.group] if entry.saved_bytes > step.saved_bytes]
        size -= step.saved_bytes - now[step.group][1]
        now[step.group] = (step.shift, step.saved_bytes)
        mix[step.group] = step.format
        path.append((dict(mix), size))
    return path


def _wider_path(base: Mix, sensitivities: Sequence[GroupSensitivity]) -> list[Mix]:
    """Mixes with 1, 2, 4, … and all groups in float32, those first that fewer bits hurt most."""
    hurt = {group: max(entry.shift for entry in sensitivities if entry.group == group) for group in base}
    order = sorted(base, key=lambda group: -hurt[group])
    counts = [2**i for i in range(len(order).bit_length()) if 2**i < len(order)]
    return [base | dict.fromkeys(order[:count], FLOAT) for count in [*counts, len(order)] if count]


def _try_narrower(path: Sequence[tuple[Mix, int]], budget: Budget, try_mix: Callable[[Mix], Candidate]) -> None:
    """Tries the first file that is small enough and some after it, and two on the way there for the frontier."""
    if not path:
        return
    sizes = [size / 1e6 for _, size in path]
    small = [i for i, size in enumerate(sizes) if size <= (budget.target_mb or 0.0)]
    first = small[0] if small else len(path) - 1
    for i in sorted({first // 3, 2 * first // 3} - {first}):
        try_mix(path[i][0])
    for mix, _ in path[first : first + 1 + TRIED_BEYOND]:
        try_mix(mix)


def _try_wider(path: Sequence[Mix], budget: Budget, try_mix: Callable[[Mix], Candidate]) -> None:
    """Tries files until one meets the budget or is too large."""
    for mix in path:
        broken = budget.excess(try_mix(mix))
        if not broken or "size" in broken:
            return


def _rank(candidate: Candidate, budget: Budget) -> tuple[float, float, float]:
    """Less is better: how far beyond the budget, then the drop, then how far probabilities moved."""
    return (sum(budget.excess(candidate).values()), candidate.drop_points, candidate.shift)


def ranked(candidates: Sequence[Candidate], budget: Budget) -> list[int]:
    """The positions of the candidates, the best first: how far beyond the budget, then the drop."""
    return sorted(range(len(candidates)), key=lambda i: _rank(candidates[i], budget))


def unmet(budget: Budget, candidates: Sequence[Candidate], *, what: str, describe: Callable[[Candidate], str]) -> str:
    """Why nothing that was tried meets a budget, and which two come nearest."""
    order = ranked(candidates, budget)
    within = {
        "size": [c for c in candidates if "size" not in budget.excess(c)],
        "latency": [c for c in candidates if "latency" not in budget.excess(c)],
    }
    if not within["size"]:
        smallest = min(candidates, key=lambda c: c.size_bytes)
        reason = f"size is in the way: the smallest file has {smallest.size_bytes / 1e6:.2f} MB"
    elif not within["latency"]:
        fastest = min(candidates, key=lambda c: c.latency_ms or 0.0)
        reason = f"latency is in the way: the fastest file takes {fastest.latency_ms:.2f} ms"
    elif not (fitting := [c for c in within["size"] if c in within["latency"]]):
        reason = "size and latency are in the way together: files that are small enough are too slow, and the reverse"
    else:
        least = min(fitting, key=lambda c: c.drop_points)
        reason = f"accuracy is in the way: files within the other limits lose {least.drop_points:.2f} points or more"
    nearest = "; ".join(describe(candidates[i]) for i in order[:2])
    return f"{what} meets the budget ({_limits(budget)}); {reason}. The nearest: {nearest}"


def _limits(budget: Budget) -> str:
    limits = [f"drop at most {budget.max_drop:g} points"]
    if budget.target_mb is not None:
        limits.append(f"at most {budget.target_mb:g} MB")
    if budget.target_ms is not None:
        limits.append(f"at most {budget.target_ms:g} ms")
    return ", ".join(limits)


def describe(candidate: Candidate) -> str:
    """Size, latency and drop of a file in a few words."""
    latency = "" if candidate.latency_ms is None else f", {candidate.latency_ms:.2f} ms"
    return f"{candidate.size_bytes / 1e6:.2f} MB{latency}, drop {candidate.drop_points:+.2f} points"


def _over(value: float | None, limit: float | None) -> float:
    return 0.0 if value is None or limit is None else value / limit - 1.0
