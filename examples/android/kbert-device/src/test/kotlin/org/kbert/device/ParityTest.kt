package org.kbert.device

import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import java.io.File

/** The same ids and places as Python's tokenizer, on what Python wrote down: see tests/device. */
class ParityTest {
    @Test
    fun `random texts have their ids and places`() = compare("tokens-", "random texts have Python's ids and places")

    @Test
    fun `texts of every code point have their ids and places`() =
        compare("every-", "texts of every code point have Python's ids and places")

    @Test
    fun `random texts have their ids and places in Google's vocabularies`() {
        assumeTrue(parityFiles("").any { it.name.startsWith("google-") }, "no vocabularies here")
        compare("google-", "random texts have Python's ids and places in Google's vocabularies")
    }

    private fun compare(prefix: String, words: String) {
        var texts = 0
        for (file in parityFiles(prefix)) {
            file.useLines { lines ->
                var tokenizer: WordPieceTokenizer? = null
                for (line in lines) {
                    val row = JSONObject(line)
                    if (tokenizer == null) {
                        tokenizer = tokenizerOf(row)
                    } else {
                        check(tokenizer, row, file.name)
                        texts++
                    }
                }
            }
        }
        println("$texts $words")
        assertTrue(texts > 0)
    }

    @Test
    fun `every text of Python's has its words and characters`() {
        var texts = 0
        for (file in parityFiles("words-")) {
            file.forEachLine { line ->
                val row = JSONObject(line)
                val text = CodePoints(row.getString("text"))
                val words = Words.of(text)
                val found = (0 until words.size).flatMap { listOf(words.starts[it], words.ends[it]) }
                assertEquals(ints(row.getJSONArray("words")), found) { escaped(text.text) }
                val edges = mutableListOf(0)
                while (edges.last() < text.size) edges.add(Graphemes.end(text, edges.last()))
                assertEquals(ints(row.getJSONArray("edges")), edges) { escaped(text.text) }
                texts++
            }
        }
        println("$texts texts have Python's words and characters")
        assertTrue(texts > 0)
    }

    @Test
    fun `every golden line has its ids and places`() {
        val folder = File(System.getenv("KBERT_SHARED") ?: "../../../../shared")
        val there = File(folder, "golden/tokenizer").isDirectory
        if (System.getenv("CI") == "true") assertTrue(there) { "$folder: the golden answers must be there in CI" }
        assumeTrue(there, "$folder: no golden answers here")
        var lines = 0
        val lowercase = mapOf("uncased" to true, "cased" to false, "multilingual-cased" to false, "chinese" to true)
        for ((name, lower) in lowercase) {
            val file = File(folder, "data/vocabs/bert-base-$name.vocab.txt")
            val tokenizer = WordPieceTokenizer(Vocabulary.read(file.readBytes(), file.name), lower)
            val pairs = if (name == "uncased") File(folder, "golden/tokenizer/pairs-uncased.jsonl").readLines() else listOf()
            for (line in File(folder, "golden/tokenizer/$name.jsonl").readLines() + pairs) {
                val row = JSONObject(line)
                val isPair = row.has("text_a")
                val encoding =
                    if (!isPair) {
                        tokenizer.encode(row.getString("text"))
                    } else {
                        tokenizer.encode(row.getString("text_a"), row.getString("text_b"), row.getInt("max_length"))
                    }
                // Pairs are padded in the file.
                assertEquals(ints(row.getJSONArray("ids")).take(encoding.size), encoding.tokenIds.toList()) { line }
                val offsets = row.getJSONArray("offsets")
                val places = (0 until encoding.size).map { ints(offsets.getJSONArray(it)) }
                val found = encoding.codePointStarts.zip(encoding.codePointEnds) { start, end -> listOf(start, end) }
                assertEquals(places, found) { line }
                if (isPair) {
                    val mask = ints(row.getJSONArray("padding_mask"))
                    assertEquals(mask.sum(), encoding.size)
                    assertEquals(
                        ints(row.getJSONArray("segment_ids")).take(encoding.size),
                        encoding.segmentIds.toList(),
                    )
                }
                lines++
            }
        }
        assertEquals(4 * 469 + 120, lines)
        println("$lines golden lines have their ids and places")
    }

    private fun check(tokenizer: WordPieceTokenizer, row: JSONObject, name: String) {
        val text = row.getString("text")
        val second = if (row.isNull("text_b")) null else row.getString("text_b")
        val encoding = tokenizer.encode(text, second, if (row.isNull("max_length")) null else row.getInt("max_length"))
        val about = { "$name: ${escaped(text)} | ${escaped(second ?: "")}" }
        assertEquals(ints(row.getJSONArray("ids")), encoding.tokenIds.toList(), about)
        assertEquals(ints(row.getJSONArray("segments")), encoding.segmentIds.toList(), about)
        val places = encoding.codePointStarts.indices.flatMap {
            listOf(encoding.codePointStarts[it], encoding.codePointEnds[it])
        }
        assertEquals(ints(row.getJSONArray("offsets")), places, about)
        assertEquals(row.getBoolean("truncated"), encoding.truncated, about)
        for (i in 0 until encoding.size) {
            val source = if (encoding.segmentIds[i] == 1) second!! else text
            // The same places in UTF-16.
            assertEquals(encoding.codePointStarts[i], source.codePointCount(0, encoding.starts[i]), about)
            assertEquals(encoding.codePointEnds[i], source.codePointCount(0, encoding.ends[i]), about)
        }
    }

    private fun tokenizerOf(settings: JSONObject): WordPieceTokenizer {
        val vocabulary = Vocabulary.read(File(settings.getString("vocabulary")).readBytes())
        val stripAccents = if (settings.isNull("strip_accents")) null else settings.getBoolean("strip_accents")
        return WordPieceTokenizer(
            vocabulary,
            settings.getBoolean("lowercase"),
            stripAccents,
            settings.getBoolean("split_chinese"),
        )
    }
}
