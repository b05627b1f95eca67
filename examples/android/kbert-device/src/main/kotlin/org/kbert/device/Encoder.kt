package org.kbert.device

import ai.onnxruntime.OrtSession
import org.tensorflow.lite.Interpreter
import java.io.Closeable

/** One text, a pair or a window of one, as a model reads it: ids, and 1 for the second text. */
class TokenRow(val ids: IntArray, val segmentIds: IntArray = IntArray(ids.size)) {
    val size: Int get() = ids.size
}

/** A model in a runtime: rows of tokens in, numbers out. Any number of threads may use one; they wait for each other. */
interface Encoder : Closeable {
    /** The name of the file, for messages. */
    val file: String

    /** Such as `LiteRT`. */
    val runtime: String

    /** The files that the model carries: `kbert.json`, `vocab.txt`, `labels.txt`. */
    val packed: Map<String, ByteArray>

    /** The outputs by name, each with its last axis; 0 where that is not known. */
    val outputs: Map<String, Int>

    /** Whether outputs are probabilities and scores already (TFLite) or logits (ONNX). */
    val isActivated: Boolean

    /**
     * The outputs of one row by name, without the batch axis, the last axis running fastest.
     *
     * @throws KbertException the runtime failed, or it is closed.
     */
    fun run(row: TokenRow): Map<String, FloatArray>

    companion object {
        /**
         * Opens a model of an export directory in the runtime that its name asks for: LiteRT for `.tflite`, ONNX
         * Runtime for `.onnx`. Only that runtime has to be in the app.
         *
         * @throws KbertException it is missing, cut short, or not taken by its runtime.
         */
        @JvmStatic
        @JvmOverloads
        fun open(files: ExportFiles, model: String, options: EncoderOptions = EncoderOptions()): Encoder {
            if (!isModel(model)) throw KbertException("$model: expected a file called *.tflite or *.onnx")
            val bytes = explained(model) { files.map(model) }
                ?: throw KbertException("$model: expected an exported model, found no such file")
            return if (model.endsWith(".tflite")) {
                LiteRtEncoder(bytes, model, options)
            } else {
                OnnxEncoder(bytes, model, options)
            }
        }
    }
}

/**
 * How to run a model.
 *
 * @param threads of the processor for one text.
 * @param liteRt what else to set in LiteRT, such as a delegate: `{ it.addDelegate(GpuDelegate()) }`. A delegate is the
 *   caller's to close.
 * @param onnx what else to set in ONNX Runtime, such as `{ it.addNnapi() }`.
 */
class EncoderOptions @JvmOverloads constructor(
    val threads: Int = 2,
    val liteRt: ((Interpreter.Options) -> Unit)? = null,
    val onnx: ((OrtSession.SessionOptions) -> Unit)? = null,
) {
    init {
        if (threads < 1) throw KbertException("threads must be 1 or more, got $threads")
    }
}

internal fun closed(file: String) = KbertException("$file: it was closed. Open it again")
