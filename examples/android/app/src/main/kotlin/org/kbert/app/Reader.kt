package org.kbert.app

import org.kbert.device.GoldenResult
import org.kbert.device.Label
import java.io.Closeable

/** What a model says of a text: labels for bars, or a line where the task has none. */
class Reading(val labels: List<Label>, val line: String, val tokens: List<String>)

/** A model that is open, whatever its task and runtime. */
interface Reader : Closeable {
    /** The file and its runtime. */
    val about: String

    /** Whether it takes two texts: a question and its text. */
    val needsPair: Boolean

    /** Reads a text, or a pair. */
    fun read(text: String, textB: String?): Reading

    /** Runs `tokenizer_golden.json`; null where the tokenizer is not ours. */
    fun golden(): GoldenResult?
}
