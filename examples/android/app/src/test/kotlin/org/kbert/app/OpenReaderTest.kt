package org.kbert.app

import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assume.assumeTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.kbert.device.ExportFolder
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import java.io.File

/** What the screen shows of every task's model, in ONNX Runtime, and the golden button's work. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE)
class OpenReaderTest {
    @Test
    fun `every task has something to show, and its tokenizer passes its golden file`() {
        val folder = System.getenv("KBERT_PARITY")
        assumeTrue("run by pytest tests/device, which exports a model of each task", folder != null)
        val cases = File(folder!!).listFiles { file -> file.name.startsWith("answers-") }!!.sorted()
        assertTrue(cases.size >= 8)
        for (file in cases) {
            val case = JSONObject(file.readText())
            val files = ExportFolder(File(case.getString("folder")))
            openReader(RuntimeEnvironment.getApplication(), files, case.getString("model")).use { reader ->
                assertTrue(reader.about.endsWith(case.getString("task")))
                val reading = reader.read("the film was good", if (reader.needsPair) "a good day, a bad film!" else null)
                assertEquals("[CLS]", reading.tokens.first())
                assertEquals("[SEP]", reading.tokens.last())
                assertTrue("${file.name}: ${reading.line}", reading.labels.isNotEmpty() || reading.line.isNotEmpty())
                val golden = reader.golden()!!
                assertEquals(null, golden.firstWrong)
                assertEquals(35, golden.texts)
                assertTrue(golden.passed)
            }
        }
        println("${cases.size} models pass their golden files behind the screen")
    }
}
