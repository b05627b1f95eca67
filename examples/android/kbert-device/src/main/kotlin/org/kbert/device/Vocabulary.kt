package org.kbert.device

/**
 * WordPieces and their ids: a `vocab.txt`, one token a line, whose number is the id.
 *
 * A hash table over code points: no string is made of a piece to look it up, and none of a token until it is asked for.
 */
class Vocabulary private constructor(
    private val pool: IntArray,
    private val starts: IntArray,
    private val source: String,
) {
    /** The number of tokens: the rows of the model's embedding table. */
    val size: Int = starts.size - 1

    private val hashes = LongArray(size)
    private val slots: IntArray
    private val mask: Int

    /** The longest piece that begins a word, and the longest that goes on in one (without its ##), in code points. */
    internal val longestFirst: Int
    internal val longestInside: Int

    init {
        var capacity = 64
        while (capacity < 2 * size) capacity *= 2
        slots = IntArray(capacity)
        mask = capacity - 1
        var first = 0
        var inside = 0
        for (id in 0 until size) {
            val start = if (isInside(id)) starts[id] + 2 else starts[id]
            val length = starts[id + 1] - start
            if (isInside(id)) inside = maxOf(inside, length) else first = maxOf(first, length)
            var hash = 0L
            for (i in start until starts[id + 1]) hash = hash * BASE + pool[i] + 1
            if (isInside(id)) hash += INSIDE
            hashes[id] = hash
            var slot = slotOf(hash)
            while (slots[slot] != 0) {
                val other = slots[slot] - 1
                if (hashes[other] == hash && isSame(other, id)) {
                    throw KbertException(
                        "$source: expected every token once, '${token(id)}' is line ${other + 1} and line ${id + 1}. " +
                            "Rename one of them, which keeps the ids of the others",
                    )
                }
                slot = (slot + 1) and mask
            }
            slots[slot] = id + 1
        }
        longestFirst = first
        longestInside = inside
    }

    /** The text of a token. */
    fun token(id: Int): String = String(pool, starts[id], starts[id + 1] - starts[id])

    /** The id of a token, or -1. */
    fun idOf(token: String): Int {
        val codes = IntArray(token.codePointCount(0, token.length))
        var place = 0
        for (i in codes.indices) {
            codes[i] = token.codePointAt(place)
            place += Character.charCount(codes[i])
        }
        val inside = codes.size > 2 && codes[0] == '#'.code && codes[1] == '#'.code
        val start = if (inside) 2 else 0
        var hash = 0L
        for (i in start until codes.size) hash = hash * BASE + codes[i] + 1
        return find(hash, codes, start, codes.size, inside)
    }

    /** The id of the piece `codes[start, end)`, whose polynomial hash the caller knows; or -1. */
    internal fun find(hash: Long, codes: IntArray, start: Int, end: Int, inside: Boolean): Int {
        val wanted = if (inside) hash + INSIDE else hash
        var slot = slotOf(wanted)
        while (slots[slot] != 0) {
            val id = slots[slot] - 1
            if (hashes[id] == wanted && isPiece(id, codes, start, end, inside)) return id
            slot = (slot + 1) and mask
        }
        return -1
    }

    private fun isPiece(id: Int, codes: IntArray, start: Int, end: Int, inside: Boolean): Boolean {
        if (isInside(id) != inside) return false
        var place = if (inside) starts[id] + 2 else starts[id]
        if (starts[id + 1] - place != end - start) return false
        for (i in start until end) if (pool[place++] != codes[i]) return false
        return true
    }

    private fun isInside(id: Int): Boolean {
        val start = starts[id]
        return starts[id + 1] - start > 2 && pool[start] == '#'.code && pool[start + 1] == '#'.code
    }

    private fun isSame(one: Int, other: Int): Boolean {
        val length = starts[one + 1] - starts[one]
        if (length != starts[other + 1] - starts[other]) return false
        for (i in 0 until length) if (pool[starts[one] + i] != pool[starts[other] + i]) return false
        return true
    }

    private fun slotOf(hash: Long): Int {
        val mixed = hash * -0x61c8864680b583ebL
        return (mixed ushr 32).toInt() and mask
    }

    companion object {
        /** The base of the polynomial hash, odd and large; sums wrap around. */
        internal const val BASE = 0x5851f42d4c957f2dL
        private const val INSIDE = 0x2545f4914f6cdd1dL

        /**
         * Reads a `vocab.txt`. Only a line feed ends a line: some vocabularies hold other separators as tokens.
         *
         * @throws KbertException it is empty, not UTF-8, or has a token twice.
         */
        fun read(bytes: ByteArray, source: String = "vocab.txt"): Vocabulary {
            if (bytes.isEmpty()) throw KbertException("$source: expected one token a line, the file is empty")
            val pool = IntArray(bytes.size)
            var lines = 0
            for (byte in bytes) if (byte == LINE_FEED) lines++
            if (bytes.last() != LINE_FEED) lines++
            val starts = IntArray(lines + 1)
            var line = 0
            var count = 0
            var place = 0
            while (place < bytes.size) {
                val lead = bytes[place].toInt() and 0xff
                if (lead == '\n'.code) {
                    if (count > starts[line] && pool[count - 1] == '\r'.code) count--
                    starts[++line] = count
                    place++
                } else if (lead < 0x80) {
                    pool[count++] = lead
                    place++
                } else {
                    val size = if (lead < 0xe0) 2 else if (lead < 0xf0) 3 else 4
                    pool[count++] = decode(bytes, place, lead, size, source)
                    place += size
                }
            }
            if (line < lines) {
                if (count > starts[line] && pool[count - 1] == '\r'.code) count--
                starts[lines] = count
            }
            return Vocabulary(pool.copyOf(count), starts, source)
        }

        private fun decode(bytes: ByteArray, place: Int, lead: Int, size: Int, source: String): Int {
            val sound = lead in 0xc2..0xf4 && place + size <= bytes.size
            var code = if (sound) lead and (0xff shr (size + 1)) else -1
            for (i in 1 until size) {
                if (code >= 0) {
                    val next = bytes[place + i].toInt() and 0xff
                    code = if (next shr 6 == 2) code shl 6 or (next and 0x3f) else -1
                }
            }
            val least = if (size == 2) 0x80 else if (size == 3) 0x800 else 0x10000
            if (code < least || code > 0x10ffff || code in 0xd800..0xdfff) {
                throw KbertException("$source: expected UTF-8, byte $place is not. Save the vocabulary as UTF-8")
            }
            return code
        }

        private const val LINE_FEED = '\n'.code.toByte()
    }
}
