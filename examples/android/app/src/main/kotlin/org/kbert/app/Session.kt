package org.kbert.app

import android.os.Handler
import android.os.Looper
import org.kbert.device.ExportFiles
import org.kbert.device.GoldenResult
import org.kbert.device.KbertException
import java.util.concurrent.Executors

/**
 * The open model and the thread that it works on; outlives the activity when the phone is turned.
 *
 * All calls come from the main thread, and so do all answers. Of texts that wait only the last is read.
 */
internal class Session(private val files: ExportFiles, private val open: (ExportFiles, String) -> Reader) {
    private val worker = Executors.newSingleThreadExecutor()
    private val main = Handler(Looper.getMainLooper())
    private var reader: Reader? = null // touched by the worker alone
    @Volatile private var wanted = 0L
    private var closed = false // touched by the main thread alone

    /** The file that is open or being opened. */
    var file: String? = null
        private set

    fun load(name: String, done: (Result<Reader>) -> Unit) {
        file = name
        worker.execute {
            reader?.close()
            reader = null
            answer(done) { open(files, name).also { reader = it } }
        }
    }

    /** What is open, again; for an activity that was made anew. */
    fun current(done: (Result<Reader>) -> Unit) =
        worker.execute { reader?.let { open -> answer(done) { open } } }

    fun read(text: String, textB: String?, done: (Result<Pair<Reading, Double>>) -> Unit) {
        val number = ++wanted
        worker.execute {
            val open = reader
            if (number == wanted && open != null) answer(done) { timed { open.read(text, textB) } }
        }
    }

    /** The mean and the 95th percentile of [RUNS] runs, in milliseconds, after some to warm up. */
    fun benchmark(text: String, textB: String?, done: (Result<Pair<Double, Double>>) -> Unit) =
        worker.execute {
            val open = reader ?: return@execute
            answer(done) {
                repeat(WARM_UP) { open.read(text, textB) }
                val times = List(RUNS) { timed { open.read(text, textB) }.second }.sorted()
                Pair(times.average(), times[(RUNS * 95 + 99) / 100 - 1])
            }
        }

    fun golden(done: (Result<GoldenResult?>) -> Unit) =
        worker.execute {
            val open = reader ?: return@execute
            answer(done) { open.golden() }
        }

    /** Closes the model once what was begun is done; nothing is answered any more. */
    fun close() {
        closed = true
        worker.execute { reader?.close() }
        worker.shutdown()
    }

    private fun <T> answer(done: (Result<T>) -> Unit, work: () -> T) {
        val found = try {
            Result.success(work())
        } catch (error: KbertException) {
            Result.failure(error)
        }
        // Who is told may ask on, and a closed worker takes nothing.
        main.post { if (!closed) done(found) }
    }

    private fun <T> timed(work: () -> T): Pair<T, Double> {
        val start = System.nanoTime()
        val found = work()
        return Pair(found, (System.nanoTime() - start) / 1e6)
    }

    companion object {
        const val RUNS = 50
        private const val WARM_UP = 10
    }
}
