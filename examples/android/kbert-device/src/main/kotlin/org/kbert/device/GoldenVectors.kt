package org.kbert.device

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

/** What a device's tokenizer made of `tokenizer_golden.json`: how many texts, and what is wrong with the first wrong one. */
class GoldenResult internal constructor(val texts: Int, val wrong: Int, val firstWrong: String?) {
    val passed: Boolean get() = wrong == 0 && texts > 0
}

/** The test vectors that every export has: texts with the tokens, ids and places that its tokenizer gives in Python. */
object GoldenVectors {
    /** @throws KbertException there is no such file, or it holds something else. */
    @JvmStatic
    fun check(files: ExportFiles, tokenizer: WordPieceTokenizer, name: String = "tokenizer_golden.json"): GoldenResult {
        val bytes = explained(name) { files.read(name) }
            ?: throw KbertException("$name: expected the test vectors of an export, found none")
        try {
            val golden = JSONObject(String(bytes, Charsets.UTF_8))
            val vectors = golden.getJSONArray("vectors")
            val wrong = (0 until vectors.length()).mapNotNull {
                difference(vectors.getJSONObject(it), tokenizer, golden.getInt("max_length"))
            }
            return GoldenResult(vectors.length(), wrong.size, wrong.firstOrNull())
        } catch (error: JSONException) {
            throw KbertException("$name: expected what kbert writes, got something else (${error.message})", error)
        }
    }

    private fun difference(vector: JSONObject, tokenizer: WordPieceTokenizer, maxLength: Int): String? {
        val encoding = tokenizer.encode(vector.getString("text"), maxLength = maxLength)
        val offsets = vector.getJSONArray("offsets")
        val places = List(offsets.length()) { ints(offsets.getJSONArray(it)) }
        val found = List(encoding.size) { listOf(encoding.codePointStarts[it], encoding.codePointEnds[it]) }
        val tokens = vector.getJSONArray("tokens").let { array -> List(array.length()) { array.getString(it) } }
        return when {
            ints(vector.getJSONArray("token_ids")) != encoding.tokenIds.toList() ->
                "'${vector.getString("text")}': expected $tokens, got ${encoding.tokens()}"
            tokens != encoding.tokens() -> "'${vector.getString("text")}': expected $tokens, got ${encoding.tokens()}"
            places != found -> "'${vector.getString("text")}': expected the places $places, got $found"
            else -> null
        }
    }

    private fun ints(array: JSONArray): List<Int> = List(array.length()) { array.getInt(it) }
}
