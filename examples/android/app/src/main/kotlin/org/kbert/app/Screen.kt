package org.kbert.app

import android.content.Context
import android.text.InputType
import android.util.TypedValue
import android.view.View
import android.view.ViewGroup
import android.widget.ArrayAdapter
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.Spinner
import android.widget.TextView

/** The one screen: what is typed, what the model says of it, and what it runs on. The ids keep texts over a rotation. */
internal class Screen(context: Context) {
    val text = field(context, 1, Texts.HINT)
    val textB = field(context, 2, Texts.HINT_B)
    val file = Spinner(context).apply {
        id = 3
        contentDescription = Texts.CHOOSE
        minimumHeight = (48 * resources.displayMetrics.density).toInt()
    }
    val bars = LabelBars(context)
    val line = said(context, 18f)
    val latency = said(context, 14f)
    val tokens = said(context, 14f)
    val about = said(context, 14f)
    val result = said(context, 14f)
    val benchmark = Button(context).apply { text = Texts.BENCHMARK }
    val golden = Button(context).apply { text = Texts.GOLDEN }
    val root: View

    init {
        val space = (16 * context.resources.displayMetrics.density).toInt()
        val buttons = LinearLayout(context).apply {
            addView(benchmark)
            addView(golden)
        }
        val column = LinearLayout(context).apply {
            orientation = LinearLayout.VERTICAL
            setPaddingRelative(space, space, space, space)
            val width = ViewGroup.LayoutParams.MATCH_PARENT
            val height = ViewGroup.LayoutParams.WRAP_CONTENT
            for (view in listOf(text, textB, bars, line, latency, tokens, file, about, buttons, result)) {
                addView(view, LinearLayout.LayoutParams(width, height).apply { bottomMargin = space / 2 })
            }
        }
        // Android 15 draws under the bars of the system, unless a view keeps out of them.
        root = ScrollView(context).apply {
            fitsSystemWindows = true
            isFillViewport = true
            addView(column)
        }
    }

    fun show(files: List<String>) {
        val adapter = ArrayAdapter(file.context, android.R.layout.simple_spinner_item, files)
        adapter.setDropDownViewResource(android.R.layout.simple_spinner_dropdown_item)
        file.adapter = adapter
    }

    fun show(reading: Reading, milliseconds: Double) {
        bars.labels = reading.labels
        line.text = reading.line
        line.visibility = if (reading.line.isEmpty()) View.GONE else View.VISIBLE
        latency.text = "%.2f ms".format(milliseconds)
        tokens.text = if (reading.tokens.isEmpty()) "" else "${Texts.TOKENS}: ${reading.tokens.take(SHOWN).joinToString(" ")}"
    }

    fun show(reader: Reader) {
        about.text = reader.about
        text.hint = if (reader.needsPair) Texts.HINT_QUESTION else Texts.HINT
        textB.hint = if (reader.needsPair) Texts.HINT_CONTEXT else Texts.HINT_B
    }

    private fun field(context: Context, id: Int, hint: String) =
        EditText(context).apply {
            this.id = id
            this.hint = hint
            inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_MULTI_LINE
            maxLines = 6
            asItBegins()
        }

    private fun said(context: Context, size: Float) =
        TextView(context).apply {
            setTextSize(TypedValue.COMPLEX_UNIT_SP, size)
            setTextIsSelectable(true)
            asItBegins()
        }

    /** Each text runs in the direction of its own first letter. */
    private fun TextView.asItBegins() {
        textDirection = View.TEXT_DIRECTION_FIRST_STRONG
        textAlignment = View.TEXT_ALIGNMENT_VIEW_START
    }

    private companion object {
        const val SHOWN = 200
    }
}
