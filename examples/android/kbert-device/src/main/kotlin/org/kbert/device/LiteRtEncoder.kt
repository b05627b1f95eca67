package org.kbert.device

import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * A TFLite file in LiteRT. The inputs are resized to each text and told apart by the signature; buffers are kept, and
 * grow to the longest text.
 *
 * @param model mapped, or direct and in native order: LiteRT reads it where it is.
 * @throws KbertException the file is cut short, or LiteRT does not take it.
 */
class LiteRtEncoder(model: ByteBuffer, override val file: String, options: EncoderOptions = EncoderOptions()) : Encoder {
    override val packed: Map<String, ByteArray> = PackedFiles.read(model, file)
    override val runtime: String = "LiteRT"
    override val isActivated: Boolean = true
    override val outputs: Map<String, Int>

    private val lock = Any()
    private val interpreter: Interpreter
    private val inputOrder: IntArray // of ids, mask and segment_ids among the interpreter's inputs
    private val outputNames: List<String> // in the interpreter's order
    private val fixedLength: Int // 0 where texts may have any length
    private var length = -1
    private var inputs = arrayOf<Any>()
    private val storage = Array(INPUTS.size) { direct(0) }
    private var closed = false

    init {
        interpreter = try {
            val given = Interpreter.Options().setNumThreads(options.threads)
            options.liteRt?.invoke(given)
            Interpreter(model, given)
        } catch (error: IllegalArgumentException) {
            throw notTaken(error)
        } catch (error: IllegalStateException) {
            throw notTaken(error)
        }
        try {
            val signature = interpreter.signatureKeys.singleOrNull()
                ?: throw KbertException("$file: expected one signature, found ${interpreter.signatureKeys.size}")
            val names = interpreter.getSignatureInputs(signature).toSet()
            val missing = INPUTS.firstOrNull { it !in names }
            if (missing != null) {
                throw KbertException("$file: expected the inputs ${INPUTS.joinToString(", ")}, $missing is missing")
            }
            inputOrder = IntArray(INPUTS.size) { number ->
                val wanted = interpreter.getInputTensorFromSignature(INPUTS[number], signature).index()
                (0 until interpreter.inputTensorCount).first { interpreter.getInputTensor(it).index() == wanted }
            }
            val byIndex = interpreter.getSignatureOutputs(signature).associateBy {
                interpreter.getOutputTensorFromSignature(it, signature).index()
            }
            outputNames = List(interpreter.outputTensorCount) { byIndex[interpreter.getOutputTensor(it).index()].orEmpty() }
            outputs = outputNames.indices.associate { outputNames[it] to lastAxis(interpreter.getOutputTensor(it)) }
            val declared = interpreter.getInputTensor(inputOrder[0]).shapeSignature().last()
            fixedLength = maxOf(0, declared)
        } catch (error: RuntimeException) {
            interpreter.close()
            throw error as? KbertException ?: notTaken(error)
        }
    }

    override fun run(row: TokenRow): Map<String, FloatArray> =
        synchronized(lock) {
            if (closed) throw closed(file)
            if (fixedLength in 1 until row.size) {
                throw KbertException("$file: expected at most $fixedLength tokens, got ${row.size}")
            }
            try {
                resize(if (fixedLength > 0) fixedLength else row.size)
                fill(row)
                // Nothing is copied out: the outputs are read where they are.
                interpreter.runForMultipleInputsOutputs(inputs, emptyMap<Int, Any>())
                outputNames.indices.associate { outputNames[it] to floats(it, row.size) }
            } catch (error: IllegalArgumentException) {
                throw KbertException("$file: LiteRT failed at ${row.size} tokens (${firstLine(error)})", error)
            } catch (error: IllegalStateException) {
                throw KbertException("$file: LiteRT failed at ${row.size} tokens (${firstLine(error)})", error)
            }
        }

    override fun close() =
        synchronized(lock) {
            if (!closed) interpreter.close()
            closed = true
        }

    private fun resize(wanted: Int) {
        if (wanted == length) return
        for (input in inputOrder) interpreter.resizeInput(input, intArrayOf(1, wanted))
        interpreter.allocateTensors()
        val bytes = wanted * Int.SIZE_BYTES
        inputs = arrayOfNulls<ByteBuffer>(INPUTS.size).let { views ->
            for (number in INPUTS.indices) {
                if (storage[number].capacity() < bytes) storage[number] = direct(maxOf(bytes, 2 * storage[number].capacity()))
                // LiteRT looks at a buffer's capacity: it wants one of just the tensor's size.
                val view = storage[number].duplicate()
                view.showOnly(0, bytes)
                views[inputOrder[number]] = view.slice().order(ByteOrder.nativeOrder())
            }
            Array(views.size) { views[it]!! }
        }
        length = wanted
    }

    private fun fill(row: TokenRow) {
        for (number in INPUTS.indices) {
            val target = (inputs[inputOrder[number]] as ByteBuffer).asIntBuffer()
            for (i in 0 until length) {
                val value = when {
                    i >= row.size -> 0
                    number == IDS -> row.ids[i]
                    number == MASK -> 1
                    else -> row.segmentIds[i]
                }
                target.put(i, value)
            }
        }
    }

    private fun floats(output: Int, tokens: Int): FloatArray {
        val tensor = interpreter.getOutputTensor(output)
        val values = FloatArray(tensor.numElements())
        tensor.asReadOnlyBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer().get(values)
        // An output of tokens has the padding's too.
        val isOfTokens = tensor.shape().size > 2 || outputNames[output] in TOKEN_OUTPUTS
        return if (isOfTokens && tokens < length) values.copyOf(values.size / length * tokens) else values
    }

    private fun lastAxis(tensor: Tensor): Int = maxOf(0, tensor.shapeSignature().last())

    private fun notTaken(error: RuntimeException) =
        KbertException("$file: LiteRT does not take this file (${firstLine(error)})", error)

    private companion object {
        val INPUTS = listOf("ids", "mask", "segment_ids")
        const val IDS = 0
        const val MASK = 1
        val TOKEN_OUTPUTS = listOf("start_logits", "end_logits")

        fun direct(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())
    }
}

internal fun firstLine(error: Throwable): String = error.message.orEmpty().lineSequence().first()
