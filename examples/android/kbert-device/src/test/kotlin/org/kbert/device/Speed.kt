package org.kbert.device

import org.json.JSONArray
import org.json.JSONObject
import java.io.File
import java.lang.management.ManagementFactory

/**
 * What `benchmarks/jvm_speed.py` measures: prints one JSON object.
 *
 * `tokenize VOCABULARY TEXTS` and `answer EXPORT MODEL TEXTS THREADS`; a text a line.
 */
fun main(arguments: Array<String>) {
    val found = when (arguments[0]) {
        "tokenize" -> tokenize(File(arguments[1]), texts(arguments[2]))
        else -> answer(File(arguments[1]), arguments[2], texts(arguments[3]), arguments[4].toInt())
    }
    println(found)
}

private val bean = ManagementFactory.getThreadMXBean() as com.sun.management.ThreadMXBean

/** The first load of a vocabulary in this process, and tokens a second once the code is compiled. */
private fun tokenize(path: File, texts: List<String>): JSONObject {
    val start = System.nanoTime()
    val startOfWork = bean.currentThreadCpuTime
    val tokenizer = WordPieceTokenizer(Vocabulary.read(path.readBytes(), path.name))
    tokenizer.encode("warm") // loads the Unicode tables
    val loaded = System.nanoTime() - start
    val worked = bean.currentThreadCpuTime - startOfWork
    val warm = System.nanoTime() + 4_000_000_000
    while (System.nanoTime() < warm) texts.forEach { tokenizer.encode(it) }
    var best = Long.MAX_VALUE
    var tokens = 0L
    repeat(10) {
        tokens = 0
        val from = System.nanoTime()
        for (text in texts) tokens += tokenizer.encode(text).size
        best = minOf(best, System.nanoTime() - from)
    }
    return JSONObject()
        .put("vocabulary", tokenizer.vocabulary.size)
        .put("load_ms", loaded / 1e6)
        .put("load_processor_ms", worked / 1e6)
        .put("tokens_per_second", tokens / (best / 1e9))
        .put("allocated_bytes_per_character", allocated(tokenizer))
}

/** How many more bytes a text ten times as long takes, for each further character: its tokens' places, nothing else. */
private fun allocated(tokenizer: WordPieceTokenizer): Double {
    fun bytes(text: String): Long {
        val before = bean.getThreadAllocatedBytes(Thread.currentThread().id)
        tokenizer.encode(text)
        return bean.getThreadAllocatedBytes(Thread.currentThread().id) - before
    }
    // One word that is unknown: however long it is, it becomes one token.
    val short = "é".repeat(10_000)
    val long = "é".repeat(100_000)
    bytes(short)
    return (bytes(long) - bytes(short)) / 90_000.0
}

/** Milliseconds from a text to its label, one text at a time, and the labels. */
private fun answer(export: File, model: String, texts: List<String>, threads: Int): JSONObject {
    val start = System.nanoTime()
    TextClassifier.open(ExportFolder(export), model, EncoderOptions(threads)).use { classifier ->
        val opened = System.nanoTime() - start
        texts.forEach { classifier.classify(it) }
        val times = LongArray(texts.size)
        val answers = texts.mapIndexed { i, text ->
            val from = System.nanoTime()
            classifier.classify(text).also { times[i] = System.nanoTime() - from }
        }
        return JSONObject()
            .put("runtime", classifier.runtime)
            .put("open_ms", opened / 1e6)
            .put("mean_ms", times.average() / 1e6)
            .put("median_ms", times.sorted()[times.size / 2] / 1e6)
            .put("labels", JSONArray(answers.map { it.label }))
            .put("probabilities", JSONArray(answers.map { it.probability.toDouble() }))
    }
}

private fun texts(path: String): List<String> = File(path).readLines()
