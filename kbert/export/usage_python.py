"""Code for an exported file in Python, without kbert."""

from kbert.export.report import ExportReport
from kbert.export.usage_parts import SAMPLE, Snippet, label_comment, longest, quoted, sample

_THRESHOLD = 'threshold = json.loads(Path("task.json").read_text("utf-8"))["threshold"]\n'
_LABELS = 'labels = Path("labels.txt").read_text("utf-8").splitlines()\n'


def litert_python(file: str, report: ExportReport) -> Snippet:
    """TFLite in LiteRT."""
    length = report.recipe.length
    padding = f"tokenizer.enable_padding(length={length})\n" if length else ""
    interpreter = f"Interpreter({quoted(file)}, num_threads=2)"
    output = "score" if report.task == "regression" else "probability"
    return Snippet(
        title="Python, with LiteRT alone",
        note="Run it in the export directory.",
        language="python",
        code=f"""\
# pip install ai-edge-litert tokenizers
{_imports(report)}from ai_edge_litert.interpreter import Interpreter
from tokenizers import Tokenizer

{_companions(report)}{_tokenizer(report)}{padding}run = {interpreter}.get_signature_runner()

encoding = tokenizer.encode({sample(report)})
parts = [[encoding.ids], [encoding.attention_mask], [encoding.type_ids]]
ids, mask, segment_ids = np.array(parts, "int32")  # (1, length) each
{output} = run(ids=ids, mask=mask, segment_ids=segment_ids)["{output}"][0]
{_say(report)}""",
    )


def onnxruntime_python(file: str, report: ExportReport) -> Snippet:
    """ONNX in ONNX Runtime."""
    activation = {
        "text-classification": "probability = np.exp(logits - logits.max())\nprobability /= probability.sum()\n",
        "multi-label": "probability = 1 / (1 + np.exp(-logits))\n",
        "regression": "score = logits\n",
    }[report.task]
    return Snippet(
        title="Python, with ONNX Runtime alone",
        note="Run it in the export directory.",
        language="python",
        code=f"""\
# pip install onnxruntime tokenizers
{_imports(report)}from onnxruntime import InferenceSession
from tokenizers import Tokenizer

{_companions(report)}{_tokenizer(report)}session = InferenceSession({quoted(file)})

encoding = tokenizer.encode({sample(report)})
ids, segment_ids = np.array([[encoding.ids], [encoding.type_ids]], "int64")  # (1, length) each
feed = {{"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": segment_ids}}
logits = session.run(["logits"], feed)[0][0]
{activation}{_say(report)}""",
    )


def tensorflow_python(file: str, report: ExportReport) -> Snippet:
    """A SavedModel in TensorFlow."""
    return Snippet(
        title="Python, with TensorFlow alone",
        note="Run it in the export directory. The tokenizer is inside, and TensorFlow Serving takes the same texts.",
        language="python",
        code=f"""\
# pip install tensorflow
import tensorflow as tf

classify = tf.saved_model.load({quoted(file)}).signatures["serving_default"]
answer = classify(text=tf.constant([{quoted(SAMPLE)}]))
print(answer["label"][0].numpy().decode(), float(answer["probability"][0])){label_comment(report, "#")}""",
    )


def _imports(report: ExportReport) -> str:
    own = {
        "text-classification": "from pathlib import Path\n\n",
        "multi-label": "import json\nfrom pathlib import Path\n\n",
        "regression": "",
    }
    return f"{own[report.task]}import numpy as np\n"


def _companions(report: ExportReport) -> str:
    """What is read of the files beside the model."""
    return {"text-classification": _LABELS, "multi-label": _LABELS + _THRESHOLD, "regression": ""}[report.task]


def _tokenizer(report: ExportReport) -> str:
    truncation = f"tokenizer.enable_truncation({longest(report)})\n" if longest(report) else ""
    return f'tokenizer = Tokenizer.from_file("tokenizer.json")\n{truncation}'


def _say(report: ExportReport) -> str:
    said = {
        "text-classification": "print(labels[probability.argmax()], probability.max())",
        "multi-label": "print([label for label, p in zip(labels, probability) if p >= threshold])",
        "regression": "print(score[0])",
    }[report.task]
    return said if report.task == "regression" else f"{said}{label_comment(report, '#')}"
