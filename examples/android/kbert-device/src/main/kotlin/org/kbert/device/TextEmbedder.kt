package org.kbert.device

import kotlin.math.sqrt

/** A vector for a text, so that the vectors of texts that mean the same are near to each other. */
class TextEmbedder(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("embedding" to listOf(Head.EMBEDDING))) {
    /** Texts above [maxLength] tokens are cut. */
    fun embed(text: String): FloatArray = run(tokenizer.encode(text, maxLength = maxLength))[0]

    companion object {
        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::TextEmbedder)

        /** How near two vectors are, from -1 to 1; 0 where one has length 0. */
        @JvmStatic
        fun cosine(first: FloatArray, second: FloatArray): Double {
            if (first.size != second.size) {
                throw KbertException("expected vectors of one model, got ${first.size} and ${second.size} numbers")
            }
            var product = 0.0
            var one = 0.0
            var other = 0.0
            for (i in first.indices) {
                product += first[i].toDouble() * second[i]
                one += first[i].toDouble() * first[i]
                other += second[i].toDouble() * second[i]
            }
            val lengths = sqrt(one) * sqrt(other)
            return if (lengths > 0) (product / lengths).coerceIn(-1.0, 1.0) else 0.0
        }
    }
}
