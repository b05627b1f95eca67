package org.kbert.device

/**
 * BERT's tokenizer (arXiv:1810.04805), equal to `kbert.BertTokenizer` and Hugging Face's fast one, whatever Unicode
 * version the phone has. It holds no state of a text: any number of threads may use one.
 *
 * Half a surrogate pair, which Python refuses, counts as U+FFFD and is left out.
 *
 * @param lowercase fold case, as the uncased vocabularies expect.
 * @param stripAccents remove accents; by default they go when [lowercase] is set.
 * @param splitChinese make each CJK ideograph a word.
 * @throws KbertException the vocabulary lacks one of the five special tokens.
 */
class WordPieceTokenizer @JvmOverloads constructor(
    val vocabulary: Vocabulary,
    val lowercase: Boolean = true,
    stripAccents: Boolean? = null,
    val splitChinese: Boolean = true,
) {
    val stripsAccents: Boolean = stripAccents ?: lowercase

    internal val unknownId: Int
    private val specialIds: IntArray

    init {
        specialIds = IntArray(SPECIAL_TOKENS.size) { vocabulary.idOf(SPECIAL_TOKENS[it]) }
        val missing = specialIds.indexOf(-1)
        if (missing >= 0) {
            throw KbertException(
                "the vocabulary: expected the special tokens ${SPECIAL_TOKENS.joinToString(" ")}, " +
                    "${SPECIAL_TOKENS[missing]} is missing",
            )
        }
        unknownId = specialIds[1]
    }

    val padId: Int get() = specialIds[0]
    val classifyId: Int get() = specialIds[2]
    val separateId: Int get() = specialIds[3]

    /**
     * Encodes one text, or a pair, with [CLS] and [SEP].
     *
     * @param maxLength cut to so many tokens, special ones included; of a pair the longer text loses first.
     * @throws KbertException [maxLength] leaves no room for a token.
     */
    @JvmOverloads
    fun encode(text: CharSequence, textB: CharSequence? = null, maxLength: Int? = null): Encoding {
        val special = if (textB == null) 2 else 3
        if (maxLength != null && maxLength < special + 1) {
            throw KbertException("maxLength must be at least ${special + 1} to hold the special tokens, got $maxLength")
        }
        val room = if (maxLength == null) Int.MAX_VALUE else maxLength - special
        // A long text ends where it would be cut; of a pair both sizes decide where that is.
        val first = pieces(text, if (textB == null) room else Int.MAX_VALUE)
        if (textB == null) return assemble(first, minOf(first.size, room), null, 0)
        val second = pieces(textB, Int.MAX_VALUE)
        val kept = longestFirst(first.size, second.size, room)
        return assemble(first, kept.first, second, kept.second)
    }

    /** The tokens of a text without [CLS] and [SEP]; it may stop once there are more than [enough]. */
    internal fun pieces(text: CharSequence, enough: Int = Int.MAX_VALUE): Pieces {
        val pieces = Pieces()
        val normalizer = Normalizer(this, pieces)
        var place = 0
        var count = 0
        while (place < text.length && pieces.size <= enough) {
            val unit = text[place]
            val special = if (unit == '[') specialAt(text, place) else -1
            if (special >= 0) {
                val size = SPECIAL_TOKENS[special].length
                normalizer.end()
                pieces.add(specialIds[special], place, place + size, count, count + size)
                place += size
                count += size
            } else {
                var code = unit.code
                var size = 1
                if (unit.isHighSurrogate() && place + 1 < text.length && text[place + 1].isLowSurrogate()) {
                    code = Character.toCodePoint(unit, text[place + 1])
                    size = 2
                }
                normalizer.add(code, place, size, count)
                place += size
                count++
            }
        }
        normalizer.end()
        return pieces
    }

    private fun assemble(first: Pieces, keptFirst: Int, second: Pieces?, keptSecond: Int): Encoding {
        val size = keptFirst + 2 + if (second == null) 0 else keptSecond + 1
        val ids = IntArray(size)
        val segments = IntArray(size)
        val places = Array(4) { IntArray(size) }
        ids[0] = classifyId
        first.copyInto(1, keptFirst, ids, places)
        ids[keptFirst + 1] = separateId
        if (second != null) {
            second.copyInto(keptFirst + 2, keptSecond, ids, places)
            ids[size - 1] = separateId
            segments.fill(1, keptFirst + 2, size)
        }
        val cut = keptFirst < first.size || (second != null && keptSecond < second.size)
        return Encoding(ids, segments, places[0], places[1], places[2], places[3], cut, vocabulary)
    }

    companion object {
        val SPECIAL_TOKENS: List<String> = listOf("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")

        /** The special token that is written out at a place, or -1: it is taken as such before anything else. */
        private fun specialAt(text: CharSequence, place: Int): Int {
            for (i in SPECIAL_TOKENS.indices) if (text.startsWith(SPECIAL_TOKENS[i], place)) return i
            return -1
        }

        /** How many tokens of each text stay so that both fit: the longer text loses first, then both alike. */
        private fun longestFirst(first: Int, second: Int, room: Int): Pair<Int, Int> {
            if (first.toLong() + second <= room) return Pair(first, second)
            val shorter = minOf(first, second)
            if (shorter.toLong() + shorter < room) {
                return if (first <= second) Pair(first, room - first) else Pair(room - second, second)
            }
            val half = room / 2
            return if (first <= second) Pair(half, room - half) else Pair(room - half, half)
        }
    }
}

/** Tokens of one text and their places, growing. */
internal class Pieces {
    private var ids = IntArray(64)
    private val places = Array(4) { IntArray(64) } // UTF-16 start and end, code point start and end
    var size = 0
        private set

    fun add(id: Int, start: Int, end: Int, codePointStart: Int, codePointEnd: Int) {
        if (size == ids.size) {
            ids = ids.copyOf(size * 2)
            for (i in places.indices) places[i] = places[i].copyOf(size * 2)
        }
        ids[size] = id
        places[0][size] = start
        places[1][size] = end
        places[2][size] = codePointStart
        places[3][size] = codePointEnd
        size++
    }

    fun shrinkTo(size: Int) {
        this.size = size
    }

    fun id(index: Int): Int = ids[index]

    fun codePointStart(index: Int): Int = places[2][index]

    fun codePointEnd(index: Int): Int = places[3][index]

    fun copyInto(at: Int, count: Int, ids: IntArray, places: Array<IntArray>) {
        this.ids.copyInto(ids, at, 0, count)
        for (i in places.indices) this.places[i].copyInto(places[i], at, 0, count)
    }
}
