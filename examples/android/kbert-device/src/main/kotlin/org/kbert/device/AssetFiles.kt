package org.kbert.device

import android.content.res.AssetManager
import java.io.FileInputStream
import java.io.FileNotFoundException
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/**
 * An export directory in an app's assets: the one file of this library that imports Android.
 *
 * Models have to lie uncompressed in the app, as `androidResources { noCompress += listOf("tflite", "onnx") }` asks for.
 *
 * @param folder where in the assets, such as `export`.
 */
class AssetFiles(private val assets: AssetManager, private val folder: String = "") : ExportFiles {
    override fun read(name: String): ByteArray? =
        try {
            assets.open(path(name)).use { it.readBytes() }
        } catch (_: FileNotFoundException) {
            null
        }

    override fun map(name: String): ByteBuffer? =
        try {
            assets.openFd(path(name)).use { asset ->
                FileInputStream(asset.fileDescriptor).use { stream ->
                    stream.channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.declaredLength)
                }
            }
        } catch (error: FileNotFoundException) {
            if (read(name) == null) null else throw KbertException(compressed(name), error)
        }

    override fun models(): List<String> =
        (list("") + list("onnx").map { "onnx/$it" }).filter(::isModel).sorted()

    private fun list(name: String): List<String> = assets.list(path(name).trimEnd('/')).orEmpty().toList()

    private fun path(name: String): String = if (folder.isEmpty()) name else "$folder/$name"

    private fun compressed(name: String): String =
        "${path(name)}: expected a model that lies uncompressed in the app. Put androidResources { noCompress += " +
            "listOf(\"tflite\", \"onnx\") } into the app's build.gradle.kts"
}
