package org.kbert.device

/**
 * Code points of a text, one after the other, to words without accents and capitals, and these to WordPieces.
 *
 * A code point is dropped or becomes a space (cleaning), is taken apart and loses its accents, is folded, and then is a
 * letter of a word, a word by itself, or white space. All that comes of a code point has its place in the text; marks
 * that change places, as canonical order has it, do not take their places along, as in the `tokenizers` library.
 */
internal class Normalizer(private val tokenizer: WordPieceTokenizer, private val pieces: Pieces) {
    private val vocabulary = tokenizer.vocabulary
    private val word = IntArray(LONGEST_WORD)
    private val wordStarts = IntArray(LONGEST_WORD)
    private val wordEnds = IntArray(LONGEST_WORD)
    private val wordCounts = IntArray(LONGEST_WORD)
    private val hashes = LongArray(LONGEST_WORD + 1)
    private var length = 0
    private var lastEnd = 0
    private var lastCount = 0

    // The place of what is emitted next.
    private var start = 0
    private var end = 0
    private var count = 0

    // Marks that wait for the next base character: code points, whether each came by taking one apart, and the places
    // of those that did not.
    private var waiting = 0
    private var sorted = true
    private var marks = IntArray(16)
    private var places = 0
    private var placeStarts = IntArray(16)
    private var placeSizes = IntArray(16)
    private var placeCounts = IntArray(16)

    /** Takes a code point at [start], [size] UTF-16 units long, the [count]th of the text. */
    fun add(code: Int, start: Int, size: Int, count: Int) {
        val bits = TABLE[code]
        if (bits and (DROPPED or CLEANED_TO_SPACE) != 0) {
            if (bits and DROPPED == 0) {
                release()
                endWord()
            }
            return
        }
        val ideograph = bits and IDEOGRAPH != 0 && tokenizer.splitChinese
        if (ideograph) {
            release()
            endWord()
        }
        if (!tokenizer.stripsAccents) {
            at(start, size, count)
            fold(code, bits)
        } else if (bits and DECOMPOSES != 0) {
            decompose(code, start, size, count)
        } else {
            single(code, bits, start, size, count, isNew = false)
        }
        if (ideograph) {
            release()
            endWord()
        }
    }

    /** Nothing that comes later belongs to what came before. */
    fun end() {
        release()
        endWord()
    }

    private fun at(start: Int, size: Int, count: Int) {
        this.start = start
        this.end = start + size
        this.count = count
    }

    private fun decompose(code: Int, start: Int, size: Int, count: Int) {
        if (code in HANGUL_FIRST..HANGUL_LAST) {
            val syllable = code - HANGUL_FIRST
            single(0x1100 + syllable / 588, -1, start, size, count, isNew = false)
            single(0x1161 + syllable % 588 / 28, -1, start, size, count, isNew = true)
            if (syllable % 28 != 0) single(0x11a7 + syllable % 28, -1, start, size, count, isNew = true)
            return
        }
        val index = DECOMPOSED.indexOf(code)
        val first = DECOMPOSED.start(index)
        for (i in first until DECOMPOSED.end(index)) {
            single(DECOMPOSED.at(i), -1, start, size, count, isNew = i > first)
        }
    }

    /** One code point of a decomposition; those behind its first one, [isNew], stand where what is before them does. */
    private fun single(code: Int, known: Int, start: Int, size: Int, count: Int, isNew: Boolean) {
        val bits = if (known < 0) TABLE[code] else known
        if (bits shr CLASS_SHIFT == 0) {
            if (waiting > 0) release()
            if (!isNew) at(start, size, count)
            if (bits and ACCENT == 0) fold(code, bits)
            return
        }
        if (waiting == marks.size) marks = marks.copyOf(waiting * 2)
        if (waiting > 0 && TABLE[marks[waiting - 1] and CODE] shr CLASS_SHIFT > bits shr CLASS_SHIFT) sorted = false
        marks[waiting++] = if (isNew) code or NEW else code
        if (isNew) return
        if (places == placeStarts.size) {
            placeStarts = placeStarts.copyOf(places * 2)
            placeSizes = placeSizes.copyOf(places * 2)
            placeCounts = placeCounts.copyOf(places * 2)
        }
        placeStarts[places] = start
        placeSizes[places] = size
        placeCounts[places++] = count
    }

    /** Puts waiting marks in canonical order and lets them go. */
    private fun release() {
        if (waiting == 0) return
        if (!sorted) sortMarks()
        var place = 0
        for (i in 0 until waiting) {
            val code = marks[i] and CODE
            if (marks[i] and NEW == 0) {
                at(placeStarts[place], placeSizes[place], placeCounts[place])
                place++
            }
            val bits = TABLE[code]
            if (bits and ACCENT == 0) fold(code, bits)
        }
        waiting = 0
        places = 0
        sorted = true
    }

    /** By combining class, those of one class as they came; time grows with their number, however many there are. */
    private fun sortMarks() {
        val starts = IntArray(257)
        for (i in 0 until waiting) starts[(TABLE[marks[i] and CODE] shr CLASS_SHIFT) + 1]++
        for (i in 1..256) starts[i] += starts[i - 1]
        val ordered = IntArray(marks.size)
        for (i in 0 until waiting) ordered[starts[TABLE[marks[i] and CODE] shr CLASS_SHIFT]++] = marks[i]
        marks = ordered
    }

    private fun fold(code: Int, bits: Int) {
        if (bits and LOWERS == 0 || !tokenizer.lowercase) {
            emit(code, bits)
        } else if (code < 128) {
            emit(code + 32, 0)
        } else {
            val index = LOWER.indexOf(code)
            for (i in LOWER.start(index) until LOWER.end(index)) emit(LOWER.at(i), TABLE[LOWER.at(i)])
        }
    }

    private fun emit(code: Int, bits: Int) {
        if (bits and (SPACE or ALONE) == 0) {
            letter(code)
        } else {
            endWord()
            if (bits and ALONE != 0) {
                letter(code)
                endWord()
            }
        }
    }

    private fun letter(code: Int) {
        if (length < LONGEST_WORD) {
            word[length] = code
            wordStarts[length] = start
            wordEnds[length] = end
            wordCounts[length] = count
            hashes[length + 1] = hashes[length] * Vocabulary.BASE + code + 1
        }
        length++
        lastEnd = end
        lastCount = count + 1
    }

    /** Takes from the word the longest piece that the vocabulary has, again and again; else all of it is unknown. */
    private fun endWord() {
        if (length == 0) return
        val before = pieces.size
        var from = 0
        val known = length <= LONGEST_WORD
        while (known && from < length) {
            val inside = from > 0
            var to = minOf(length, from + if (inside) vocabulary.longestInside else vocabulary.longestFirst)
            var id = -1
            while (to > from) {
                val hash = hashes[to] - hashes[from] * POWERS[to - from]
                id = vocabulary.find(hash, word, from, to, inside)
                if (id >= 0) break
                to--
            }
            if (id < 0) break
            pieces.add(id, wordStarts[from], wordEnds[to - 1], wordCounts[from], wordCounts[to - 1] + 1)
            from = to
        }
        if (from < length) {
            pieces.shrinkTo(before)
            pieces.add(tokenizer.unknownId, wordStarts[0], lastEnd, wordCounts[0], lastCount)
        }
        length = 0
    }

    private companion object {
        const val LONGEST_WORD = 100 // in code points; WordPiece takes a longer one for unknown
        const val HANGUL_FIRST = 0xac00
        const val HANGUL_LAST = 0xd7a3
        const val NEW = 1 shl 24
        const val CODE = NEW - 1

        // As unicode_tables.py numbers them.
        const val DROPPED = 1
        const val CLEANED_TO_SPACE = 2
        const val SPACE = 4
        const val ALONE = 8
        const val IDEOGRAPH = 16
        const val ACCENT = 32
        const val DECOMPOSES = 64
        const val LOWERS = 128
        const val CLASS_SHIFT = 8

        val TABLE = CodePointTable(UnicodeTables.TOKENIZER)
        val DECOMPOSED = CodePointTexts(UnicodeTables.DECOMPOSED)
        val LOWER = CodePointTexts(UnicodeTables.LOWER)
        val POWERS = LongArray(LONGEST_WORD + 1).also { powers ->
            powers[0] = 1
            for (i in 1..LONGEST_WORD) powers[i] = powers[i - 1] * Vocabulary.BASE
        }
    }
}
