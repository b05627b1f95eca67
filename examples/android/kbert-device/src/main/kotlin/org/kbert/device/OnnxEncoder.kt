package org.kbert.device

import ai.onnxruntime.NodeInfo
import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtException
import ai.onnxruntime.OrtLoggingLevel
import ai.onnxruntime.OrtSession
import ai.onnxruntime.TensorInfo
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.LongBuffer

/**
 * An ONNX file in ONNX Runtime, on the processor unless the options say otherwise. Buffers are kept, and grow to the
 * longest text.
 *
 * @throws KbertException the file is cut short, or ONNX Runtime does not take it.
 */
class OnnxEncoder(model: ByteBuffer, override val file: String, options: EncoderOptions = EncoderOptions()) : Encoder {
    override val runtime: String
    override val packed: Map<String, ByteArray>
    override val outputs: Map<String, Int>
    override val isActivated: Boolean = false

    private val lock = Any()
    private val environment = OrtEnvironment.getEnvironment()
    private val session: OrtSession
    private val storage = Array(INPUTS.size) { longs(0) }
    private var closed = false

    init {
        session = try {
            OrtSession.SessionOptions().use { given ->
                given.setIntraOpNumThreads(options.threads)
                given.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR)
                options.onnx?.invoke(given)
                environment.createSession(model, given)
            }
        } catch (error: OrtException) {
            throw KbertException(
                "$file: expected an ONNX file, ONNX Runtime does not take it: it may have been cut short " +
                    "(${firstLine(error)})",
                error,
            )
        }
        try {
            runtime = "ONNX Runtime ${environment.version}"
            packed = session.metadata.customMetadata.filterKeys { it.startsWith(PREFIX) }
                .map { (key, value) -> key.removePrefix(PREFIX) to value.toByteArray() }.toMap()
            val missing = INPUTS.firstOrNull { it !in session.inputNames }
            if (missing != null) {
                throw KbertException("$file: expected the inputs ${INPUTS.joinToString(", ")}, $missing is missing")
            }
            outputs = session.outputInfo.mapValues { (_, node) -> lastAxis(node) }
        } catch (error: Exception) {
            session.close()
            throw error as? KbertException ?: KbertException("$file: ${firstLine(error)}", error)
        }
    }

    override fun run(row: TokenRow): Map<String, FloatArray> =
        synchronized(lock) {
            if (closed) throw closed(file)
            val feed = LinkedHashMap<String, OnnxTensor>()
            try {
                val shape = longArrayOf(1, row.size.toLong())
                for (number in INPUTS.indices) {
                    feed[INPUTS[number]] = OnnxTensor.createTensor(environment, filled(number, row), shape)
                }
                session.run(feed).use { found ->
                    found.associate { (name, value) ->
                        val numbers = (value as OnnxTensor).floatBuffer
                        name to FloatArray(numbers.remaining()).also { numbers.get(it) }
                    }
                }
            } catch (error: OrtException) {
                throw KbertException("$file: ONNX Runtime failed at ${row.size} tokens (${firstLine(error)})", error)
            } finally {
                feed.values.forEach(OnnxTensor::close)
            }
        }

    override fun close() =
        synchronized(lock) {
            if (!closed) session.close()
            closed = true
        }

    private fun filled(number: Int, row: TokenRow): LongBuffer {
        if (storage[number].capacity() < row.size) storage[number] = longs(maxOf(row.size, 2 * storage[number].capacity()))
        val target = storage[number]
        target.showOnly(0, row.size)
        for (i in 0 until row.size) {
            target.put(i, if (number == IDS) row.ids[i].toLong() else if (number == MASK) 1 else row.segmentIds[i].toLong())
        }
        return target
    }

    private fun lastAxis(node: NodeInfo): Int = maxOf(0, (node.info as? TensorInfo)?.shape?.lastOrNull()?.toInt() ?: 0)

    private companion object {
        val INPUTS = listOf("input_ids", "attention_mask", "token_type_ids")
        const val IDS = 0
        const val MASK = 1
        const val PREFIX = "kbert:"

        fun longs(count: Int): LongBuffer =
            ByteBuffer.allocateDirect(count * Long.SIZE_BYTES).order(ByteOrder.nativeOrder()).asLongBuffer()
    }
}
