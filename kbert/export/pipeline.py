"""From a fine-tuned model to proven files: convert, run them on held-out text, and only then put them in place."""

import importlib.metadata
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints import extract_weights
from kbert.checkpoints.huggingface import config_to_dict
from kbert.data.data_set import DataSet
from kbert.errors import GateError, InputError
from kbert.export.arm64 import Device, DeviceArtefact, arm64
from kbert.export.attribution import explain_worst
from kbert.export.contents import file_contents
from kbert.export.conversion import Converter
from kbert.export.facts import LABELS_FILE, TASK_FILE, ArtefactFacts
from kbert.export.golden_texts import golden_vectors
from kbert.export.html_report import to_html
from kbert.export.machine import machine
from kbert.export.measurement import measure
from kbert.export.mixed_search import search_mix
from kbert.export.model_card import to_model_card
from kbert.export.recipe import MIXED, Recipe
from kbert.export.report import ExportReport, FileReport, refusal_lines
from kbert.export.runtime import open_artefact
from kbert.export.search_report import SearchReport
from kbert.export.verify import Verdict, check_validation, compare
from kbert.extras import require
from kbert.files import check_output_directory, new_directory, size_on_disk, write_json
from kbert.provenance import versions
from kbert.tasks.kinds import task_of_problem
from kbert.tasks.task import BertTask

RUNTIME_PACKAGES = {"tflite": "ai-edge-litert", "onnx": "onnxruntime", "savedmodel": "tensorflow"}
NEEDED_MODULES = {
    "tflite": ("ai_edge_litert.interpreter", "flatbuffers"),
    "onnx": ("tf2onnx", "onnxruntime", "onnxscript"),
    "savedmodel": (),
}
MEASURED_TEXTS = 200
# The emulated processor: most phones in use have its instructions.
CORE = "cortex-a76"


def export_model(
    model: BertTask,
    recipe: Recipe,
    validation: DataSet,
    output: str | os.PathLike[str],
    *,
    calibration: Sequence[Any] = (),
    overwrite: bool = False,
    name: str = "model",
    say: Callable[[str], None] = lambda line: None,
    provenance: Mapping[str, Any] | None = None,
    reference: BertTask | None = None,
    ladder: SearchReport | None = None,
) -> ExportReport:
    """Exports a model of a task, scores every file in its real runtime, and writes the export directory if all passed.

    The weights are exported in float32 whatever precision the model was trained in.

    Args:
        model: the full model, with its tokenizer.
        recipe: formats, schemes and the largest drop allowed.
        validation: held-out labelled texts.
        output: the export directory.
        calibration: texts like those that the model will read, without labels, such as those that it was trained with;
            an even sample of up to 512 is used. 4-bit weights are rounded for them; `static_int8` needs them.
        overwrite: replace what `output` holds.
        name: what to call the model in the report and the metadata.
        say: told each stage as it starts.
        provenance: what else the report is to say of the model: `language`, `base_model`, `seed`, `command`, `date`.
        reference: the model that the files are held against, where that is another: a student's teacher.
        ladder: what was tried on the way to this model, for the report.

    Raises:
        GateError: a file lost more than `recipe.max_drop`; `report` holds the numbers, and nothing was put in place.
        BudgetError: no mix of weight formats meets the recipe's budget; `report` holds what was tried.
        InputError: something cannot be used; says what.
    """
    check_validation(validation)
    model.problem.check(validation)  # an unknown label must show before minutes of work
    check_output_directory(output, overwrite=overwrite)
    for format_ in recipe.formats:
        for module in NEEDED_MODULES[format_]:
            require(module, extra=format_)
    _check_calibration(recipe, calibration)
    _check_savedmodel(recipe, model, validation)
    # Says how to set it up where it is missing.
    device = arm64(CORE) if "arm64" in recipe.verify_on else None
    model = float32_twin(model)
    longest = recipe.longest(model.max_length)
    facts = _facts(model, longest)
    weights = extract_weights(model.named_variables())
    converter = Converter(model, weights, recipe, name, calibration)
    say(f"full model on {len(validation)} texts")
    whole = model if reference is None else reference
    full = whole.answer(validation.inputs)

    with new_directory(output, overwrite=overwrite) as folder:
        reports, searches = [], {} if ladder is None else {next(iter(recipe.files())): ladder}
        for file, (format_, scheme) in recipe.files().items():
            path = folder / file
            if scheme == MIXED:
                say(f"{file}: searching for a mix of weight formats")
                searches[file] = search_mix(converter, facts(scheme), path, full, validation, recipe, say)
            else:
                say(f"{file}: {scheme}, converting")
                converter.write(path, format_, facts(scheme))
            say(f"{file}: running {len(validation)} texts")
            reports.append(_score(path, file, format_, scheme, full, validation, model, recipe, device, say))
        report = ExportReport(
            task=model.problem.task,
            model=name,
            validation=Path(validation.path).name,
            recipe=recipe,
            full_size_bytes=sum(value.nbytes for value in extract_weights(whole.named_variables()).values()),
            files=tuple(reports),
            versions=versions()
            | {RUNTIME_PACKAGES[f]: importlib.metadata.version(RUNTIME_PACKAGES[f]) for f in recipe.formats},
            notes=_notes(
                validation,
                recipe,
                converter.calibration_lengths(),
                searches,
                model.problem.main_metric,
                model.trained_scheme,
            ),
            labels=model.labels,
            settings=model.problem.settings(),
            pairs=_has_pairs(validation),
            max_length=longest,
            searches=searches,
            machine=machine(),
            **(provenance or {}),
        )
        if not report.passed:
            raise GateError("\n".join(refusal_lines(report)), report)
        _write_companions(folder, model, report)
    return report


def float32_twin(model: BertTask) -> BertTask:
    """The model itself if it computes in float32, else a copy of it that does.

    Under a mixed policy the converter would meet casts to half precision, which become operators no phone has.
    """
    from kbert.backbone import BertBackbone

    if model.backbone.compute_dtype == "float32":
        return model
    twin = task_of_problem(BertBackbone(model.backbone.config, dtype="float32"), model.problem)
    weights = extract_weights(model.named_variables())
    for name, variable in twin.named_variables().items():
        variable.assign(weights[name])
    twin.trained_scheme = model.trained_scheme
    return twin


def _facts(model: BertTask, longest: int) -> Callable[[str], ArtefactFacts]:
    tokenizer = model.known_tokenizer()
    broken = [label for label in model.labels if "\n" in label]
    if broken:
        raise InputError(f"a label cannot hold a line feed: labels.txt has one label a line. Received: {broken[0]!r}")
    return lambda scheme: ArtefactFacts(
        task=model.problem.task,
        labels=model.labels,
        tokenizer=tokenizer,
        max_length=longest,
        scheme=scheme,
        kbert_version=versions()["kbert"],
        task_settings=model.problem.settings(),
    )


def _score(
    path: Path,
    file: str,
    format_: str,
    scheme: str,
    full: Sequence[Any],
    validation: DataSet,
    model: BertTask,
    recipe: Recipe,
    device: Device | None,
    say: Callable[[str], None],
) -> FileReport:
    # The file itself, from disk, with the tokenizer and labels that it carries.
    artefact = open_artefact(path)

    def judge(runner: Any) -> Verdict:
        return compare(full, runner.answer(validation.inputs), validation, model.problem, recipe.max_drop)

    verdict = judge(artefact)
    elsewhere = {}
    if device is not None and format_ != "savedmodel":
        there = DeviceArtefact(path, device, say=say)
        elsewhere[there.runtime()] = judge(there)
    return FileReport(
        file=file,
        format=format_,
        scheme=scheme,
        runtime=f"{RUNTIME_PACKAGES[format_]} {importlib.metadata.version(RUNTIME_PACKAGES[format_])}",
        size_bytes=size_on_disk(path),
        verdict=verdict,
        measurement=measure(path, validation.inputs[:MEASURED_TEXTS]),
        elsewhere=elsewhere,
        contents=file_contents(path),
        attributions=explain_worst(artefact, verdict),
    )


def _check_calibration(recipe: Recipe, calibration: Sequence[str]) -> None:
    """What calibration would show after minutes of work must show before them."""
    if "static_int8" in recipe.schemes and not calibration:
        raise InputError(
            "static_int8 fixes the ranges of activations beforehand: expected --calibration with some hundred texts "
            "like those that the model will read, got none"
        )


def _check_savedmodel(recipe: Recipe, model: BertTask, validation: DataSet) -> None:
    """A SavedModel has its tokenizer in the graph, for one text; refused before minutes of work."""
    if "savedmodel" not in recipe.formats:
        return
    refused = model.problem.task if model.problem.task != "text-classification" else None
    if refused or _has_pairs(validation):
        raise InputError(
            f"a SavedModel takes one text and gives one label: expected text-classification of single texts, got "
            f"{refused or 'pairs of texts'}. Export to TFLite or ONNX"
        )


def _has_pairs(validation: DataSet) -> bool:
    return not isinstance(validation.inputs[0], str)


def _notes(
    validation: DataSet,
    recipe: Recipe,
    lengths: set[int],
    searches: Mapping[str, SearchReport],
    metric: str,
    trained_scheme: str | None,
) -> tuple[str, ...]:
    notes = []
    worth = 100.0 / len(validation)
    if metric == "accuracy" and worth > recipe.max_drop > 0:
        notes.append(
            f"one changed label of {len(validation)} is worth {worth:.2f} points, "
            f"more than the {recipe.max_drop:g} allowed: "
            f"{int(np.ceil(100.0 / recipe.max_drop))} texts or more would make the gate finer"
        )
    if len(lengths) == 1:
        notes.append(
            f"the calibration texts are all {min(lengths)} tokens long: activations of other lengths may be unlike "
            "theirs. Give texts as they come"
        )
    if trained_scheme == "int4" and ("int4" in recipe.schemes or searches):
        notes.append(
            "the run was trained for int4: 4-bit weights went to the levels that it learned with, and calibration "
            "texts were not used for them"
        )
    elif ("int4" in recipe.schemes or searches) and not lengths:
        notes.append("4-bit weights went to their nearest levels: with --calibration they are rounded for real inputs")
    if searches:
        notes.append(
            "the mix of weight formats was chosen by these same texts, which makes their verdict a little too kind: "
            "kbert evaluate the file on texts that neither it nor the model has seen"
        )
    return tuple(notes)


def _write_companions(folder: Path, model: BertTask, report: ExportReport) -> None:
    """The files beside the models, as Hugging Face's browser libraries and the phone expect them."""
    tokenizer = model.known_tokenizer()
    tokenizer.save(folder, max_length=model.backbone.config.max_sequence_length)
    if model.labels:
        (folder / LABELS_FILE).write_text("".join(f"{label}\n" for label in model.labels), "utf-8")
    if model.problem.settings():
        write_json(folder / TASK_FILE, {"task": model.problem.task, **model.problem.settings()})
    write_json(
        folder / "config.json",
        config_to_dict(model.backbone.config, model.architecture, model.labels, model.problem.task),
    )
    write_json(folder / "tokenizer_golden.json", golden_vectors(tokenizer, report.max_length or model.max_length))
    write_json(folder / "report.json", report.to_dict())
    (folder / "report.html").write_text(to_html(report), "utf-8")
    (folder / "README.md").write_text(to_model_card(report), "utf-8")
