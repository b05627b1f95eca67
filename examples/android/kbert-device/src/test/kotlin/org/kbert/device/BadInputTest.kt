package org.kbert.device

import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.Callable
import java.util.concurrent.Executors

/** Files that do not fit, each with its own clear exception; long texts, and many threads. */
class BadInputTest {
    private val case by lazy { JSONObject(parityFiles("answers-text-classification").first().readText()) }
    private val model by lazy { case.getString("model") }
    private val whole by lazy { ExportFolder(File(case.getString("folder"))) }

    @Test
    fun `a file that is not there, cut short or no model`() {
        assertEquals("other.onnx: expected an exported model, found no such file", message(whole, "other.onnx"))
        assertEquals("vocab.txt: expected a file called *.tflite or *.onnx", message(whole, "vocab.txt"))
        assertEquals(
            "/nowhere: expected an export directory, found none",
            message(ExportFolder(File("/nowhere")), model),
        )
        for (share in listOf(0.0, 0.3, 0.999)) {
            val cut = Changed(whole, model) { it.copyOf((it.size * share).toInt()) }
            assertTrue(message(cut, model).startsWith("$model: expected an ONNX file, ONNX Runtime does not take it"))
        }
    }

    @Test
    fun `a TFLite file that was cut short never reaches LiteRT`() {
        val tflite = File(case.getString("folder"), "model.tflite").readBytes()
        val packed = PackedFiles.read(ByteBuffer.wrap(tflite), "m")
        assertEquals(setOf("kbert.json", "labels.txt", "vocab.txt"), packed.keys)
        for (size in listOf(10, 100, tflite.size / 2, tflite.size - 100, tflite.size - 1)) {
            val error = assertThrows(KbertException::class.java) {
                LiteRtEncoder(ByteBuffer.wrap(tflite.copyOf(size)), "m.tflite")
            }
            assertTrue(error.message!!.startsWith("m.tflite: expected the files that kbert packs behind a model")) { error.message }
        }
        val start = assertThrows(KbertException::class.java) {
            LiteRtEncoder(ByteBuffer.wrap(tflite.copyOfRange(64, tflite.size)), "m.tflite")
        }
        assertEquals("m.tflite: expected a TFLite file, it does not begin like one", start.message)
        val middle = tflite.copyOfRange(0, 1000) + tflite.copyOfRange(2000, tflite.size)
        assertThrows(KbertException::class.java) { LiteRtEncoder(ByteBuffer.wrap(middle), "m.tflite") }
    }

    @Test
    fun `a file for another task`() {
        val error = assertThrows(KbertException::class.java) { QuestionAnswerer.open(whole, model) }
        assertEquals(
            "$model: expected a model for question-answering, this one is for text-classification. Open it with " +
                "TextClassifier",
            error.message,
        )
    }

    @Test
    fun `labels that are fewer than the outputs`() {
        val fewer = Changed(whole, "labels.txt") { "only\n".toByteArray() }
        assertTrue(message(fewer, model).contains("expected a label for each of the 3 numbers of logits, got 1: only"))
        val renamed = Changed(whole, "labels.txt") { "eins\nzwei\ndrei\n".toByteArray() }
        TextClassifier.open(renamed, model).use { assertEquals(listOf("eins", "zwei", "drei"), it.labels) }
    }

    @Test
    fun `a vocabulary that does not belong to the model`() {
        val other = Changed(whole, "vocab.txt") { it + "more\n".toByteArray() }
        assertTrue(message(other, model).startsWith("vocab.txt: expected the vocabulary of $model, of ")) { message(other, model) }
        val table = Changed(whole, "config.json") { "{\"vocab_size\": 119547}".toByteArray() }
        assertTrue(message(table, model).contains("expected a vocabulary of 119547 tokens, the rows of the embedding table"))
        val settings = Changed(whole, "config.json") { "no json".toByteArray() }
        assertTrue(message(settings, model).startsWith("$model: expected the settings that kbert writes"))
    }

    @Test
    fun `any text has an answer`() {
        TextClassifier.open(whole, model).use { classifier ->
            for (text in listOf("", " ", "\ud800", "a\udfff", "the film ".repeat(11_200), "x".repeat(100_000))) {
                val answer = classifier.classify(text)
                assertEquals(1f, answer.all.map { it.probability }.sum(), 1e-5f)
            }
        }
    }

    @Test
    fun `threads on one classifier do not mix their texts`() {
        val texts = List(40) { "the film was good ".repeat(it % 5) + "abcdefghij".take(it % 10) }
        TextClassifier.open(whole, model).use { classifier ->
            val alone = texts.map { classifier.classify(it).all }
            val pool = Executors.newFixedThreadPool(4)
            val found = pool.invokeAll(List(8) { Callable { texts.map { text -> classifier.classify(text).all } } })
            for (answers in found) assertEquals(alone, answers.get())
            pool.shutdown()
        }
    }

    @Test
    fun `a closed classifier says so`() {
        val classifier = TextClassifier.open(whole, model)
        classifier.close()
        classifier.close()
        val error = assertThrows(KbertException::class.java) { classifier.classify("the film") }
        assertEquals("$model: it was closed. Open it again", error.message)
    }

    private fun message(files: ExportFiles, name: String): String =
        assertThrows(KbertException::class.java) { TextClassifier.open(files, name) }.message!!

    /** An export directory with one file changed. */
    private class Changed(val files: ExportFiles, val name: String, val change: (ByteArray) -> ByteArray) : ExportFiles by files {
        override fun read(name: String): ByteArray? = files.read(name)?.let { if (name == this.name) change(it) else it }

        override fun map(name: String): ByteBuffer? {
            val bytes = read(name) ?: return null
            return ByteBuffer.allocateDirect(bytes.size).apply {
                put(bytes)
                rewind()
            }
        }
    }
}
