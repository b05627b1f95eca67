package org.kbert.app

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.text.TextPaint
import android.text.TextUtils
import android.view.View
import org.kbert.device.Label

/** Labels with their probabilities as bars, from the side that the language begins at. */
class LabelBars(context: Context) : View(context) {
    private val density = resources.displayMetrics.density
    private val text = TextPaint(Paint.ANTI_ALIAS_FLAG).apply {
        textSize = 16 * resources.displayMetrics.scaledDensity
        color = themeColor(context, android.R.attr.textColorPrimary)
    }
    private val bar = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = themeColor(context, android.R.attr.colorAccent) }
    private val track = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = themeColor(context, android.R.attr.textColorPrimary)
        alpha = 30
    }

    /** The likeliest first; only so many are shown. */
    var labels: List<Label> = listOf()
        set(value) {
            val shown = value.take(SHOWN)
            if (shown.size != field.size) requestLayout()
            field = shown
            contentDescription = shown.joinToString { "${it.name} ${percent(it.probability.toDouble())}" }
            invalidate()
        }

    override fun onMeasure(widthMeasureSpec: Int, heightMeasureSpec: Int) {
        val height = (labels.size * rowHeight()).toInt() + paddingTop + paddingBottom
        setMeasuredDimension(getDefaultSize(suggestedMinimumWidth, widthMeasureSpec), resolveSize(height, heightMeasureSpec))
    }

    override fun onDraw(canvas: Canvas) {
        val right = layoutDirection == LAYOUT_DIRECTION_RTL
        for ((row, label) in labels.withIndex()) {
            val top = paddingTop + row * rowHeight()
            val share = percent(label.probability.toDouble())
            val room = width - text.measureText(share) - 12 * density
            val name = TextUtils.ellipsize(label.name, text, room, TextUtils.TruncateAt.END).toString()
            val baseline = top - text.fontMetrics.ascent
            draw(canvas, name, baseline, atRight = right)
            draw(canvas, share, baseline, atRight = !right)
            val barTop = baseline + text.fontMetrics.descent + 2 * density
            val length = width * label.probability.coerceIn(0f, 1f)
            canvas.drawRect(0f, barTop, width.toFloat(), barTop + 6 * density, track)
            val start = if (right) width - length else 0f
            canvas.drawRect(start, barTop, start + length, barTop + 6 * density, bar)
        }
    }

    private fun draw(canvas: Canvas, said: String, baseline: Float, atRight: Boolean) =
        canvas.drawText(said, if (atRight) width - text.measureText(said) else 0f, baseline, text)

    private fun rowHeight(): Float = text.fontSpacing + 18 * density

    private companion object {
        const val SHOWN = 10
    }
}

/** A colour of the theme, light or dark. */
internal fun themeColor(context: Context, attribute: Int): Int {
    val values = context.obtainStyledAttributes(intArrayOf(attribute))
    return values.getColor(0, 0).also { values.recycle() }
}
