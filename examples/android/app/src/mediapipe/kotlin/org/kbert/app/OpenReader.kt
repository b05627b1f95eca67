package org.kbert.app

import android.content.Context
import com.google.mediapipe.tasks.core.BaseOptions
import com.google.mediapipe.tasks.text.textclassifier.TextClassifier
import org.kbert.device.ExportFiles
import org.kbert.device.GoldenResult
import org.kbert.device.Label

/** The same screen and the same file in MediaPipe: its tokenizer, which lower-cases ASCII only and strips no accents. */
fun openReader(context: Context, files: ExportFiles, model: String): Reader {
    val base = BaseOptions.builder().setModelAssetBuffer(files.map(model)!!).build()
    val options = TextClassifier.TextClassifierOptions.builder().setBaseOptions(base).build()
    val classifier = TextClassifier.createFromOptions(context, options)
    return object : Reader {
        override val about = "$model, MediaPipe"
        override val needsPair = false

        override fun read(text: String, textB: String?): Reading {
            val found = classifier.classify(text).classificationResult().classifications().first().categories()
            return Reading(found.map { Label(it.categoryName(), it.score()) }, "", listOf())
        }

        override fun golden(): GoldenResult? = null

        override fun close() = classifier.close()
    }
}
