package org.kbert.device

/**
 * Raw text to words, the units that are tagged, as `kbert.data.words` finds them.
 *
 * White space separates words. Punctuation before and behind a word is split off character by character, and stays
 * inside one: `don't`, `3.5`. Each CJK ideograph is a word. No character is cut. What BERT drops is no word and
 * separates none.
 */
internal class Words private constructor(val starts: IntArray, val ends: IntArray) {
    val size: Int get() = starts.size

    companion object {
        private val spaces = CodePointTable(UnicodeTables.WORDS)
        private val tokenizer = CodePointTable(UnicodeTables.TOKENIZER)

        private const val WORD_SPACE = 1
        private const val WORD_PUNCTUATION = 2

        // As unicode_tables.py numbers them.
        private const val DROPPED = 1
        private const val CLEANED_TO_SPACE = 2
        private const val SPACE = 4
        private const val ALONE = 8
        private const val IDEOGRAPH = 16

        /** The words of a text, in code points. */
        fun of(text: CodePoints): Words {
            val pieces = wholeCharacters(text, bertPieces(text))
            val starts = IntList()
            val ends = IntList()
            var runStart = 0 // the first piece of the run in hand
            var end = 0
            for (i in 0 until pieces.size / 2) {
                val start = pieces[2 * i]
                if ((end until start).any { spaces[text[it]] and WORD_SPACE != 0 }) {
                    join(text, pieces, runStart, i, starts, ends)
                    runStart = i
                }
                end = pieces[2 * i + 1]
                if (tokenizer[text[start]] and IDEOGRAPH != 0) {
                    join(text, pieces, runStart, i, starts, ends)
                    starts.add(start)
                    ends.add(end)
                    runStart = i + 1
                }
            }
            join(text, pieces, runStart, pieces.size / 2, starts, ends)
            return Words(starts.toArray(), ends.toArray())
        }

        /** The pieces that BERT cuts a text into before WordPiece, (start, end) one after the other. */
        private fun bertPieces(text: CodePoints): IntList {
            val pieces = IntList()
            var start = -1
            var end = 0
            for (i in 0 until text.size) {
                val bits = tokenizer[text[i]]
                if (bits and DROPPED != 0) continue
                val alone = bits and (ALONE or IDEOGRAPH) != 0
                if ((alone || bits and (SPACE or CLEANED_TO_SPACE) != 0) && start >= 0) {
                    pieces.add(start)
                    pieces.add(end)
                    start = -1
                }
                if (alone) {
                    pieces.add(i)
                    pieces.add(i + 1)
                } else if (bits and (SPACE or CLEANED_TO_SPACE) == 0) {
                    if (start < 0) start = i
                    end = i + 1
                }
            }
            if (start >= 0) {
                pieces.add(start)
                pieces.add(end)
            }
            return pieces
        }

        /** Joins pieces where the edge between them cuts a character: the keycap *️⃣ begins with punctuation. */
        private fun wholeCharacters(text: CodePoints, pieces: IntList): IntList {
            val edges = BooleanArray(text.size + 1)
            var place = 0
            while (place < text.size) {
                edges[place] = true
                place = Graphemes.end(text, place)
            }
            edges[text.size] = true
            val found = IntList()
            var start = -1
            for (i in 0 until pieces.size / 2) {
                if (start < 0) start = pieces[2 * i]
                val end = pieces[2 * i + 1]
                val followed = 2 * i + 2 < pieces.size && pieces[2 * i + 2] == end
                if (edges[end] || !followed) {
                    found.add(start)
                    found.add(end)
                    start = -1
                }
            }
            return found
        }

        /** The pieces from the first that is no punctuation to the last in one word, and those around them. */
        private fun join(text: CodePoints, pieces: IntList, from: Int, to: Int, starts: IntList, ends: IntList) {
            fun isInner(piece: Int) = spaces[text[pieces[2 * piece]]] and WORD_PUNCTUATION == 0
            val first = (from until to).firstOrNull(::isInner)
            val last = (to - 1 downTo from).firstOrNull(::isInner)
            var piece = from
            while (piece < to) {
                val until = if (piece == first) last!! else piece
                starts.add(pieces[2 * piece])
                ends.add(pieces[2 * until + 1])
                piece = until + 1
            }
        }
    }
}
