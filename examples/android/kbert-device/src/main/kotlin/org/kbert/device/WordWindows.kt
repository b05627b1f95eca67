package org.kbert.device

/**
 * A text as rows of tokens, those above the longest row in windows that overlap, and where each word is read: of windows
 * the one in which it has the most tokens on either side. As `kbert.data.word_windows`.
 */
internal class WordWindows(private val tokenizer: WordPieceTokenizer, text: String, private val room: Int, overlap: Int) {
    val codes = CodePoints(text)
    val words = Words.of(codes)
    val rows: List<TokenRow>

    /** The row of each word and its token there, or -1 for a word without tokens. */
    val rowOf = IntArray(words.size) { NOWHERE }
    val placeOf = IntArray(words.size) { NOWHERE }

    /** Words that begin inside a token of the word before. */
    val shared = BooleanArray(words.size)

    init {
        val pieces = tokenizer.pieces(text)
        val windows = windows(pieces, overlap)
        rows = windows.map { (start, end) -> rowOf(pieces, start, end) }
        findPlaces(pieces, windows)
    }

    private fun rowOf(pieces: Pieces, start: Int, end: Int): TokenRow {
        val ids = IntArray(end - start + 2) { if (it == 0) tokenizer.classifyId else tokenizer.separateId }
        for (i in start until end) ids[i - start + 1] = pieces.id(i)
        return TokenRow(ids)
    }

    /** (start, end) in tokens. No window begins inside a word, so that the first token of a word is the first it has. */
    private fun windows(pieces: Pieces, overlap: Int): List<IntArray> {
        if (pieces.size <= room) return listOf(intArrayOf(0, pieces.size))
        val first = FirstTokens(pieces, 0, pieces.size, 0, words.size)
        val starts = (0 until words.size)
            .filter { first.places[it] != NOWHERE && !first.shared[it] }.map { first.places[it] }.distinct().sorted()
            .toIntArray()
        val found = ArrayList<IntArray>()
        var start = 0
        while (true) {
            val end = minOf(start + room, pieces.size)
            found.add(intArrayOf(start, end))
            // The last word that still overlaps as much as it should; of words longer than a window, the next.
            val following = maxOf(firstAbove(starts, start), firstAbove(starts, end - overlap) - 1)
            if (end == pieces.size || following >= starts.size) return found
            start = starts[following]
        }
    }

    private fun findPlaces(pieces: Pieces, windows: List<IntArray>) {
        val best = IntArray(words.size) { NOWHERE }
        for ((number, window) in windows.withIndex()) {
            val (start, end) = window
            if (start == end || words.size == 0) continue
            val furthest = (start until end).maxOf { pieces.codePointEnd(it) }
            // The words that can have a token in this window.
            val low = firstAbove(words.ends, pieces.codePointStart(start))
            val high = firstAbove(words.starts, furthest - 1)
            val first = FirstTokens(pieces, start, end, low, maxOf(low, high))
            for (word in low until high) {
                val place = first.places[word - low]
                if (place == NOWHERE) continue
                val before = if (number > 0) place else Int.MAX_VALUE
                val behind = if (number + 1 < windows.size) end - start - 1 - place else Int.MAX_VALUE
                if (minOf(before, behind) <= best[word]) continue
                best[word] = minOf(before, behind)
                rowOf[word] = number
                placeOf[word] = place + 1 // behind [CLS]
                shared[word] = first.shared[word - low]
            }
        }
    }

    /** Of tokens `[start, end)` the first that reaches into each of the words `[low, high)`, or -1. */
    private inner class FirstTokens(pieces: Pieces, start: Int, end: Int, low: Int, high: Int) {
        val places = IntArray(high - low) { NOWHERE }
        val shared = BooleanArray(high - low)

        init {
            // Where one character becomes several tokens, or some change places, ends do not rise by themselves.
            val ends = IntArray(end - start) { pieces.codePointEnd(start + it) }
            for (i in 1 until ends.size) ends[i] = maxOf(ends[i], ends[i - 1])
            for (word in low until high) {
                val place = firstAbove(ends, words.starts[word])
                if (place == ends.size) continue
                val from = pieces.codePointStart(start + place)
                if (from >= words.ends[word]) continue
                places[word - low] = place
                shared[word - low] = from < words.starts[word]
            }
        }
    }

    private companion object {
        const val NOWHERE = -1

        /** The first place of a rising array whose value is above another; its size if there is none. */
        fun firstAbove(values: IntArray, value: Int): Int {
            var low = 0
            var high = values.size
            while (low < high) {
                val middle = (low + high) ushr 1
                if (values[middle] <= value) low = middle + 1 else high = middle
            }
            return low
        }
    }
}
