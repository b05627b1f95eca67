package org.kbert.device

import org.json.JSONArray
import org.junit.jupiter.api.Assertions.fail
import org.junit.jupiter.api.Assumptions.assumeTrue
import java.io.File

/** What pytest writes down before it runs these tests; without it there is nothing to compare with. */
internal fun parityFiles(prefix: String): List<File> {
    val folder = System.getenv("KBERT_PARITY")
    assumeTrue(folder != null, "run by pytest tests/device, which writes down what Python finds")
    val files = File(folder).listFiles { file -> file.name.startsWith(prefix) } ?: fail("$folder: no such folder")
    return files.sorted().ifEmpty { fail("$folder: no $prefix files") }
}

internal fun ints(array: JSONArray): List<Int> = List(array.length()) { array.getInt(it) }

internal fun escaped(text: String): String =
    text.map { if (it in ' '..'~') it.toString() else "\\u%04x".format(it.code) }.joinToString("")
