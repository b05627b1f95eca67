package org.kbert.device

/**
 * A text as code points, and where each stands in the string: what is done with places in a text counts in code points,
 * as in Python, and is told in UTF-16 units, as in Kotlin.
 */
internal class CodePoints(val text: String) {
    private val codes: IntArray
    private val places: IntArray

    init {
        val codes = IntArray(text.length)
        val places = IntArray(text.length + 1)
        var count = 0
        var place = 0
        while (place < text.length) {
            places[count] = place
            codes[count] = text.codePointAt(place) // half a pair stands for itself
            place += Character.charCount(codes[count++])
        }
        places[count] = place
        this.codes = codes.copyOf(count)
        this.places = places.copyOf(count + 1)
    }

    val size: Int get() = codes.size

    operator fun get(index: Int): Int = codes[index]

    /** The UTF-16 place of a code point. */
    fun place(index: Int): Int = places[index]

    fun substring(start: Int, end: Int): String = text.substring(places[start], places[end])
}
