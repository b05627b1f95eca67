package org.kbert.app

import android.content.Context
import org.kbert.device.Encoder
import org.kbert.device.ExportFiles
import org.kbert.device.GoldenResult
import org.kbert.device.GoldenVectors
import org.kbert.device.IntentSlotClassifier
import org.kbert.device.KbertException
import org.kbert.device.MultiLabelClassifier
import org.kbert.device.QuestionAnswerer
import org.kbert.device.TaggedText
import org.kbert.device.TextClassifier
import org.kbert.device.TextEmbedder
import org.kbert.device.TextModel
import org.kbert.device.TextScorer
import org.kbert.device.TokenClassifier

/** Opens a model of an export directory with kbert's own tokenizer, in LiteRT or ONNX Runtime. */
@Suppress("UNUSED_PARAMETER") // MediaPipe needs the context
fun openReader(context: Context, files: ExportFiles, model: String): Reader {
    val encoder = Encoder.open(files, model)
    try {
        return KbertReader(TextModel.of(encoder, files), files)
    } catch (error: KbertException) {
        encoder.close()
        throw error
    }
}

private class KbertReader(private val model: TextModel, private val files: ExportFiles) : Reader {
    override val about: String get() = "${model.file}, ${model.runtime}, ${model.facts.task}"
    override val needsPair: Boolean get() = model is QuestionAnswerer

    override fun read(text: String, textB: String?): Reading {
        val tokens = model.tokenizer.encode(text, textB, model.maxLength).tokens()
        return when (model) {
            is TextClassifier -> Reading(model.classify(text, textB).all, "", tokens)
            is MultiLabelClassifier -> {
                val found = model.classify(text, textB)
                Reading(found.all, found.given.joinToString { it.name }.ifEmpty { Texts.NO_LABEL }, tokens)
            }
            is TextScorer -> Reading(listOf(), "%.4g".format(model.score(text, textB)), tokens)
            is TokenClassifier -> Reading(listOf(), said(model.tag(text)), tokens)
            is IntentSlotClassifier -> model.read(text).let { Reading(it.intents, said(it.slots), tokens) }
            is QuestionAnswerer -> Reading(listOf(), said(model, text, textB.orEmpty()), tokens)
            is TextEmbedder -> Reading(listOf(), said(model, text, textB), tokens)
            else -> throw KbertException("${model.file}: expected a task that this screen knows, got ${model.facts.task}")
        }
    }

    override fun golden(): GoldenResult = GoldenVectors.check(files, model.tokenizer)

    override fun close() = model.close()

    private fun said(tagged: TaggedText): String =
        if (tagged.entities.isEmpty()) {
            tagged.words.joinToString(" ") { "${it.text}/${it.tag}" }
        } else {
            tagged.entities.joinToString { "${it.text} (${it.label}, ${percent(it.score)})" }
        }

    private fun said(model: QuestionAnswerer, question: String, text: String): String {
        if (text.isBlank()) return Texts.NEEDS_TEXT
        return model.answer(question, text).best?.let { "${it.text} (${percent(it.probability)})" } ?: Texts.NO_ANSWER
    }

    private fun said(model: TextEmbedder, text: String, textB: String?): String {
        val vector = model.embed(text)
        if (textB == null) return vector.take(4).joinToString(prefix = "${vector.size}: ", postfix = ", …") { "%.3f".format(it) }
        return "cosine %.4f".format(TextEmbedder.cosine(vector, model.embed(textB)))
    }
}
