package org.kbert.device

/** A number for each code point, in pages of which equal ones are kept once: 20 to 60 KB for all of Unicode. */
internal class CodePointTable(runs: String) {
    private val pageOf = ShortArray(CODE_POINTS / PAGE)
    private val pages: IntArray

    init {
        val values = IntArray(CODE_POINTS)
        val mixed = BooleanArray(pageOf.size) // has more than one value
        val numbers = Base36(runs)
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            val end = code + numbers.next()
            values.fill(numbers.next(), code, end)
            if (code % PAGE != 0) mixed[code shr SHIFT] = true
            if (end % PAGE != 0) mixed[end shr SHIFT] = true
            code = end
        }
        // Most pages have one value, which stands for them: looking at each code point takes long in a cold JVM.
        val uniform = HashMap<Int, Int>() // the value -> the page's number
        val known = HashMap<Int, MutableList<Int>>() // the hash of a mixed page -> the numbers of such pages
        var found = IntArray(64 * PAGE)
        var count = 0
        for (page in pageOf.indices) {
            val start = page * PAGE
            var hash = 1
            if (mixed[page]) for (i in start until start + PAGE) hash = 31 * hash + values[i]
            val alike = if (mixed[page]) known.getOrPut(hash) { ArrayList(1) } else null
            val same = if (alike == null) {
                uniform[values[start]]
            } else {
                alike.firstOrNull { other -> (0 until PAGE).all { found[other * PAGE + it] == values[start + it] } }
            }
            if (same == null) {
                if ((count + 1) * PAGE > found.size) found = found.copyOf(found.size * 2)
                values.copyInto(found, count * PAGE, start, start + PAGE)
                if (alike != null) alike.add(count) else uniform[values[start]] = count
            }
            pageOf[page] = (same ?: count++).toShort()
        }
        pages = found.copyOf(count * PAGE)
    }

    operator fun get(code: Int): Int = pages[pageOf[code shr SHIFT] * PAGE + (code and PAGE - 1)]

    private companion object {
        const val CODE_POINTS = 0x110000
        const val SHIFT = 7
        const val PAGE = 1 shl SHIFT
    }
}

/** What some code points become: a few code points each. */
internal class CodePointTexts(texts: String) {
    private val codes: IntArray
    private val starts: IntArray
    private val pool: IntArray

    init {
        val numbers = Base36(texts)
        val codes = IntList()
        val starts = IntList()
        val pool = IntList()
        var code = 0
        while (numbers.hasNext()) {
            code += numbers.next()
            codes.add(code++)
            starts.add(pool.size)
            repeat(numbers.next()) { pool.add(numbers.next()) }
        }
        starts.add(pool.size)
        this.codes = codes.toArray()
        this.starts = starts.toArray()
        this.pool = pool.toArray()
    }

    /** The number of a code point among those that have a text, to ask [start], [end] and [at] with. */
    fun indexOf(code: Int): Int = codes.binarySearch(code)

    fun start(index: Int): Int = starts[index]

    fun end(index: Int): Int = starts[index + 1]

    fun at(place: Int): Int = pool[place]
}

/** Reads numbers to base 36 between white space. */
private class Base36(private val text: String) {
    private var place = 0

    fun hasNext(): Boolean {
        while (place < text.length && text[place] <= ' ') place++
        return place < text.length
    }

    fun next(): Int {
        hasNext()
        var number = 0
        while (place < text.length && text[place] > ' ') {
            val c = text[place++]
            number = number * 36 + (if (c <= '9') c - '0' else c - 'a' + 10)
        }
        return number
    }
}

/** Whole numbers, as many as come, without a box for each. */
internal class IntList(capacity: Int = 64) {
    private var values = IntArray(capacity)
    var size = 0
        private set

    fun add(value: Int) {
        if (size == values.size) values = values.copyOf(size * 2)
        values[size++] = value
    }

    operator fun get(index: Int): Int = values[index]

    fun shrinkTo(size: Int) {
        this.size = minOf(size, this.size)
    }

    fun toArray(): IntArray = values.copyOf(size)
}
