package org.kbert.device

/** A label and the probability of it. */
data class Label(val name: String, val probability: Float)

/** The probability of every label, the likeliest first. */
class Classification internal constructor(val all: List<Label>) {
    val label: String get() = all[0].name
    val probability: Float get() = all[0].probability
}

/** One label for a text, or for a pair of texts. */
class TextClassifier(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("text-classification" to listOf(Head.CLASSES))) {
    /** Texts above [maxLength] tokens are cut. */
    @JvmOverloads
    fun classify(text: String, textB: String? = null): Classification =
        Classification(sortedLabels(labels, run(tokenizer.encode(text, textB, maxLength))[0]))

    companion object {
        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::TextClassifier)
    }
}

/** Those labels that a text is given, of any number, and the probability of every one. */
class LabelSet internal constructor(val all: List<Label>, threshold: Double) {
    /** The likeliest first; may be empty. */
    val given: List<Label> = all.filter { it.probability.toDouble() >= threshold }
}

/** Any number of labels for a text, or for a pair of texts: those from [threshold] on. */
class MultiLabelClassifier(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("multi-label" to listOf(Head.LABELS))) {
    val threshold: Double = facts.settings.optDouble("threshold", 0.5)

    /** Texts above [maxLength] tokens are cut. */
    @JvmOverloads
    fun classify(text: String, textB: String? = null): LabelSet =
        LabelSet(sortedLabels(labels, run(tokenizer.encode(text, textB, maxLength))[0]), threshold)

    companion object {
        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::MultiLabelClassifier)
    }
}

/** A score for a text, or for a pair of texts, in the units of the training data. */
class TextScorer(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("regression" to listOf(Head.SCORE))) {
    /** Texts above [maxLength] tokens are cut. */
    @JvmOverloads
    fun score(text: String, textB: String? = null): Float = run(tokenizer.encode(text, textB, maxLength))[0][0]

    companion object {
        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::TextScorer)
    }
}

/** The likeliest first, equal ones in the order of the labels. */
internal fun sortedLabels(labels: List<String>, probabilities: FloatArray): List<Label> =
    labels.indices.map { Label(labels[it], probabilities[it]) }.sortedByDescending { it.probability }
