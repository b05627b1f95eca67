package org.kbert.app

import android.content.pm.ApplicationInfo
import android.content.res.Configuration
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.os.Bundle
import android.os.Looper
import android.view.View
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assert.fail
import org.junit.Test
import org.junit.runner.RunWith
import org.kbert.device.ExportFiles
import org.kbert.device.GoldenResult
import org.kbert.device.KbertException
import org.kbert.device.Label
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch

/** The screen, as Android draws it, with a reader that says what it was given. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, qualifiers = "w360dp-h640dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class MainActivityTest {
    open class TestActivity : MainActivity() {
        override fun files(): ExportFiles = Folder

        override fun open(files: ExportFiles, model: String): Reader = Told(model)
    }

    class SlowActivity : TestActivity() {
        override fun open(files: ExportFiles, model: String): Reader {
            loaded.await()
            return super.open(files, model)
        }

        companion object {
            val loaded = CountDownLatch(1)
        }
    }

    @Test
    fun `a typed sentence gets bars, tokens, milliseconds and the file that answered`() {
        val screen = started().get().screen
        assertEquals("model.tflite, told", screen.about.text.toString())
        screen.text.setText("a fine film")
        settle { screen.tokens.text.endsWith("film") }
        assertEquals(listOf("positive", "negative"), screen.bars.labels.map { it.name })
        assertEquals("positive 90.0 %, negative 10.0 %", screen.bars.contentDescription)
        assertEquals("Tokens: a fine film", screen.tokens.text.toString())
        assertTrue(screen.latency.text.matches(Regex("\\d+[.,]\\d\\d ms")))
    }

    @Test
    fun `another file is chosen, and one that does not fit says why`() {
        val screen = started().get().screen
        screen.file.setSelection(1)
        settle { screen.about.text.startsWith("onnx") }
        assertEquals("onnx/model.onnx, told", screen.about.text.toString())
        screen.file.setSelection(2)
        settle { screen.result.text.isNotEmpty() }
        assertEquals("onnx/torn.onnx: it was cut short", screen.result.text.toString())
        assertEquals("", screen.about.text.toString())
    }

    @Test
    fun `the buttons measure and prove`() {
        val screen = started().get().screen
        screen.text.setText("a fine film")
        screen.benchmark.performClick()
        settle { screen.result.text.isNotEmpty() }
        assertTrue(screen.result.text.matches(Regex("50 runs: .* ms, 95 % under .* ms")))
        screen.golden.performClick()
        settle { screen.result.text.startsWith("Golden") }
        assertEquals("Golden: this runtime has a tokenizer of its own", screen.result.text.toString())
    }

    @Test
    fun `a turned phone keeps its text and its model`() {
        val controller = started()
        controller.get().screen.text.setText("a fine film")
        val opened = Told.opened
        val turned = Configuration(RuntimeEnvironment.getApplication().resources.configuration)
        turned.orientation = Configuration.ORIENTATION_LANDSCAPE
        controller.configurationChange(turned)
        val screen = controller.get().screen
        settle { screen.about.text.isNotEmpty() && screen.tokens.text.endsWith("film") }
        assertEquals("a fine film", screen.text.text.toString())
        assertEquals("model.tflite, told", screen.about.text.toString())
        assertEquals(listOf("positive", "negative"), screen.bars.labels.map { it.name })
        assertEquals(opened, Told.opened)
    }

    @Test
    fun `left while it loads it closes the model, and its text is there when Android brings it back`() {
        val left = Robolectric.buildActivity(SlowActivity::class.java).setup()
        val screen = left.get().screen
        settle { screen.about.text.toString() == Texts.LOADING }
        screen.text.setText("a fine film")
        val closed = Told.closed
        val state = Bundle()
        left.pause().stop().saveInstanceState(state).destroy()
        SlowActivity.loaded.countDown()
        settle { Told.closed == closed + 1 }
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(Texts.LOADING, screen.about.text.toString()) // a screen that is gone is told nothing
        val back = Robolectric.buildActivity(TestActivity::class.java).setup(state).get().screen
        settle { back.tokens.text.endsWith("film") }
        assertEquals("a fine film", back.text.text.toString())
        assertEquals("model.tflite, told", back.about.text.toString())
    }

    @Test
    fun `light and dark, left and right, as they are drawn`() {
        val light = drawn("light", "a fine film")
        assertTrue(Color.red(light.getPixel(2, light.height - 2)) > 200)
        RuntimeEnvironment.setQualifiers("+night")
        val dark = drawn("dark", "a fine film")
        assertTrue(Color.red(dark.getPixel(2, dark.height - 2)) < 80)
        RuntimeEnvironment.setQualifiers("+ar-ldrtl-notnight")
        // As supportsRtl in the manifest, which Robolectric is not given: reading it needs Android's packager.
        val about = RuntimeEnvironment.getApplication().applicationInfo
        about.flags = about.flags or ApplicationInfo.FLAG_SUPPORTS_RTL
        val screen = started().get().screen
        screen.text.setText("فيلم جيد")
        settle { screen.tokens.text.endsWith("جيد") }
        assertEquals(View.LAYOUT_DIRECTION_RTL, screen.bars.layoutDirection)
        drawn("rtl", "فيلم جيد")
    }

    private fun drawn(name: String, text: String): Bitmap {
        val activity = started().get()
        activity.screen.text.setText(text)
        settle { activity.screen.tokens.text.endsWith(text) }
        val view = activity.window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        File("target/screens").mkdirs()
        File("target/screens/$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return bitmap
    }

    private fun started(): ActivityController<TestActivity> =
        Robolectric.buildActivity(TestActivity::class.java).setup().also { made ->
            settle { made.get().screen.about.text.endsWith("told") }
        }

    /** Lets the model's thread and the screen's finish what they were asked. */
    private fun settle(done: () -> Boolean) {
        val end = System.nanoTime() + 20_000_000_000
        do {
            shadowOf(Looper.getMainLooper()).idle()
            if (done()) return
            Thread.sleep(5)
        } while (System.nanoTime() < end)
        fail("nothing came in 20 seconds")
    }

    private object Folder : ExportFiles {
        override fun read(name: String): ByteArray? = null

        override fun map(name: String): ByteBuffer? = null

        override fun models(): List<String> = listOf("model.tflite", "onnx/model.onnx", "onnx/torn.onnx")
    }

    private class Told(private val model: String) : Reader {
        init {
            if ("torn" in model) throw KbertException("$model: it was cut short")
            opened++
        }

        override val about: String get() = "$model, told"
        override val needsPair: Boolean get() = false

        override fun read(text: String, textB: String?) =
            Reading(listOf(Label("positive", 0.9f), Label("negative", 0.1f)), "", text.split(" "))

        override fun golden(): GoldenResult? = null

        override fun close() {
            closed++
        }

        companion object {
            @Volatile var opened = 0
            @Volatile var closed = 0
        }
    }
}
