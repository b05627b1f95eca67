package org.kbert.app

/** What the screen says. In one place, so that an app with languages of its own knows what to move to its resources. */
internal object Texts {
    const val TITLE = "kbert"
    const val HINT = "Type a sentence"
    const val HINT_B = "A second text, if the model takes one"
    const val HINT_QUESTION = "Type a question"
    const val HINT_CONTEXT = "The text to find the answer in"
    const val BENCHMARK = "Benchmark"
    const val GOLDEN = "Golden"
    const val LOADING = "Loading…"
    const val TOKENS = "Tokens"
    const val NO_MODEL = "No model in assets/export: kbert android puts one there"
    const val NO_LABEL = "no label"
    const val NO_ANSWER = "no answer"
    const val NEEDS_TEXT = "a text is needed"
    const val OTHER_TOKENIZER = "Golden: this runtime has a tokenizer of its own"
    const val CHOOSE = "Model file"
}

internal fun percent(share: Double): String = "%.1f %%".format(100 * share)
