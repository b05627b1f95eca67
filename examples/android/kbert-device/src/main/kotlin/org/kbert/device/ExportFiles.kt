package org.kbert.device

import java.io.File
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** An export directory, wherever it lies: a folder here, an app's assets in [AssetFiles]. */
interface ExportFiles {
    /** The bytes of a file, or null where there is none of that name. */
    fun read(name: String): ByteArray?

    /** A file as memory that a runtime reads without a copy, or null where there is none of that name. */
    fun map(name: String): ByteBuffer?

    /** The models in it, `.tflite` and `.onnx`. */
    fun models(): List<String>
}

/** An export directory in a folder of the file system. */
class ExportFolder(private val folder: File) : ExportFiles {
    override fun read(name: String): ByteArray? = at(name)?.readBytes()

    override fun map(name: String): ByteBuffer? =
        at(name)?.let { file ->
            RandomAccessFile(file, "r").use { it.channel.map(FileChannel.MapMode.READ_ONLY, 0, it.length()) }
        }

    override fun models(): List<String> =
        folder.walk().filter { it.isFile && isModel(it.name) }.map { it.relativeTo(folder).invariantSeparatorsPath }
            .sorted().toList()

    private fun at(name: String): File? {
        if (!folder.isDirectory) throw KbertException("$folder: expected an export directory, found none")
        return File(folder, name).takeIf { it.isFile }
    }
}

internal fun isModel(name: String): Boolean = name.endsWith(".tflite") || name.endsWith(".onnx")

/** What reading gives; an error of the disk as one of ours. */
internal inline fun <T> explained(name: String, read: () -> T): T =
    try {
        read()
    } catch (error: IOException) {
        throw KbertException("$name: could not be read (${error.message})", error)
    }

/**
 * Sets a buffer's window. Declared for `Buffer`, since calls of a `ByteBuffer`'s own `position` and `limit`, as Java 9
 * and later have them, do not exist on Android 24.
 */
internal fun Buffer.showOnly(start: Int, end: Int) {
    limit(end)
    position(start)
}
