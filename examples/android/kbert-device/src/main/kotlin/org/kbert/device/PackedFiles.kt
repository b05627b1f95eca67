package org.kbert.device

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.zip.CRC32

/** The vocabulary, the labels and the settings that kbert packs into a TFLite file, as a ZIP archive behind the model. */
internal object PackedFiles {
    /**
     * The contents by name.
     *
     * Read before LiteRT sees the file, which may crash on one that was cut short: of such a file the archive's end is
     * missing, or does not point to where its files are.
     */
    fun read(model: ByteBuffer, source: String): Map<String, ByteArray> {
        val bytes = model.duplicate().order(ByteOrder.LITTLE_ENDIAN)
        val identifier = (4 until 8).map { if (it < bytes.limit()) bytes.get(it).toInt().toChar() else ' ' }
        if (identifier.joinToString("") != "TFL3") {
            throw KbertException("$source: expected a TFLite file, it does not begin like one")
        }
        val end = (bytes.limit() - END_SIZE downTo maxOf(0, bytes.limit() - END_SIZE - 0xffff))
            .firstOrNull { bytes.getInt(it) == END } ?: throw cutShort(source)
        return try {
            entries(bytes, end, source)
        } catch (error: IndexOutOfBoundsException) {
            throw cutShort(source, error)
        } catch (error: IllegalArgumentException) {
            throw cutShort(source, error)
        }
    }

    private fun entries(bytes: ByteBuffer, end: Int, source: String): Map<String, ByteArray> {
        val found = LinkedHashMap<String, ByteArray>()
        var place = bytes.getInt(end + 16)
        repeat(short(bytes, end + 10)) {
            if (bytes.getInt(place) != ENTRY) throw cutShort(source)
            val name = String(slice(bytes, place + 46, short(bytes, place + 28)), Charsets.UTF_8)
            if (short(bytes, place + 10) != 0) {
                throw KbertException("$source: expected files that are packed uncompressed, $name is not. Use zip -0")
            }
            val size = bytes.getInt(place + 24)
            val local = bytes.getInt(place + 42)
            if (bytes.getInt(local) != LOCAL) throw cutShort(source)
            val content = slice(bytes, local + 30 + short(bytes, local + 26) + short(bytes, local + 28), size)
            if (CRC32().apply { update(content) }.value.toInt() != bytes.getInt(place + 16)) throw cutShort(source)
            found[name] = content
            place += 46 + short(bytes, place + 28) + short(bytes, place + 30) + short(bytes, place + 32)
        }
        return found
    }

    private fun short(bytes: ByteBuffer, place: Int): Int = bytes.getShort(place).toInt() and 0xffff

    private fun slice(bytes: ByteBuffer, start: Int, size: Int): ByteArray {
        val part = bytes.duplicate()
        part.showOnly(start, start + size)
        return ByteArray(size).also { part.get(it) }
    }

    private fun cutShort(source: String, cause: Throwable? = null) =
        KbertException(
            "$source: expected the files that kbert packs behind a model, found none: it was cut short, damaged, or not " +
                "exported by kbert. Copy it again, or export it again",
            cause,
        )

    private const val END = 0x06054b50
    private const val END_SIZE = 22
    private const val ENTRY = 0x02014b50
    private const val LOCAL = 0x04034b50
}
