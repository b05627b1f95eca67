package org.kbert.device

import java.io.Closeable
import kotlin.math.exp

/**
 * What all tasks share: an encoder, and what is known of its model. Any number of threads may use one.
 *
 * @throws KbertException the file is for another task, or its outputs do not go with its labels.
 */
abstract class TextModel internal constructor(
    protected val encoder: Encoder,
    val facts: ModelFacts,
    tasks: Map<String, List<Head>>,
) : Closeable {
    val tokenizer: WordPieceTokenizer get() = facts.tokenizer
    val labels: List<String> get() = facts.labels
    val maxLength: Int get() = facts.maxLength

    /** The name of the file. */
    val file: String get() = encoder.file

    /** Such as `LiteRT`. */
    val runtime: String get() = encoder.runtime

    private val heads: List<Head>

    init {
        heads = tasks[facts.task] ?: throw KbertException(
            "$file: expected a model for ${tasks.keys.joinToString(" or ")}, this one is for ${facts.task}. " +
                "Open it with ${CLASSES[facts.task] ?: "the version of kbert that made it"}",
        )
        for (head in heads) {
            val name = nameOf(head)
            val width = encoder.outputs[name]
                ?: throw KbertException("$file: expected the output $name, found ${encoder.outputs.keys.joinToString(", ")}")
            val names = namesOf(head)
            if (names != null && width > 0 && width != names.size) {
                throw KbertException(
                    "$file: expected a label for each of the $width numbers of $name, got ${names.size}: " +
                        "${names.take(SHOWN).joinToString(", ")}. Take the labels from the same export",
                )
            }
        }
    }

    override fun close() = encoder.close()

    /** What the last axis of a head's output stands for; null where it has no names. */
    internal open fun namesOf(head: Head): List<String>? = if (head.isNamed) labels else null

    /** The activated outputs of a row, in the order of the task's heads. */
    internal fun run(row: TokenRow): List<FloatArray> {
        val found = encoder.run(row)
        return heads.map { head ->
            val values = found.getValue(nameOf(head))
            if (!encoder.isActivated) head.activate(values, namesOf(head)?.size ?: values.size)
            values
        }
    }

    internal fun run(encoding: Encoding): List<FloatArray> = run(TokenRow(encoding.tokenIds, encoding.segmentIds))

    private fun nameOf(head: Head): String = if (encoder.isActivated) head.tflite else head.onnx

    companion object {
        private const val SHOWN = 5
        private val CLASSES = mapOf(
            "text-classification" to "TextClassifier",
            "multi-label" to "MultiLabelClassifier",
            "regression" to "TextScorer",
            "token-classification" to "TokenClassifier",
            "intent-slots" to "IntentSlotClassifier",
            "question-answering" to "QuestionAnswerer",
            "embedding" to "TextEmbedder",
        )

        /**
         * A model of whatever task its file is for.
         *
         * @throws KbertException the file cannot be used; says why. The encoder stays open.
         */
        @JvmStatic
        fun of(encoder: Encoder, files: ExportFiles): TextModel {
            val facts = explained(encoder.file) { ModelFacts.read(encoder.packed, files, encoder.file) }
            return when (facts.task) {
                "text-classification" -> TextClassifier(encoder, facts)
                "multi-label" -> MultiLabelClassifier(encoder, facts)
                "regression" -> TextScorer(encoder, facts)
                "token-classification" -> TokenClassifier(encoder, facts)
                "intent-slots" -> IntentSlotClassifier(encoder, facts)
                "question-answering" -> QuestionAnswerer(encoder, facts)
                "embedding" -> TextEmbedder(encoder, facts)
                else -> throw KbertException("${encoder.file}: expected a task that this library knows, got ${facts.task}")
            }
        }
    }
}

/** An output: its name in either format, and what turns ONNX's logits into what TFLite gives. */
internal enum class Head(val tflite: String, val onnx: String, private val activation: Activation, val isNamed: Boolean) {
    CLASSES("probability", "logits", Activation.SOFTMAX, true),
    LABELS("probability", "logits", Activation.SIGMOID, true),
    SCORE("score", "logits", Activation.NONE, true),
    INTENT("intent_probability", "intent_logits", Activation.SOFTMAX, true),
    SLOTS("slot_probability", "slot_logits", Activation.SOFTMAX, true),
    START("start_logits", "start_logits", Activation.NONE, false),
    END("end_logits", "end_logits", Activation.NONE, false),
    EMBEDDING("embedding", "sentence_embedding", Activation.NONE, false),
    ;

    /** In place; of many rows of [width] each by itself. */
    fun activate(values: FloatArray, width: Int) {
        when (activation) {
            Activation.NONE -> Unit
            Activation.SIGMOID -> for (i in values.indices) values[i] = (1 / (1 + exp(-values[i].toDouble()))).toFloat()
            Activation.SOFTMAX -> for (start in values.indices step width) softmax(values, start, start + width)
        }
    }

    /** In double precision, as in Python: sums of floats differ from one runtime to the other. */
    private fun softmax(values: FloatArray, start: Int, end: Int) {
        var largest = Float.NEGATIVE_INFINITY
        for (i in start until end) largest = maxOf(largest, values[i])
        var sum = 0.0
        for (i in start until end) sum += exp(values[i].toDouble() - largest)
        for (i in start until end) values[i] = (exp(values[i].toDouble() - largest) / sum).toFloat()
    }
}

internal enum class Activation { SOFTMAX, SIGMOID, NONE }

/** Opens the encoder and reads the facts for a task's class; closes the encoder if the class does not take them. */
internal inline fun <T> opened(
    files: ExportFiles,
    model: String,
    options: EncoderOptions,
    make: (Encoder, ModelFacts) -> T,
): T {
    val encoder = Encoder.open(files, model, options)
    try {
        return make(encoder, explained(model) { ModelFacts.read(encoder.packed, files, model) })
    } catch (error: RuntimeException) {
        encoder.close()
        throw error
    }
}

/** The place of the largest value, the first of several. */
internal fun argmax(values: FloatArray, start: Int = 0, end: Int = values.size): Int {
    var best = start
    for (i in start + 1 until end) if (values[i] > values[best]) best = i
    return best - start
}
