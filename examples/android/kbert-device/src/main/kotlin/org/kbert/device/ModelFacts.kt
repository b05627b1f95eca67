package org.kbert.device

import org.json.JSONException
import org.json.JSONObject

/**
 * What is known of a model beside its weights: from the model file itself, and from the files that lie beside it.
 *
 * `labels.txt` beside the model may give the labels other names; `vocab.txt` has to be the model's own.
 */
class ModelFacts(
    val task: String,
    val labels: List<String>,
    val tokenizer: WordPieceTokenizer,
    /** The longest input in tokens. */
    val maxLength: Int,
    /** Of the task, such as a threshold. */
    internal val settings: JSONObject,
) {
    companion object {
        /**
         * @param packed the files inside the model.
         * @param files the export directory.
         * @throws KbertException something is missing or damaged, or the vocabulary is not that of the model.
         */
        internal fun read(packed: Map<String, ByteArray>, files: ExportFiles, model: String): ModelFacts =
            try {
                val inside = packed["kbert.json"]?.let { JSONObject(String(it, Charsets.UTF_8)) }
                if (inside != null) fromModel(inside, packed, files, model) else fromFolder(files, model)
            } catch (error: JSONException) {
                throw KbertException("$model: expected the settings that kbert writes, got others (${error.message})", error)
            }

        private fun fromModel(
            inside: JSONObject,
            packed: Map<String, ByteArray>,
            files: ExportFiles,
            model: String,
        ): ModelFacts {
            val own = packed["vocab.txt"] ?: throw KbertException("$model: expected vocab.txt inside, found none")
            val vocabulary = Vocabulary.read(own, "vocab.txt in $model")
            val beside = files.read("vocab.txt")
            if (beside != null && !beside.contentEquals(own)) {
                requireSame(Vocabulary.read(beside), vocabulary, model)
            }
            requireTableSize(vocabulary, files, model)
            return ModelFacts(
                inside.getString("task"),
                lines(files.read("labels.txt") ?: packed["labels.txt"]),
                tokenizer(vocabulary, inside, "lowercase", "strip_accents", "split_chinese"),
                inside.getInt("max_length"),
                inside.optJSONObject("task_settings") ?: JSONObject(),
            )
        }

        /** Of a model that was made by something else, or had its metadata taken out. */
        private fun fromFolder(files: ExportFiles, model: String): ModelFacts {
            val bytes = files.read("vocab.txt")
                ?: throw KbertException("$model: expected vocab.txt inside or beside it, found neither")
            val vocabulary = Vocabulary.read(bytes)
            requireTableSize(vocabulary, files, model)
            val config = json(files, "config.json")
            val settings = json(files, "task.json")
            val task = settings.optString("task").ifEmpty { taskOf(config, model) }
            val named = config.optJSONObject("id2label")
            val labels = files.read("labels.txt")?.let(::lines)
                ?: List(named?.length() ?: 0) { named!!.getString(it.toString()) }
            val longest = json(files, "tokenizer_golden.json").optInt("max_length", DEFAULT_LENGTH)
            val names = arrayOf("do_lower_case", "strip_accents", "tokenize_chinese_chars")
            val tokenizer = tokenizer(vocabulary, json(files, "tokenizer_config.json"), names[0], names[1], names[2])
            val table = config.optInt("max_position_embeddings", longest)
            return ModelFacts(task, labels, tokenizer, minOf(longest, table), settings)
        }

        private fun tokenizer(vocabulary: Vocabulary, from: JSONObject, lower: String, strip: String, split: String) =
            WordPieceTokenizer(
                vocabulary,
                from.optBoolean(lower, true),
                if (from.isNull(strip)) null else from.getBoolean(strip),
                from.optBoolean(split, true),
            )

        private fun requireSame(beside: Vocabulary, own: Vocabulary, model: String) {
            val same = beside.size == own.size && (0 until own.size).all { beside.token(it) == own.token(it) }
            if (same) return
            throw KbertException(
                "vocab.txt: expected the vocabulary of $model, of ${own.size} tokens, got another one of " +
                    "${beside.size}. Take both files from one export",
            )
        }

        private fun requireTableSize(vocabulary: Vocabulary, files: ExportFiles, model: String) {
            val rows = json(files, "config.json").optInt("vocab_size", vocabulary.size)
            if (rows == vocabulary.size) return
            throw KbertException(
                "$model: expected a vocabulary of $rows tokens, the rows of the embedding table in config.json, got " +
                    "${vocabulary.size}. Take all files from one export",
            )
        }

        private fun taskOf(config: JSONObject, model: String): String {
            val architecture = config.optJSONArray("architectures")?.optString(0).orEmpty()
            val problem = config.optString("problem_type")
            return when {
                architecture.endsWith("TokenClassification") -> "token-classification"
                architecture.endsWith("QuestionAnswering") -> "question-answering"
                !architecture.endsWith("SequenceClassification") ->
                    throw KbertException("$model: expected a task in task.json or config.json, found none")
                problem == "multi_label_classification" -> "multi-label"
                problem == "regression" -> "regression"
                else -> "text-classification"
            }
        }

        private fun json(files: ExportFiles, name: String): JSONObject =
            files.read(name)?.let { JSONObject(String(it, Charsets.UTF_8)) } ?: JSONObject()

        private fun lines(bytes: ByteArray?): List<String> =
            if (bytes == null || bytes.isEmpty()) {
                listOf()
            } else {
                String(bytes, Charsets.UTF_8).removeSuffix("\n").split("\n").map { it.removeSuffix("\r") }
            }

        private const val DEFAULT_LENGTH = 128
    }
}
