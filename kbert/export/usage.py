"""How to use the files of an export: code for each place they run in, with their names filled in."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import PurePosixPath

from kbert.export.report import ExportReport

SAMPLE = "a text to label"
SHOWN_LABELS = 6
# The names that transformers.js gives to weights, by the end of the file's name.
TRANSFORMERS_JS_DTYPES = {"": "fp32", "_fp16": "fp16", "_quantized": "q8", "_q4": "q4"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Snippet:
    """A piece of code; `language` is the name that Markdown's fences take."""

    title: str
    note: str
    language: str
    code: str


def snippets(report: ExportReport) -> tuple[Snippet, ...]:
    """Code for the first file of each format; paths are relative to the export directory."""
    first = {file.format: file.file for file in reversed(report.files)}
    found: list[Snippet] = []
    if "tflite" in first:
        found += [_mediapipe(first["tflite"], report), _litert_kotlin(first["tflite"], report)]
    if "onnx" in first:
        found.append(_transformers_js(first["onnx"]))
    found.append(_kbert(report.files[0].file, report))
    if "tflite" in first:
        found.append(_litert_python(first["tflite"], report))
    if "onnx" in first:
        found.append(_onnxruntime_python(first["onnx"], report))
    if "savedmodel" in first:
        found.append(_tensorflow_python(first["savedmodel"], report))
    return tuple(found)


def some_labels(labels: Sequence[str]) -> str:
    """The labels, or the first of them and how many more there are."""
    shown = ", ".join(labels[:SHOWN_LABELS])
    return shown if len(labels) <= SHOWN_LABELS else f"{shown} and {len(labels) - SHOWN_LABELS} more"


def longest(report: ExportReport) -> int:
    """The most tokens of a text that the files take; 0 if that is not known."""
    return report.max_length or 0


def _mediapipe(file: str, report: ExportReport) -> Snippet:
    limit = f" of {longest(report)} tokens" if longest(report) else ""
    return Snippet(
        title="Android, with MediaPipe",
        note="The file goes into the app's assets as it is: vocabulary and labels are inside. MediaPipe lower-cases "
        "ASCII only, strips no accents and cuts no text: for other than plain English compare its tokens with "
        f"tokenizer_golden.json, and cut texts above the model's longest{limit}.",
        language="kotlin",
        code=f"""\
// build.gradle.kts: implementation("com.google.mediapipe:tasks-text:0.10.21")
import com.google.mediapipe.tasks.text.textclassifier.TextClassifier

val classifier = TextClassifier.createFromFile(context, {_quoted(PurePosixPath(file).name)})
val best = classifier.classify({_quoted(SAMPLE)})
    .classificationResult().classifications().first().categories().first()
println("${{best.categoryName()}} ${{best.score()}}"){_label_comment(report, "//")}""",
    )


def _litert_kotlin(file: str, report: ExportReport) -> Snippet:
    name = PurePosixPath(file).name
    length = report.recipe.length
    padding = (
        f"and takes {length} tokens, to which shorter texts are padded."
        if length
        else "and resizes them to the text; nothing is padded."
    )
    ids = f"ids.copyOf({length})" if length else "ids"
    mask = f"IntArray({length}) {{ if (it < ids.size) 1 else 0 }}" if length else "IntArray(ids.size) { 1 }"
    return Snippet(
        title="Android, with LiteRT",
        note="For a tokenizer of your own, which tokenizer_golden.json tests. The signature finds the inputs by name "
        f"{padding}",
        language="kotlin",
        code=f"""\
// build.gradle.kts: implementation("com.google.ai.edge.litert:litert:1.4.0")
import android.content.Context
import java.io.FileInputStream
import java.nio.channels.FileChannel
import org.tensorflow.lite.Interpreter

class Classifier(context: Context) {{
    private val labels = context.assets.open("labels.txt").bufferedReader().readLines()
    private val interpreter = context.assets.openFd({_quoted(name)}).use {{ asset ->
        val channel = FileInputStream(asset.fileDescriptor).channel
        val model = channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
        Interpreter(model, Interpreter.Options().setNumThreads(2))
    }}

    /** [ids]: the token ids of one text, with [CLS] and [SEP]. */
    fun classify(ids: IntArray): Pair<String, Float> {{
        val probability = arrayOf(FloatArray(labels.size))
        interpreter.runSignature(
            mapOf<String, Any>(
                "ids" to arrayOf({ids}),
                "mask" to arrayOf({mask}),
                "segment_ids" to arrayOf(IntArray({length or "ids.size"})),
            ),
            mapOf<String, Any>("probability" to probability),
        )
        val best = probability[0].indices.maxBy {{ probability[0][it] }}
        return labels[best] to probability[0][best]{_label_comment(report, "//")}
    }}
}}""",
    )


def _transformers_js(file: str) -> Snippet:
    stem = PurePosixPath(file).stem
    dtype = TRANSFORMERS_JS_DTYPES.get(stem.removeprefix("model"))
    # It puts a dtype's ending behind the name; float32 has none.
    options = f"{{ dtype: {_quoted(dtype)} }}" if dtype else f'{{ dtype: "fp32", model_file_name: {_quoted(stem)} }}'
    return Snippet(
        title="Browser, with transformers.js",
        note="Serve the export directory as /models/exported/ beside the page.",
        language="javascript",
        code=f"""\
// npm install @huggingface/transformers
import {{ env, pipeline }} from "@huggingface/transformers";

env.allowLocalModels = true;
env.allowRemoteModels = false;
env.localModelPath = "/models/";
const classify = await pipeline("text-classification", "exported", {options});
const [best] = await classify({_quoted(SAMPLE)});
console.log(best.label, best.score);""",
    )


def _kbert(file: str, report: ExportReport) -> Snippet:
    format_ = report.files[0].format
    # TensorFlow comes with kbert; other runtimes are extras.
    package, needs = (
        ("kbert", "Needs no other file")
        if format_ == "savedmodel"
        else (f"'kbert[{format_}]'", "Needs neither TensorFlow nor any other file")
    )
    return Snippet(
        title="Python, with kbert",
        note=f"{needs}: vocabulary, labels and settings are inside.",
        language="python",
        code=f"""\
# pip install {package}
from kbert.export import open_artefact

model = open_artefact({_quoted(file)})
probability = model.predict_proba([{_quoted(SAMPLE)}])[0]
print(model.labels[probability.argmax()], probability.max()){_label_comment(report, "#")}""",
    )


def _litert_python(file: str, report: ExportReport) -> Snippet:
    length = report.recipe.length
    padding = f"tokenizer.enable_padding(length={length})\n" if length else ""
    return Snippet(
        title="Python, with LiteRT alone",
        note="Run it in the export directory.",
        language="python",
        code=f"""\
# pip install ai-edge-litert tokenizers
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from tokenizers import Tokenizer

labels = Path("labels.txt").read_text("utf-8").splitlines()
tokenizer = Tokenizer.from_file("tokenizer.json")
{_truncation(report)}{padding}classify = Interpreter({_quoted(file)}, num_threads=2).get_signature_runner()

encoding = tokenizer.encode({_quoted(SAMPLE)})
ids, mask = np.array([[encoding.ids], [encoding.attention_mask]], "int32")  # (1, length) each
probability = classify(ids=ids, mask=mask, segment_ids=np.zeros_like(ids))["probability"][0]
print(labels[probability.argmax()], probability.max()){_label_comment(report, "#")}""",
    )


def _onnxruntime_python(file: str, report: ExportReport) -> Snippet:
    return Snippet(
        title="Python, with ONNX Runtime alone",
        note="Run it in the export directory.",
        language="python",
        code=f"""\
# pip install onnxruntime tokenizers
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession
from tokenizers import Tokenizer

labels = Path("labels.txt").read_text("utf-8").splitlines()
tokenizer = Tokenizer.from_file("tokenizer.json")
{_truncation(report)}session = InferenceSession({_quoted(file)})

ids = np.array([tokenizer.encode({_quoted(SAMPLE)}).ids], "int64")  # (1, length)
feed = {{"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}}
logits = session.run(["logits"], feed)[0][0]
probability = np.exp(logits - logits.max())
probability /= probability.sum()
print(labels[probability.argmax()], probability.max()){_label_comment(report, "#")}""",
    )


def _tensorflow_python(file: str, report: ExportReport) -> Snippet:
    return Snippet(
        title="Python, with TensorFlow alone",
        note="Run it in the export directory. The tokenizer is inside, and TensorFlow Serving takes the same texts.",
        language="python",
        code=f"""\
# pip install tensorflow
import tensorflow as tf

classify = tf.saved_model.load({_quoted(file)}).signatures["serving_default"]
answer = classify(text=tf.constant([{_quoted(SAMPLE)}]))
print(answer["label"][0].numpy().decode(), float(answer["probability"][0])){_label_comment(report, "#")}""",
    )


def _truncation(report: ExportReport) -> str:
    return f"tokenizer.enable_truncation({longest(report)})\n" if longest(report) else ""


def _label_comment(report: ExportReport, mark: str) -> str:
    """A comment with the labels; they hold no line feed, as labels.txt has one a line."""
    return f"  {mark} one of: {some_labels(report.labels)}" if report.labels else ""


def _quoted(text: str) -> str:
    """A string as Kotlin, JavaScript and Python all read it."""
    return json.dumps(text)
