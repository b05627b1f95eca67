package org.kbert.device

import kotlin.math.exp

/** A part of a text that may be the answer, in UTF-16 units, and the probability that it is. */
data class Span(val text: String, val start: Int, val end: Int, val probability: Double)

/**
 * The best spans of a text, best first, and what speaks against all of them.
 *
 * @property noAnswerMargin by how much the logits of "no answer" exceed those of the best span.
 */
class Answer internal constructor(
    val spans: List<Span>,
    val noAnswerProbability: Double,
    val noAnswerMargin: Double,
    /** What the model answers, or null where it says that the text holds no answer. */
    val best: Span?,
)

/** The answer to a question as a part of a text. Long texts are read in windows. */
class QuestionAnswerer(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("question-answering" to listOf(Head.START, Head.END))) {
    private val stride = facts.settings.optInt("stride", 128)
    private val longestAnswer = facts.settings.optInt("max_answer_tokens", 30)
    private val threshold: Double? =
        if (facts.settings.isNull("no_answer_threshold")) null else facts.settings.getDouble("no_answer_threshold")

    /** @throws KbertException the question leaves less than a quarter of a window for the text, or the text is empty. */
    fun answer(question: String, text: String): Answer {
        val asked = tokenizer.pieces(question)
        val most = maxLength - SPECIAL - maxOf(1, maxLength / LEAST_SHARE)
        if (asked.size > most) {
            throw KbertException(
                "expected a question of at most ${maxOf(0, most)} tokens, which leaves a quarter of a window of $maxLength " +
                    "for its text, got ${asked.size}. Shorten it",
            )
        }
        val context = tokenizer.pieces(text)
        if (context.size == 0) throw KbertException("expected a text to find the answer in, it is empty")
        val scores = HashMap<Long, Double>() // place in the text -> the best score that a window gives it
        var nothing = Double.POSITIVE_INFINITY
        for (window in windows(context.size, maxLength - SPECIAL - asked.size)) {
            val (starts, ends) = run(rowOf(asked, context, window))
            if (starts.any { !it.isFinite() } || ends.any { !it.isFinite() }) {
                return Answer(listOf(), Double.NaN, Double.NaN, null)
            }
            nothing = minOf(nothing, starts[0].toDouble() + ends[0])
            addSpans(scores, context, window, asked.size + 2, starts, ends)
        }
        return best(CodePoints(text), scores, nothing)
    }

    private fun rowOf(asked: Pieces, context: Pieces, window: IntRange): TokenRow {
        val head = asked.size + 2
        val size = head + window.count() + 1
        val ids = IntArray(size) { if (it == 0) tokenizer.classifyId else tokenizer.separateId }
        for (i in 0 until asked.size) ids[i + 1] = asked.id(i)
        for (i in window) ids[head + i - window.first] = context.id(i)
        return TokenRow(ids, IntArray(size) { if (it >= head) 1 else 0 })
    }

    /** Windows of [room] tokens that overlap by [stride], or half of [room] if that is less; the last ends at the end. */
    private fun windows(length: Int, room: Int): List<IntRange> {
        if (length <= room) return listOf(0 until length)
        val step = room - minOf(stride, room / 2)
        return ((0 until length - room step step) + (length - room)).map { it until it + room }
    }

    /** The places in the text of a window's best spans, with their scores. */
    private fun addSpans(
        scores: MutableMap<Long, Double>,
        context: Pieces,
        window: IntRange,
        head: Int,
        starts: FloatArray,
        ends: FloatArray,
    ) {
        val count = window.count()
        val best = LongArray(BEST_SPANS + 1) // first and last token of the best so far
        val values = DoubleArray(BEST_SPANS + 1)
        var found = 0
        for (first in 0 until count) {
            for (last in first until minOf(first + longestAnswer, count)) {
                val score = starts[head + first].toDouble() + ends[head + last].toDouble()
                if (found == BEST_SPANS && score <= values[found - 1]) continue
                var place = found
                while (place > 0 && values[place - 1] < score) {
                    values[place] = values[place - 1]
                    best[place] = best[place - 1]
                    place--
                }
                values[place] = score
                best[place] = pair(first, last)
                if (found < BEST_SPANS) found++
            }
        }
        for (i in 0 until found) {
            val start = context.codePointStart(window.first + (best[i] shr 32).toInt())
            val end = context.codePointEnd(window.first + best[i].toInt())
            val place = pair(start, end)
            scores[place] = maxOf(values[i], scores[place] ?: Double.NEGATIVE_INFINITY)
        }
    }

    private fun best(text: CodePoints, scores: Map<Long, Double>, nothing: Double): Answer {
        val order = compareByDescending<Map.Entry<Long, Double>> { it.value }.thenBy { it.key }
        val best = scores.entries.sortedWith(order).take(BEST_SPANS)
        val largest = maxOf(best[0].value, nothing)
        val shares = (best.map { it.value } + nothing).map { exp(it - largest) }
        val sum = shares.sum()
        val spans = best.mapIndexed { i, entry ->
            val (start, end) = wholeCharacters(text, (entry.key shr 32).toInt(), entry.key.toInt())
            Span(text.substring(start, end), text.place(start), text.place(end), shares[i] / sum)
        }
        val margin = nothing - best[0].value
        val silent = threshold != null && margin > threshold
        return Answer(spans, shares.last() / sum, margin, if (silent) null else spans[0])
    }

    /** A span widened to the edges of characters: BERT drops marks, so its tokens may end between letter and accent. */
    private fun wholeCharacters(text: CodePoints, start: Int, end: Int): Pair<Int, Int> {
        if ((0 until text.size).all { text[it] < 128 }) return Pair(start, end)
        // No character reaches over white space.
        var place = 0
        for (i in 0 until start) if (text[i] == ' '.code || text[i] == '\n'.code) place = i
        var first = place
        while (place < end) {
            place = Graphemes.end(text, place)
            if (place <= start) first = place
        }
        return Pair(first, place)
    }

    companion object {
        /** So many answers compete for the probability. */
        private const val BEST_SPANS = 20
        private const val SPECIAL = 3 // [CLS] question [SEP] text [SEP]
        private const val LEAST_SHARE = 4

        private fun pair(first: Int, second: Int): Long = first.toLong() shl 32 or second.toLong()

        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::QuestionAnswerer)
    }
}
