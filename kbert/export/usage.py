"""How to use the files of an export: code for each place they run in, with their names filled in."""

from kbert.export.report import ExportReport
from kbert.export.task_words import TASK_WORDS
from kbert.export.usage_device import litert_kotlin, mediapipe, transformers_js
from kbert.export.usage_parts import SAMPLE, Snippet, label_comment, longest, quoted, sample, some_labels
from kbert.export.usage_python import litert_python, onnxruntime_python, tensorflow_python

__all__ = ["SAMPLE", "Snippet", "longest", "snippets", "some_labels"]

# Tasks whose output is one vector, which a few lines read; the others take kbert's own code.
_ONE_VECTOR = ("text-classification", "multi-label", "regression")


def snippets(report: ExportReport) -> tuple[Snippet, ...]:
    """Code for the first file of each format; paths are relative to the export directory."""
    first = {file.format: file.file for file in reversed(report.files)}
    if report.task not in _ONE_VECTOR:
        return (_kbert(report.files[0].file, report),)
    words = TASK_WORDS[report.task]
    found: list[Snippet] = []
    if "tflite" in first:
        # MediaPipe and the browser's pipeline take one text.
        found += [mediapipe(first["tflite"], report)] if words.mediapipe and not report.pairs else []
        found.append(litert_kotlin(first["tflite"], report))
    if "onnx" in first and words.pipeline and not report.pairs:
        found.append(transformers_js(first["onnx"], report))
    found.append(_kbert(report.files[0].file, report))
    if "tflite" in first:
        found.append(litert_python(first["tflite"], report))
    if "onnx" in first:
        found.append(onnxruntime_python(first["onnx"], report))
    if "savedmodel" in first:
        found.append(tensorflow_python(first["savedmodel"], report))
    return tuple(found)


def _kbert(file: str, report: ExportReport) -> Snippet:
    format_ = report.files[0].format
    # TensorFlow comes with kbert; other runtimes are extras.
    package, needs = (
        ("kbert", "Needs no other file")
        if format_ == "savedmodel"
        else (f"'kbert[{format_}]'", "Needs neither TensorFlow nor any other file")
    )
    given = f"({sample(report)})" if report.pairs else sample(report)
    if report.task == "text-classification":
        code = f"""\
from kbert.export import open_artefact

model = open_artefact({quoted(file)})
probability = model.predict_proba([{given}])[0]
print(model.labels[probability.argmax()], probability.max()){label_comment(report, "#")}"""
    else:
        code = f"""\
from kbert.export import open_artefact
from kbert.prediction import predict

model = open_artefact({quoted(file)})
for answer in predict(model, [{given}]):
    print(answer)"""
    return Snippet(
        title="Python, with kbert",
        note=f"{needs}: vocabulary, labels and settings are inside.",
        language="python",
        code=f"# pip install {package}\n{code}",
    )
