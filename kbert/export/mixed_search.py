"""Runs a search for a mix of weight formats on real files and validation texts, and leaves the best file."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.data.data_set import DataSet
from kbert.export.conversion import Converter
from kbert.export.facts import ArtefactFacts
from kbert.export.measurement import measure
from kbert.export.recipe import Recipe
from kbert.export.runtime import TfliteArtefact
from kbert.export.search import Budget, Trial, search
from kbert.export.search_report import SearchReport
from kbert.export.verify import Verdict, compare
from kbert.problems.problem import subset

# Enough to order the groups of weights by; the files that are tried are run on all texts.
SAMPLE_TEXTS = 512
MEASURED_TEXTS = 100


def search_mix(
    converter: Converter,
    facts: ArtefactFacts,
    path: Path,
    full: Sequence[Any],
    validation: DataSet,
    recipe: Recipe,
    say: Callable[[str], None],
) -> SearchReport:
    """Writes the TFLite file that meets a recipe's budget at the least drop to `path`.

    Args:
        converter: of the model.
        facts: what goes into the file.
        path: where the file is to lie.
        full: the full model's answers.
        validation: the labelled data.
        recipe: with `target_mb` or `target_ms`.
        say: told each step as it starts.

    Raises:
        BudgetError: no mix that was tried meets the budget.
    """
    mixer = converter.mixer()
    budget = Budget(max_drop=recipe.max_drop, target_mb=recipe.target_mb, target_ms=recipe.target_ms)
    some = np.unique(np.linspace(0, len(validation) - 1, min(SAMPLE_TEXTS, len(validation))).astype(int))
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / "model.tflite"

        def file(model: bytes) -> bytes:
            return converter.tflite_file(model, facts)

        def score(model: bytes, rows: Sequence[int]) -> Verdict:
            tried.write_bytes(file(model))
            examples = subset(validation, rows)
            answers = TfliteArtefact(tried).answer(examples.inputs)
            return compare([full[i] for i in rows], answers, examples, facts.problem, recipe.max_drop)

        def latency(model: bytes) -> float:
            tried.write_bytes(file(model))
            return measure(tried, validation.inputs[:MEASURED_TEXTS]).latency_ms

        trial = Trial(
            score=lambda model: score(model, range(len(validation))),
            sample=lambda model: score(model, [int(i) for i in some]),
            latency=latency,
            size=lambda model: len(file(model)),
        )
        mix, report = search(mixer, budget, trial, say)
    path.write_bytes(file(mixer.file(mix)))
    return report
