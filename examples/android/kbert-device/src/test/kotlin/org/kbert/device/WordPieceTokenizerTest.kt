package org.kbert.device

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class WordPieceTokenizerTest {
    private val small = tokenizer("[PAD] [UNK] [CLS] [SEP] [MASK] the film ##s was good . e cafe 中 😀")

    @Test
    fun `ids, tokens and offsets by hand`() {
        val encoding = small.encode("The FILMS.")
        assertEquals(listOf("[CLS]", "the", "film", "##s", ".", "[SEP]"), encoding.tokens())
        assertArrayEquals(intArrayOf(2, 5, 6, 7, 10, 3), encoding.tokenIds)
        assertArrayEquals(intArrayOf(0, 0, 4, 8, 9, 0), encoding.starts)
        assertArrayEquals(intArrayOf(0, 3, 8, 9, 10, 0), encoding.ends)
        assertFalse(encoding.truncated)
    }

    @Test
    fun `a pair by hand`() {
        val encoding = small.encode("the film", "good .")
        assertArrayEquals(intArrayOf(2, 5, 6, 3, 9, 10, 3), encoding.tokenIds)
        assertArrayEquals(intArrayOf(0, 0, 0, 0, 1, 1, 1), encoding.segmentIds)
    }

    @Test
    fun `of a pair the longer text loses first`() {
        fun kept(first: String, second: String, maxLength: Int): List<Int> {
            val tokens = small.encode(first, second, maxLength).tokens()
            return listOf(tokens.count { it == "the" }, tokens.count { it == "good" })
        }
        assertEquals(listOf(3, 2), kept("the the the", "good good", 8))
        assertEquals(listOf(2, 1), kept("the the the the", "good", 6))
        assertEquals(listOf(1, 2), kept("the", "good good good good", 6))
        assertEquals(listOf(2, 3), kept("the the the", "good good good", 8))
        assertEquals(listOf(3, 2), kept("the the the the", "good good good", 8))
        assertEquals(listOf(0, 2), kept("", "good good good", 5))
    }

    @Test
    fun `a cut text says so`() {
        val encoding = small.encode("the film was good", maxLength = 4)
        assertEquals(listOf("[CLS]", "the", "film", "[SEP]"), encoding.tokens())
        assertTrue(encoding.truncated)
        assertFalse(small.encode("the film", maxLength = 4).truncated)
        val error = assertThrows(KbertException::class.java) { small.encode("the", maxLength = 2) }
        assertEquals("maxLength must be at least 3 to hold the special tokens, got 2", error.message)
    }

    @Test
    fun `places in UTF-16 and in code points`() {
        val encoding = small.encode("😀 cafe\u0301 中")
        assertEquals(listOf("[CLS]", "😀", "cafe", "中", "[SEP]"), encoding.tokens())
        assertArrayEquals(intArrayOf(0, 0, 3, 9, 0), encoding.starts)
        assertArrayEquals(intArrayOf(0, 2, 7, 10, 0), encoding.ends)
        assertArrayEquals(intArrayOf(0, 0, 2, 8, 0), encoding.codePointStarts)
        assertArrayEquals(intArrayOf(0, 1, 6, 9, 0), encoding.codePointEnds)
    }

    @Test
    fun `special tokens inside a text are taken as such`() {
        val encoding = small.encode("the [MASK].[SEP] film [mask]")
        assertEquals(
            listOf("[CLS]", "the", "[MASK]", ".", "[SEP]", "film", "[UNK]", "[UNK]", "[UNK]", "[SEP]"),
            encoding.tokens(),
        )
        assertEquals(4, encoding.starts[2])
        assertEquals(10, encoding.ends[2])
    }

    @Test
    fun `half a surrogate pair is left out`() {
        val encoding = small.encode("\ud83d the fi\ude00lm\ud83d")
        assertEquals(listOf("[CLS]", "the", "film", "[SEP]"), encoding.tokens())
        assertArrayEquals(intArrayOf(0, 2, 6, 0), encoding.starts)
        assertArrayEquals(intArrayOf(0, 5, 11, 0), encoding.codePointEnds)
    }

    @Test
    fun `nothing, and very much`() {
        assertArrayEquals(intArrayOf(2, 3), small.encode("").tokenIds)
        val long = "the films. ".repeat(10_000)
        assertEquals(40_002, small.encode(long).size)
        assertEquals(128, small.encode(long, maxLength = 128).size)
        assertEquals(128, small.encode(long, long, maxLength = 128).size)
        // Marks without end, in the wrong order, take no longer than other text.
        assertEquals(3, small.encode("e" + "\u0301\u0323".repeat(50_000)).size)
        assertEquals(3, small.encode("[".repeat(1)).size)
        assertEquals(listOf(1), small.encode("x".repeat(100_000)).tokenIds.drop(1).dropLast(1))
    }

    @Test
    fun `a vocabulary that is none`() {
        fun message(bytes: ByteArray) =
            assertThrows(KbertException::class.java) { WordPieceTokenizer(Vocabulary.read(bytes)) }.message
        assertEquals("vocab.txt: expected one token a line, the file is empty", message(ByteArray(0)))
        assertEquals(
            "vocab.txt: expected every token once, 'a' is line 1 and line 3. Rename one of them, which keeps the ids " +
                "of the others",
            message("a\nb\na\n".toByteArray()),
        )
        assertEquals(
            "the vocabulary: expected the special tokens [PAD] [UNK] [CLS] [SEP] [MASK], [MASK] is missing",
            message("[PAD]\n[UNK]\n[CLS]\n[SEP]\n".toByteArray()),
        )
        for (bad in listOf("61 80", "61 c0 80", "61 ed a0 80", "61 f5 80 80 80", "61 e4 b8", "61 e0 80 80")) {
            val bytes = bad.split(" ").map { it.toInt(16).toByte() }.toByteArray()
            assertEquals(
                "vocab.txt: expected UTF-8, byte 1 is not. Save the vocabulary as UTF-8",
                message(bytes),
            )
        }
    }

    @Test
    fun `only a line feed ends a line`() {
        val vocabulary = Vocabulary.read("a\u0085\nb\r\n\u2028\n\n😀".toByteArray())
        assertEquals(listOf("a\u0085", "b", "\u2028", "", "😀"), List(vocabulary.size, vocabulary::token))
        assertEquals(4, vocabulary.idOf("😀"))
        assertEquals(-1, vocabulary.idOf("c"))
    }

    private fun tokenizer(words: String) = WordPieceTokenizer(Vocabulary.read(words.replace(' ', '\n').toByteArray()))
}
