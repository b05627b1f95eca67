package org.kbert.device

/**
 * One text, or one pair, as a model reads it. All arrays have the same length.
 *
 * Places of tokens in the text that they came from are kept twice: [starts] and [ends] count UTF-16 units, as Kotlin's
 * `substring` does; [codePointStarts] and [codePointEnds] count code points, as Python and `tokenizer_golden.json` do.
 * Special tokens have 0 and 0. [segmentIds] is 1 for the second text of a pair and its [SEP].
 */
class Encoding internal constructor(
    val tokenIds: IntArray,
    val segmentIds: IntArray,
    val starts: IntArray,
    val ends: IntArray,
    val codePointStarts: IntArray,
    val codePointEnds: IntArray,
    /** Whether tokens were cut off. */
    val truncated: Boolean,
    private val vocabulary: Vocabulary,
) {
    val size: Int get() = tokenIds.size

    /** The texts of the tokens, such as `##ing`. */
    fun tokens(): List<String> = tokenIds.map(vocabulary::token)
}
