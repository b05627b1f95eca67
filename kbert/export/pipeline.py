"""From a fine-tuned model to proven files: convert, run them on held-out text, and only then put them in place."""

import functools
import importlib.metadata
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kbert.checkpoints import extract_weights
from kbert.checkpoints.huggingface import config_to_dict
from kbert.data.readers import LabelledTexts
from kbert.errors import GateError, InputError
from kbert.export import graph, onnx, tflite
from kbert.export.facts import LABELS_FILE, ArtefactFacts
from kbert.export.golden_texts import golden_vectors
from kbert.export.html_report import to_html
from kbert.export.measurement import measure
from kbert.export.recipe import Recipe
from kbert.export.report import ExportReport, FileReport, refusal_lines
from kbert.export.runtime import encode, open_artefact
from kbert.export.tflite_quantize import WEIGHT_SCHEMES, quantize_weights
from kbert.export.verify import check_validation, compare
from kbert.extras import require
from kbert.files import check_output_directory, new_directory, write_json
from kbert.provenance import versions
from kbert.tasks.text_classifier import TASK, TextClassifier

RUNTIME_PACKAGES = {"tflite": "ai-edge-litert", "onnx": "onnxruntime"}
NEEDED_MODULES = {
    "tflite": ("ai_edge_litert.interpreter", "flatbuffers"),
    "onnx": ("tf2onnx", "onnxruntime", "onnxscript"),
}
MEASURED_TEXTS = 200
CALIBRATION_TEXTS = 512


def export_model(
    model: TextClassifier,
    recipe: Recipe,
    validation: LabelledTexts,
    output: str | os.PathLike[str],
    *,
    calibration: Sequence[str] = (),
    overwrite: bool = False,
    name: str = "model",
    say: Callable[[str], None] = lambda line: None,
) -> ExportReport:
    """Exports a classifier, scores every file in its real runtime, and writes the export directory if all passed.

    The weights are exported in float32 whatever precision the model was trained in.

    Args:
        model: the full model, with its tokenizer.
        recipe: formats, schemes and the largest drop allowed.
        validation: held-out labelled texts.
        output: the export directory.
        calibration: texts like those that the model will read, without labels, such as those that it was trained with;
            an even sample of up to 512 is used. 4-bit weights are rounded for them.
        overwrite: replace what `output` holds.
        name: what to call the model in the report and the metadata.
        say: told each stage as it starts.

    Raises:
        GateError: a file lost more than `recipe.max_drop`; `report` holds the numbers, and nothing was put in place.
        InputError: something cannot be used; says what.
    """
    check_validation(validation)
    validation.label_ids(model.labels)  # an unknown label must show before minutes of work
    check_output_directory(output, overwrite=overwrite)
    for format_ in recipe.formats:
        for module in NEEDED_MODULES[format_]:
            require(module, extra=format_)
    model = float32_twin(model)
    facts = _facts(model)
    weights = extract_weights(model.named_variables())
    convert = _Converter(model, weights, name, calibration)
    say(f"full model on {len(validation)} texts")
    full = model.predict_proba(validation.texts)

    with new_directory(output, overwrite=overwrite) as folder:
        reports = []
        for file, (format_, scheme) in recipe.files().items():
            say(f"{file}: {scheme}, converting")
            path = folder / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(convert(format_, facts(scheme)))
            say(f"{file}: running {len(validation)} texts")
            reports.append(_score(path, file, format_, scheme, full, validation, model, recipe))
        report = ExportReport(
            task=TASK,
            model=name,
            validation=Path(validation.path).name,
            recipe=recipe,
            full_size_bytes=sum(value.nbytes for value in weights.values()),
            files=tuple(reports),
            versions=versions()
            | {RUNTIME_PACKAGES[f]: importlib.metadata.version(RUNTIME_PACKAGES[f]) for f in recipe.formats},
            notes=_notes(validation, recipe, calibration),
        )
        if not report.passed:
            raise GateError("\n".join(refusal_lines(report)), report)
        _write_companions(folder, model, report)
    return report


def float32_twin(model: TextClassifier) -> TextClassifier:
    """The model itself if it computes in float32, else a copy of it that does.

    Under a mixed policy the converter would meet casts to half precision, which become operators no phone has.
    """
    from kbert.backbone import BertBackbone

    if model.backbone.compute_dtype == "float32":
        return model
    backbone = BertBackbone(model.backbone.config, dtype="float32")
    twin = TextClassifier(backbone, model.labels, model.tokenizer, model.max_length)
    weights = extract_weights(model.named_variables())
    for name, variable in twin.named_variables().items():
        variable.assign(weights[name])
    return twin


def _facts(model: TextClassifier) -> Callable[[str], ArtefactFacts]:
    tokenizer = model.known_tokenizer()
    broken = [label for label in model.labels if "\n" in label]
    if broken:
        raise InputError(f"a label cannot hold a line feed: labels.txt has one label a line. Received: {broken[0]!r}")
    return lambda scheme: ArtefactFacts(
        task=TASK,
        labels=model.labels,
        tokenizer=tokenizer,
        max_length=model.max_length,
        scheme=scheme,
        kbert_version=versions()["kbert"],
    )


class _Converter:
    """A model to the bytes of files; what the schemes of a format share is computed once."""

    def __init__(
        self, model: TextClassifier, weights: dict[str, np.ndarray], name: str, calibration: Sequence[str]
    ) -> None:
        self.model = model
        self.weights = weights
        self.name = name
        self.calibration = calibration

    def __call__(self, format_: str, facts: ArtefactFacts) -> bytes:
        if format_ == "tflite":
            return tflite.write_tflite(self._tflite(facts.scheme), facts, self.name)
        return onnx.add_facts(onnx.with_scheme(self._onnx_float32, facts.scheme, self._calibration_ids), facts)

    def _tflite(self, scheme: str) -> bytes:
        if scheme == "float32":
            return self._tflite_float32
        if scheme == "float16":
            return tflite.convert(self._tflite_function, half_precision=True)
        return quantize_weights(self._tflite_float32, WEIGHT_SCHEMES[scheme], self._calibration_ids)

    @property
    def _tflite_function(self) -> Any:
        return graph.tflite_function(self.weights, self.model.backbone.config)

    @functools.cached_property
    def _tflite_float32(self) -> bytes:
        return tflite.convert(self._tflite_function)

    @functools.cached_property
    def _onnx_float32(self) -> Any:
        return onnx.convert(graph.onnx_function(self.weights, self.model.backbone.config))

    @functools.cached_property
    def _calibration_ids(self) -> list[np.ndarray]:
        step = -(-len(self.calibration) // CALIBRATION_TEXTS) or 1
        return encode(self.model.known_tokenizer(), self.calibration[::step], self.model.max_length)


def _score(
    path: Path,
    file: str,
    format_: str,
    scheme: str,
    full: np.ndarray,
    validation: LabelledTexts,
    model: TextClassifier,
    recipe: Recipe,
) -> FileReport:
    # The file itself, from disk, with the tokenizer and labels that it carries.
    exported = open_artefact(path).predict_proba(validation.texts)
    return FileReport(
        file=file,
        format=format_,
        scheme=scheme,
        runtime=f"{RUNTIME_PACKAGES[format_]} {importlib.metadata.version(RUNTIME_PACKAGES[format_])}",
        size_bytes=path.stat().st_size,
        verdict=compare(full, exported, validation, model.labels, recipe.max_drop),
        measurement=measure(path, validation.texts[:MEASURED_TEXTS]),
    )


def _notes(validation: LabelledTexts, recipe: Recipe, calibration: Sequence[str]) -> tuple[str, ...]:
    notes = []
    worth = 100.0 / len(validation)
    if worth > recipe.max_drop > 0:
        notes.append(
            f"one changed label of {len(validation)} is worth {worth:.2f} points, "
            f"more than the {recipe.max_drop:g} allowed: "
            f"{int(np.ceil(100.0 / recipe.max_drop))} texts or more would make the gate finer"
        )
    if "int4" in recipe.schemes and not calibration:
        notes.append("4-bit weights went to their nearest levels: with --calibration they are rounded for real inputs")
    return tuple(notes)


def _write_companions(folder: Path, model: TextClassifier, report: ExportReport) -> None:
    """The files beside the models, as Hugging Face's browser libraries and the phone expect them."""
    tokenizer = model.known_tokenizer()
    tokenizer.save(folder, max_length=model.backbone.config.max_sequence_length)
    (folder / LABELS_FILE).write_text("".join(f"{label}\n" for label in model.labels), "utf-8")
    write_json(
        folder / "config.json", config_to_dict(model.backbone.config, "BertForSequenceClassification", model.labels)
    )
    write_json(folder / "tokenizer_golden.json", golden_vectors(tokenizer, model.max_length))
    write_json(folder / "report.json", report.to_dict())
    (folder / "report.html").write_text(to_html(report), "utf-8")
