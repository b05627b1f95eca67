package org.kbert.device

/** A word with its tag, in UTF-16 units of the text; of entities in BIO. */
data class TaggedWord(val text: String, val tag: String, val start: Int, val end: Int, val score: Float)

/** A part of a text that has a name, in UTF-16 units of the text. */
data class Entity(val text: String, val label: String, val start: Int, val end: Int, val score: Double)

/** The words of a text with their tags, and the entities that the tags mark (none for plain tags). */
class TaggedText internal constructor(val words: List<TaggedWord>, val entities: List<Entity>)

/** Tags for the words of a text: entities, or plain tags such as parts of speech. Long texts are read in windows. */
class TokenClassifier(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("token-classification" to listOf(Head.CLASSES))) {
    private val reader = WordReader(facts)

    fun tag(text: String): TaggedText {
        val windows = reader.windows(text)
        return reader.read(windows, windows.rows.map { run(it)[0] })
    }

    companion object {
        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::TokenClassifier)
    }
}

/** What an utterance asks for, and the slots in it. */
class IntentSlots internal constructor(val intents: List<Label>, val slots: TaggedText) {
    val intent: String get() = intents[0].name
    val probability: Float get() = intents[0].probability
}

/** The intent of an utterance and its slots. */
class IntentSlotClassifier(encoder: Encoder, facts: ModelFacts) :
    TextModel(encoder, facts, mapOf("intent-slots" to listOf(Head.INTENT, Head.SLOTS))) {
    val intents: List<String> get() = intentsOf(facts)
    private val reader = WordReader(facts)

    fun read(text: String): IntentSlots {
        val windows = reader.windows(text)
        val outputs = windows.rows.map(::run)
        // The intent of a text in several windows is the mean over them.
        val mean = FloatArray(intents.size)
        for (output in outputs) for (i in mean.indices) mean[i] += output[0][i]
        for (i in mean.indices) mean[i] = mean[i] / outputs.size
        return IntentSlots(sortedLabels(intents, mean), reader.read(windows, outputs.map { it[1] }))
    }

    override fun namesOf(head: Head): List<String>? = if (head == Head.INTENT) intentsOf(facts) else super.namesOf(head)

    companion object {
        /** @throws KbertException the file cannot be used; says why. */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String = "model.tflite", options: EncoderOptions = EncoderOptions()) =
            opened(files, model, options, ::IntentSlotClassifier)

        private fun intentsOf(facts: ModelFacts): List<String> {
            val names = facts.settings.optJSONArray("intents")
                ?: throw KbertException("expected intents in the settings of the model or in task.json, found none")
            return List(names.length()) { names.getString(it) }
        }
    }
}

/** From probabilities of tokens to tags of words and entities, as `kbert.problems.word_answers`. */
internal class WordReader(private val facts: ModelFacts) {
    private val labels = facts.labels
    private val isPlain: Boolean
    private val overlap: Int

    init {
        val scheme = facts.settings.optString("scheme")
        isPlain = if (scheme.isEmpty()) labels.any { it != OUTSIDE && !PREFIXED.matches(it) } else scheme == "none"
        overlap = minOf(facts.settings.optInt("stride", facts.maxLength / 4), facts.maxLength / 2)
    }

    fun windows(text: String) = WordWindows(facts.tokenizer, text, facts.maxLength - 2, overlap)

    /** @param outputs of each window (length, tags). */
    fun read(windows: WordWindows, outputs: List<FloatArray>): TaggedText {
        val words = windows.words
        val rows = List(words.size) { word ->
            if (windows.rowOf[word] < 0) {
                withoutTokens()
            } else {
                val from = windows.placeOf[word] * labels.size
                outputs[windows.rowOf[word]].copyOfRange(from, from + labels.size)
            }
        }
        val best = rows.map { argmax(it) }
        val tags = tagsOf(best, windows.shared)
        val codes = windows.codes
        val found = List(words.size) {
            val (start, end) = words.starts[it] to words.ends[it]
            TaggedWord(codes.substring(start, end), tags[it], codes.place(start), codes.place(end), rows[it][best[it]])
        }
        return TaggedText(found, if (isPlain) listOf() else entities(windows, rows, tags))
    }

    private fun tagsOf(best: List<Int>, shared: BooleanArray): List<String> {
        val tags = best.map { labels[it] }.toMutableList()
        if (isPlain) return tags
        for (word in tags.indices) {
            if (!shared[word]) continue
            val before = if (word > 0) tags[word - 1] else OUTSIDE
            tags[word] = if (before == OUTSIDE) OUTSIDE else "I-${before.substring(2)}"
        }
        return toBio(tags)
    }

    /** A tag that goes on no entity of its label begins one, as conlleval reads it. */
    private fun toBio(tags: List<String>): List<String> {
        var entity = "" // the label of the entity that may go on
        return tags.map { tag ->
            if (tag == OUTSIDE) {
                entity = ""
                OUTSIDE
            } else {
                val letter = tag[0]
                val label = tag.substring(2)
                val goesOn = letter in "IEL" && label == entity
                entity = if (letter in "ESLU") "" else label
                if (goesOn) "I-$label" else "B-$label"
            }
        }
    }

    /** The score is the mean over the words of the probability of being of that label, at the beginning or further on. */
    private fun entities(windows: WordWindows, rows: List<FloatArray>, tags: List<String>): List<Entity> {
        val found = ArrayList<Entity>()
        var first = 0
        while (first < tags.size) {
            if (tags[first] == OUTSIDE) {
                first++
                continue
            }
            val label = tags[first].substring(2)
            var last = first + 1
            while (last < tags.size && tags[last] == "I-$label") last++
            val columns = labels.indices.filter { labels[it].drop(1) == "-$label" }
            val score = (first until last).sumOf { word -> columns.sumOf { rows[word][it].toDouble() } } / (last - first)
            val start = windows.words.starts[first]
            val end = windows.words.ends[last - 1]
            val codes = windows.codes
            found.add(Entity(codes.substring(start, end), label, codes.place(start), codes.place(end), score))
            first = last
        }
        return found
    }

    /** A word that has no token is in no entity; of plain tags any does. */
    private fun withoutTokens(): FloatArray =
        if (OUTSIDE in labels) {
            FloatArray(labels.size) { if (labels[it] == OUTSIDE) 1f else 0f }
        } else {
            FloatArray(labels.size) { 1f / labels.size }
        }

    private companion object {
        const val OUTSIDE = "O"
        val PREFIXED = Regex("[A-Za-z]-.+", RegexOption.DOT_MATCHES_ALL)
    }
}
