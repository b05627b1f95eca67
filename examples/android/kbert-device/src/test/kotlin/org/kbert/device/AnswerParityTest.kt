package org.kbert.device

import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import java.io.File

/** Text in, answer out, in ONNX Runtime: the same as `kbert predict` gives of the same file, for every task. */
class AnswerParityTest {
    @Test
    fun `every answer is Python's`() {
        val counts = compare("answers-")
        println("answers equal Python's: $counts")
        assertTrue(counts.size >= 8)
    }

    /** With the native library of the archive for phones, which tests/device/android_library.py brings into a JVM. */
    @Test
    fun `every answer in LiteRT is Python's`() {
        assumeTrue(System.getenv("KBERT_ANDROID_LIBRARY") != null, "needs a C compiler and Linux on x86_64")
        val counts = compare("lite-")
        println("answers in LiteRT equal Python's: $counts")
        assertEquals(3, counts.size)
    }

    private fun compare(prefix: String): Map<String, Int> {
        val counts = sortedMapOf<String, Int>()
        for (file in parityFiles(prefix)) {
            val case = JSONObject(file.readText())
            val files = ExportFolder(File(case.getString("folder")))
            val rows = case.getJSONArray("rows")
            val task = case.getString("task")
            answerer(task, files, case.getString("model")).use { model ->
                for (i in 0 until rows.length()) {
                    val row = rows.getJSONObject(i)
                    val given = row.getJSONArray("given")
                    val texts = List(given.length()) { given.getString(it) }
                    model.check(texts, row.getJSONObject("answer"))
                }
            }
            counts[file.nameWithoutExtension] = rows.length()
        }
        return counts
    }

    private class Case(val model: TextModel, val check: (List<String>, JSONObject) -> Unit) : AutoCloseable {
        override fun close() = model.close()
    }

    private fun answerer(task: String, files: ExportFiles, file: String): Case =
        when (task) {
            "text-classification" -> TextClassifier.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer ->
                    val found = model.classify(texts[0], texts.getOrNull(1))
                    assertEquals(answer.getString("label"), found.label, texts[0])
                    near(answer.getDouble("probability"), found.probability.toDouble(), texts)
                    labels(answer, found.all, texts)
                }
            }
            "multi-label" -> MultiLabelClassifier.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer ->
                    val found = model.classify(texts[0], texts.getOrNull(1))
                    val given = answer.getJSONArray("labels")
                    assertEquals(List(given.length()) { given.getString(it) }, found.given.map { it.name })
                    near(answer.getDouble("threshold"), model.threshold, texts)
                    labels(answer, found.all, texts)
                }
            }
            "regression" -> TextScorer.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer ->
                    near(answer.getDouble("score"), model.score(texts[0], texts.getOrNull(1)).toDouble(), texts)
                }
            }
            "token-classification" -> TokenClassifier.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer -> tagged(texts, answer, model.tag(texts[0])) }
            }
            "intent-slots" -> IntentSlotClassifier.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer ->
                    val found = model.read(texts[0])
                    assertEquals(answer.getString("intent"), found.intent)
                    near(answer.getDouble("probability"), found.probability.toDouble(), texts)
                    tagged(texts, answer, found.slots)
                }
            }
            "question-answering" -> QuestionAnswerer.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer ->
                    val found = model.answer(texts[0], texts[1])
                    assertEquals(answer.getString("answer"), found.best?.text ?: "", texts[1])
                    assertEquals(answer.isNull("start"), found.best == null)
                    found.best?.let {
                        assertEquals(answer.getInt("start"), codePoint(texts[1], it.start))
                        assertEquals(answer.getInt("end"), codePoint(texts[1], it.end))
                    }
                    near(answer.getDouble("no_answer_score"), found.noAnswerProbability, texts)
                    near(answer.getDouble("score"), found.best?.probability ?: found.noAnswerProbability, texts)
                }
            }
            else -> TextEmbedder.open(files, file, EncoderOptions(threads = 1)).let { model ->
                Case(model) { texts, answer ->
                    val vectors = texts.map(model::embed)
                    if (vectors.size == 2) {
                        near(answer.getDouble("cosine"), TextEmbedder.cosine(vectors[0], vectors[1]), texts)
                    } else {
                        val expected = answer.getJSONArray("embedding")
                        assertEquals(expected.length(), vectors[0].size)
                        for (i in vectors[0].indices) near(expected.getDouble(i), vectors[0][i].toDouble(), texts)
                    }
                }
            }
        }

    private fun labels(answer: JSONObject, found: List<Label>, texts: List<String>) {
        val probabilities = answer.getJSONObject("probabilities")
        assertEquals(probabilities.length(), found.size)
        for (label in found) near(probabilities.getDouble(label.name), label.probability.toDouble(), texts)
        assertEquals(found.sortedByDescending { it.probability }, found)
    }

    private fun tagged(texts: List<String>, answer: JSONObject, found: TaggedText) {
        val text = texts[0]
        if (answer.has("tags")) {
            val tags = answer.getJSONArray("tags")
            assertEquals(tags.length(), found.words.size, text)
            for ((i, word) in found.words.withIndex()) {
                val tag = tags.getJSONObject(i)
                assertEquals(tag.getString("text"), word.text)
                assertEquals(tag.getString("tag"), word.tag, "$i of $text")
                assertEquals(tag.getInt("start"), codePoint(text, word.start))
                assertEquals(tag.getInt("end"), codePoint(text, word.end))
                near(tag.getDouble("score"), word.score.toDouble(), texts)
            }
            return
        }
        val entities = answer.getJSONArray("entities")
        assertEquals(entities.length(), found.entities.size, text)
        for ((i, entity) in found.entities.withIndex()) {
            val expected = entities.getJSONObject(i)
            assertEquals(expected.getString("text"), entity.text)
            assertEquals(expected.getString("label"), entity.label)
            assertEquals(expected.getInt("start"), codePoint(text, entity.start))
            assertEquals(expected.getInt("end"), codePoint(text, entity.end))
            near(expected.getDouble("score"), entity.score, texts)
        }
    }

    private fun codePoint(text: String, place: Int): Int = text.codePointCount(0, place)

    /** Python rounds to six digits, and its ONNX Runtime may be another version, which sums in another order. */
    private fun near(expected: Double, found: Double, texts: List<String>) =
        assertTrue(kotlin.math.abs(expected - found) <= 1e-5) { "$expected, $found: ${texts.map(::escaped)}" }
}
