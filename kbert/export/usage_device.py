"""Code for an exported file on a phone and in a browser."""

from pathlib import PurePosixPath

from kbert.export.report import ExportReport
from kbert.export.usage_parts import SAMPLE, Snippet, label_comment, longest, quoted

# The names that transformers.js gives to weights, by the end of the file's name.
TRANSFORMERS_JS_DTYPES = {"": "fp32", "_fp16": "fp16", "_quantized": "q8", "_q4": "q4"}
_KOTLIN_THRESHOLD = 'JSONObject(context.assets.open("task.json").bufferedReader().readText()).getDouble("threshold")'


def mediapipe(file: str, report: ExportReport) -> Snippet:
    """TFLite in MediaPipe's TextClassifier."""
    limit = f" of {longest(report)} tokens" if longest(report) else ""
    name, comment = quoted(PurePosixPath(file).name), label_comment(report, "//")
    several = report.task == "multi-label"
    beside = " task.json, with the threshold, goes beside it." if several else ""
    code = (
        f"""\
import com.google.mediapipe.tasks.core.BaseOptions
import com.google.mediapipe.tasks.text.textclassifier.TextClassifier
import org.json.JSONObject

val threshold = {_KOTLIN_THRESHOLD}
val options = TextClassifier.TextClassifierOptions.builder()
    .setBaseOptions(BaseOptions.builder().setModelAssetPath({name}).build())
    .setScoreThreshold(threshold.toFloat())
    .build()
val classifier = TextClassifier.createFromOptions(context, options)
val found = classifier.classify({quoted(SAMPLE)})
    .classificationResult().classifications().first().categories()
println(found.map {{ it.categoryName() }}){comment}"""
        if several
        else f"""\
import com.google.mediapipe.tasks.text.textclassifier.TextClassifier

val classifier = TextClassifier.createFromFile(context, {name})
val best = classifier.classify({quoted(SAMPLE)})
    .classificationResult().classifications().first().categories().first()
println("${{best.categoryName()}} ${{best.score()}}"){comment}"""
    )
    return Snippet(
        title="Android, with MediaPipe",
        note=f"The file goes into the app's assets as it is: vocabulary and labels are inside.{beside} MediaPipe "
        "lower-cases ASCII only, strips no accents and cuts no text: for other than plain English compare its tokens "
        f"with tokenizer_golden.json, and cut texts above the model's longest{limit}.",
        language="kotlin",
        code=f'// build.gradle.kts: implementation("com.google.mediapipe:tasks-text:0.10.21")\n{code}',
    )


def litert_kotlin(file: str, report: ExportReport) -> Snippet:
    """TFLite in LiteRT."""
    name = PurePosixPath(file).name
    length = report.recipe.length
    padding = (
        f"and takes {length} tokens, to which shorter texts are padded."
        if length
        else "and resizes them to the text; nothing is padded."
    )
    ids = f"ids.copyOf({length})" if length else "ids"
    mask = f"IntArray({length}) {{ if (it < ids.size) 1 else 0 }}" if length else "IntArray(ids.size) { 1 }"
    segments = f"IntArray({length or 'ids.size'})"
    taken, said = "ids: IntArray", "[ids]: the token ids of one text, with [CLS] and [SEP]."
    if report.pairs:
        segments = f"segmentIds.copyOf({length})" if length else "segmentIds"
        taken = "ids: IntArray, segmentIds: IntArray"
        said = "[ids]: of both texts, with [CLS] and [SEP]; [segmentIds]: 0 up to the first [SEP], then 1."
    fields, width, answer, result = _kotlin_answer(report)
    imports = "import org.json.JSONObject\n" if report.task == "multi-label" else ""
    output = "score" if report.task == "regression" else "probability"
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
{imports}import org.tensorflow.lite.Interpreter

class Model(context: Context) {{
{fields}    private val interpreter = context.assets.openFd({quoted(name)}).use {{ asset ->
        val channel = FileInputStream(asset.fileDescriptor).channel
        val model = channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
        Interpreter(model, Interpreter.Options().setNumThreads(2))
    }}

    /** {said} */
    fun answer({taken}): {result} {{
        val {output} = arrayOf(FloatArray({width}))
        interpreter.runSignature(
            mapOf<String, Any>(
                "ids" to arrayOf({ids}),
                "mask" to arrayOf({mask}),
                "segment_ids" to arrayOf({segments}),
            ),
            mapOf<String, Any>("{output}" to {output}),
        )
{answer}
    }}
}}""",
    )


def _kotlin_answer(report: ExportReport) -> tuple[str, str, str, str]:
    """Fields of the class, the width of the output, what is made of it, and its type."""
    labels = '    private val labels = context.assets.open("labels.txt").bufferedReader().readLines()\n'
    comment = label_comment(report, "//")
    match report.task:
        case "regression":
            return "", "1", "        return score[0][0]", "Float"
        case "multi-label":
            threshold = f"    private val threshold = {_KOTLIN_THRESHOLD}\n"
            given = f"        return labels.filterIndexed {{ i, _ -> probability[0][i] >= threshold }}{comment}"
            return labels + threshold, "labels.size", given, "List<String>"
    best = f"""\
        val best = probability[0].indices.maxBy {{ probability[0][it] }}
        return labels[best] to probability[0][best]{comment}"""
    return labels, "labels.size", best, "Pair<String, Float>"


def transformers_js(file: str, report: ExportReport) -> Snippet:
    """ONNX in the browser."""
    stem = PurePosixPath(file).stem
    dtype = TRANSFORMERS_JS_DTYPES.get(stem.removeprefix("model"))
    # It puts a dtype's ending behind the name; float32 has none.
    options = f"{{ dtype: {quoted(dtype)} }}" if dtype else f'{{ dtype: "fp32", model_file_name: {quoted(stem)} }}'
    answer = (
        f"""\
const {{ threshold }} = await (await fetch("/models/exported/task.json")).json();
const all = await classify({quoted(SAMPLE)}, {{ top_k: null }});
console.log(all.filter(({{ score }}) => score >= threshold).map(({{ label }}) => label));"""
        if report.task == "multi-label"
        else f"""\
const [best] = await classify({quoted(SAMPLE)});
console.log(best.label, best.score);"""
    )
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
{answer}""",
    )
