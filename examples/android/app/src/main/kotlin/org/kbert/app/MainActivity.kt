package org.kbert.app

import android.app.Activity
import android.content.res.Configuration
import android.os.Bundle
import android.text.Editable
import android.text.TextWatcher
import android.view.View
import android.widget.AdapterView
import org.kbert.device.AssetFiles
import org.kbert.device.ExportFiles

/** Type a sentence, see what the model says of it. */
open class MainActivity : Activity() {
    internal lateinit var screen: Screen
    private lateinit var session: Session

    /** The export directory; a test has another. */
    protected open fun files(): ExportFiles = AssetFiles(assets, "export")

    protected open fun open(files: ExportFiles, model: String): Reader = openReader(applicationContext, files, model)

    override fun onCreate(savedInstanceState: Bundle?) {
        setTheme(if (isNight()) android.R.style.Theme_Material else android.R.style.Theme_Material_Light)
        super.onCreate(savedInstanceState)
        title = Texts.TITLE
        screen = Screen(this)
        setContentView(screen.root)
        val files = files()
        // After a rotation the model is still open: loading it again would take as long as at the start.
        val kept = lastNonConfigurationInstance as Session?
        session = kept ?: Session(files, ::open)
        val models = files.models()
        if (models.isEmpty()) screen.about.text = Texts.NO_MODEL
        screen.show(models)
        session.file?.let {
            screen.file.setSelection(models.indexOf(it))
            session.current(::opened)
        }
        screen.file.onItemSelectedListener = Selected { choose(models[it]) }
        screen.text.addTextChangedListener(Changed(::read))
        screen.textB.addTextChangedListener(Changed(::read))
        screen.benchmark.setOnClickListener { benchmark() }
        screen.golden.setOnClickListener { golden() }
    }

    @Deprecated("Of a plain Activity there is no other way to keep what is not data.")
    override fun onRetainNonConfigurationInstance(): Any = session

    override fun onDestroy() {
        super.onDestroy()
        if (!isChangingConfigurations) session.close()
    }

    private fun choose(model: String) {
        if (model == session.file) return
        screen.about.text = Texts.LOADING
        session.load(model, ::opened)
    }

    private fun opened(reader: Result<Reader>) {
        reader.onSuccess {
            screen.show(it)
            read()
        }.onFailure(::fail)
    }

    private fun read() =
        session.read(text(), textB()) { found ->
            found.onSuccess { (reading, milliseconds) -> screen.show(reading, milliseconds) }.onFailure(::fail)
        }

    private fun benchmark() =
        session.benchmark(text(), textB()) { found ->
            found.onSuccess { (mean, high) ->
                screen.result.text = "%d runs: %.2f ms, 95 %% under %.2f ms".format(Session.RUNS, mean, high)
            }.onFailure(::fail)
        }

    private fun golden() =
        session.golden { found ->
            found.onSuccess {
                screen.result.text = when {
                    it == null -> Texts.OTHER_TOKENIZER
                    it.passed -> "Golden: all ${it.texts} texts pass"
                    else -> "Golden: ${it.wrong} of ${it.texts} texts FAIL. ${it.firstWrong}"
                }
            }.onFailure(::fail)
        }

    private fun fail(error: Throwable) {
        screen.result.text = error.message
        if (screen.about.text.toString() == Texts.LOADING) screen.about.text = ""
    }

    private fun text(): String = screen.text.text.toString()

    private fun textB(): String? = screen.textB.text.toString().ifEmpty { null }

    private fun isNight(): Boolean =
        resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK == Configuration.UI_MODE_NIGHT_YES
}

private class Changed(private val act: () -> Unit) : TextWatcher {
    override fun beforeTextChanged(text: CharSequence?, start: Int, count: Int, after: Int) = Unit

    override fun onTextChanged(text: CharSequence?, start: Int, before: Int, count: Int) = act()

    override fun afterTextChanged(text: Editable?) = Unit
}

private class Selected(private val act: (Int) -> Unit) : AdapterView.OnItemSelectedListener {
    override fun onItemSelected(parent: AdapterView<*>?, view: View?, position: Int, id: Long) = act(position)

    override fun onNothingSelected(parent: AdapterView<*>?) = Unit
}
