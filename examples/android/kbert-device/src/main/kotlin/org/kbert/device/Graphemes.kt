package org.kbert.device

/** What people take for characters: extended grapheme clusters (UAX #29), as Python's `regex` package finds them. */
internal object Graphemes {
    private val table = CodePointTable(UnicodeTables.GRAPHEMES)

    /** Where the character that begins at [start] ends, at most [end]. */
    fun end(text: CodePoints, start: Int, end: Int = text.size): Int {
        var place = start + 1
        var flags = if (regional(table[text[start]])) 1 else 0 // how many regional indicators stand here
        var pictograph = table[text[start]] and PICTOGRAPHIC != 0 // followed by Extend* so far
        // A linker, followed by extenders so far. UAX #29 wants a consonant before it; `regex` does not look.
        var linked = conjunct(table[text[start]]) == LINKER
        while (place < end) {
            val before = table[text[place - 1]]
            val here = table[text[place]]
            if (breaks(before, here, flags, pictograph, linked)) return place
            if (regional(here)) flags++
            if (here and PICTOGRAPHIC != 0) {
                pictograph = true
            } else if (here and KIND != EXTEND && here and KIND != ZWJ) {
                pictograph = false
            }
            when (conjunct(here)) {
                LINKER -> linked = true
                NONE, CONSONANT -> linked = false
            }
            place++
        }
        return place
    }

    private fun breaks(before: Int, here: Int, flags: Int, pictograph: Boolean, linked: Boolean): Boolean {
        val first = before and KIND
        val second = here and KIND
        return when {
            first == CR && second == LF -> false
            first in CR..CONTROL || second in CR..CONTROL -> true
            first == L && (second == L || second == V || second == LV || second == LVT) -> false
            (first == LV || first == V) && (second == V || second == T) -> false
            (first == LVT || first == T) && second == T -> false
            second == EXTEND || second == ZWJ || second == SPACING_MARK -> false
            first == PREPEND -> false
            linked && conjunct(here) == CONSONANT -> false
            pictograph && first == ZWJ && here and PICTOGRAPHIC != 0 -> false
            first == RI && second == RI -> flags % 2 == 0
            else -> true
        }
    }

    private fun regional(bits: Int): Boolean = bits and KIND == RI

    private fun conjunct(bits: Int): Int = bits shr CONJUNCT_SHIFT

    private const val KIND = 15
    private const val CR = 1
    private const val LF = 2
    private const val CONTROL = 3
    private const val EXTEND = 4
    private const val ZWJ = 5
    private const val RI = 6
    private const val PREPEND = 7
    private const val SPACING_MARK = 8
    private const val L = 9
    private const val V = 10
    private const val T = 11
    private const val LV = 12
    private const val LVT = 13
    private const val PICTOGRAPHIC = 16
    private const val CONJUNCT_SHIFT = 5
    private const val NONE = 0
    private const val CONSONANT = 1
    private const val LINKER = 2
}
